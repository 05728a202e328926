package effect_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/transport/backend/internal/effect"
)

// Newcombe, Interval estimation for the difference between independent proportions (Statistics in Medicine 17, 1998),
// table II, method 10, to four places.
func TestTheIntervalIsThatOfThePaper(t *testing.T) {
	for _, c := range []struct {
		answered, heldOut effect.Arm
		low, high         float64
	}{
		{effect.Arm{Devices: 70, Outcomes: 56}, effect.Arm{Devices: 80, Outcomes: 48}, 0.0524, 0.3339},
	} {
		d := effect.Compare(c.answered, c.heldOut)
		assert.InDelta(t, c.low, d.Low, 0.00005, "the lower end of %v", c)
		assert.InDelta(t, c.high, d.High, 0.00005, "the upper end of %v", c)
	}
}

func TestTooLittleTellsNothing(t *testing.T) {
	most := effect.Arm{Devices: 1000, Outcomes: 100}
	for name, c := range map[string][2]effect.Arm{
		"no device":             {},
		"few answered devices":  {{Devices: effect.LeastDevices - 1, Outcomes: 20}, most},
		"few held out devices":  {most, {Devices: effect.LeastDevices - 1, Outcomes: 20}},
		"nearly nobody does it": {{Devices: 1000, Outcomes: effect.LeastOutcomes - 1}, {Devices: 1000}},
	} {
		d := effect.Compare(c[0], c[1])
		assert.Equal(t, effect.Difference{}, d, name)
		assert.False(t, d.Raises() || d.Lowers(), "%s: it says nothing", name)
	}
	least := effect.Compare(effect.Arm{Devices: effect.LeastDevices, Outcomes: effect.LeastOutcomes},
		effect.Arm{Devices: effect.LeastDevices})
	assert.True(t, least.Enough, "as much as is needed")
	assert.True(t, least.Raises(), "ten of fifty beside none is a difference: %+v", least)
}

func TestTheIntervalIsBoundedAndHasTwoSides(t *testing.T) {
	for _, devices := range []int64{50, 51, 333, 1e6} {
		all, none := effect.Arm{Devices: devices, Outcomes: devices}, effect.Arm{Devices: devices}
		up, down := effect.Compare(all, none), effect.Compare(none, all)
		assert.Equal(t, 1.0, up.High, "of %d devices", devices)
		assert.InDelta(t, -1, down.Low, 1e-12, "of %d devices", devices)
		assert.True(t, up.Raises() && !up.Lowers() && down.Lowers() && !down.Raises(), "it has a side")
		assert.InDelta(t, up.Low, -down.High, 1e-12, "the other way round it is the same")
	}
}

// seeds is how many trials are drawn: each is one experiment of so many devices.
const seeds, devices = 2000, 2000

// draw is a trial in which each device is held out by chance, and does it with a chance of its arm.
func draw(seed uint64, heldOut, base, lift float64) effect.Difference {
	chance := rand.New(rand.NewPCG(seed, 20261126))
	var arms [2]effect.Arm
	for range devices {
		arm, rate := &arms[0], base+lift
		if chance.Float64() < heldOut {
			arm, rate = &arms[1], base
		}
		arm.Devices++
		if chance.Float64() < rate {
			arm.Outcomes++
		}
	}
	return effect.Compare(arms[0], arms[1])
}

func TestTheIntervalCoversTheTruthIn95Of100Trials(t *testing.T) {
	for _, base := range []float64{0.02, 0.1, 0.3} {
		for _, heldOut := range []float64{0.1, 0.5} {
			const lift = 0.03
			covered, alarms := 0, 0
			for seed := range uint64(seeds) {
				if d := draw(seed, heldOut, base, lift); d.Low <= lift && lift <= d.High {
					covered++
				}
				if d := draw(seed+seeds, heldOut, base, 0); d.Raises() || d.Lowers() {
					alarms++
				}
			}
			rate, alarm := float64(covered)/seeds, float64(alarms)/seeds
			assert.True(t, rate >= 0.935 && rate <= 0.965, "at %v, %v held out: the truth is covered in %v", base, heldOut, rate)
			assert.LessOrEqual(t, alarm, 0.065, "at %v, %v held out: equal arms raise an alarm", base, heldOut)
			t.Logf("at %v, %v held out: covered %v, alarms %v", base, heldOut, rate, alarm)
		}
	}
}
