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

// span is between two durations, in whole seconds.
func (c chance) span(from, to time.Duration) time.Duration {
	return from + time.Duration(c.Int64N(int64((to-from)/time.Second)+1))*time.Second
}

func pick[T any](c chance, from ...T) T { return from[c.IntN(len(from))] }

func (c chance) bytes(b []byte) {
	for i := range b {
		b[i] = byte(c.Uint32())
	}
}
