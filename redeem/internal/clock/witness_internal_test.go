package clock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/record"
)

// earliest is the earliest moment at a count; 0: nothing is known.
func (k *knowledge) earliest(passed int64) int64 {
	if best, ok := k.best(); ok {
		return best.lead() + passed
	}
	return 0
}

// Statements come in any order, right and wrong ones, over restarts of the machine, with the wall clock set to
// anything. What is known never goes back by itself; right statements alone never put it after the truth; and when the
// wrong ones are withdrawn, what is left lies before the truth again.
func TestWhateverIsSaidOfTheTime(t *testing.T) {
	const hour = int64(time.Hour / time.Millisecond)
	rapid.Check(t, func(rt *rapid.T) {
		var k knowledge
		truth, passed, run := int64(1_800_000_000_000), int64(0), uint64(1)
		most := rapid.SampledFrom([]int64{hour, 7 * 24 * hour}).Draw(rt, "most")
		lied, number := false, uint64(0)
		shift := 20 * 365 * 24 * hour // what is wrong lies so far ahead that no right statement says the same
		say := func(rt *rapid.T, millis int64) {
			before, wall := k.earliest(passed), truth+rapid.Int64Range(-100*hour, 300*hour).Draw(rt, "wall")
			heard := k.hears(run)
			claimed := k.Claim
			now := rapid.Bool().Draw(rt, "now")
			k.add(statement{Millis: millis, Correction: number, At: passed, Run: run, Now: now}, wall, most)
			after := k.earliest(passed)
			require.GreaterOrEqual(rt, after, before, "what is known does not go back")
			if heard && after > before+evidence.Slack.Milliseconds() {
				require.GreaterOrEqual(rt, passed-claimed.At, hour, "the count says that so much did not pass")
			}
			require.LessOrEqual(rt, len(k.Confirmed), maxWitnesses)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"time passes": func(rt *rapid.T) {
				d := rapid.Int64Range(1, 3*hour).Draw(rt, "millis")
				truth, passed = truth+d, passed+d
			},
			"the machine is off": func(rt *rapid.T) {
				truth, run = truth+rapid.Int64Range(0, 100*hour).Draw(rt, "off"), run+1
			},
			"right":                func(rt *rapid.T) { say(rt, truth) },
			"right, and held back": func(rt *rapid.T) { say(rt, truth-rapid.Int64Range(1, 50*hour).Draw(rt, "late")) },
			"wrong": func(rt *rapid.T) {
				lied = true
				say(rt, truth+shift+rapid.Int64Range(0, hour).Draw(rt, "ahead"))
			},
			"withdrawn": func(rt *rapid.T) {
				number++
				from := int64(1_800_000_000_000) + shift
				require.True(rt, k.withdraw(number, []record.Withdrawal{{Number: number, From: from, Until: from + shift}}),
					"correction %d is newer than the one before", number)
				require.False(rt, k.withdraw(number, nil), "the same again does nothing")
				lied = false
			},
			"": func(rt *rapid.T) {
				if !lied {
					require.LessOrEqual(rt, k.earliest(passed), truth, "nothing that was right is after the truth")
				}
			},
		})
	})
}

// While a clock is wrong for weeks, and every statement of it is believed, one from before stays to go back to.
func TestAWitnessFromBeforeStays(t *testing.T) {
	const hour = int64(time.Hour / time.Millisecond)
	var k knowledge
	truth, passed := int64(1_800_000_000_000), int64(0)
	say := func(ahead int64) {
		k.add(statement{Millis: truth + ahead, At: passed, Run: 1, Now: true}, truth, 7*24*hour)
	}
	for range 100 { // days in which all is well
		truth, passed = truth+hour, passed+hour
		say(0)
	}
	for range 100 * 24 * 4 {
		truth, passed = truth+hour/4, passed+hour/4
		say(3 * hour)
	}
	require.Greater(t, k.earliest(passed), truth+2*hour, "it is believed")
	wrong := record.Withdrawal{Number: 1, From: truth - 100*24*hour, Until: truth + 4*hour}
	require.True(t, k.withdraw(1, []record.Withdrawal{wrong}), "it is the first correction")
	require.InDelta(t, truth, k.earliest(passed), float64(evidence.Slack.Milliseconds()),
		"the machine counted on from what stood before")
}
