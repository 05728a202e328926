package replay

import (
	"math/rand/v2"
	"time"
)

// A chance draws what happens.
type chance struct{ *rand.Rand }

// A jitter is Config.Random of a terminal. It begins anew with each step, as source does.
type jitter struct{ rand.PCG }

func newChance(seed, stream uint64) chance { return chance{rand.New(rand.NewPCG(seed, stream))} }

// in is true once in n times.
func (c chance) in(n int) bool { return c.IntN(n) == 0 }

// span is between two durations: in whole seconds, or mostly in whole hours, so that what is compared is often equal.
func (c chance) span(from, to time.Duration) time.Duration {
	unit := time.Second
	if to-from >= time.Hour && !c.in(3) {
		unit = time.Hour
	}
	return from + time.Duration(c.Int64N(int64((to-from)/unit)+1))*unit
}

// amount is from 0 to most, mostly a multiple of 50, so that sums often reach a limit to the unit.
func (c chance) amount(most int64) int64 {
	if c.in(4) {
		return c.Int64N(most + 1)
	}
	return c.Int64N(most/50+1) * 50
}

func pick[T any](c chance, from ...T) T { return from[c.IntN(len(from))] }

func (c chance) bytes(b []byte) {
	for i := range b {
		b[i] = byte(c.Uint32())
	}
}
