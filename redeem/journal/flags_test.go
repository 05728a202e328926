package journal_test

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	long     = flag.Bool("long", false, "run the long versions of the tests that break things")
	seedFlag = flag.Uint64("seed", 0, "seed of the random tests; 0: a new one")
)

// seeded returns a source that a failing test can be repeated with.
func seeded(t testing.TB) (*rand.Rand, uint64) {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (repeat with -args -seed %d)", seed, seed)
	return rand.New(rand.NewPCG(seed, 1)), seed
}
