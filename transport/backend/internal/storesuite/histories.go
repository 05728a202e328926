package storesuite

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/offlane/offlane/transport/backend/store"
)

var (
	long     = flag.Bool("long", false, "take all steps of the histories, not a few")
	seedFlag = flag.Uint64("seed", 20261126, "seed of the histories; 0: a new one")
	most     = flag.Int("steps", 100, "how many steps of the histories are taken at most without -long")
)

// IsLong reports whether the flag -long asks for the long versions of tests.
func IsLong() bool { return *long }

// SkipUnlessLong skips a test without the flag -long.
func SkipUnlessLong(t testing.TB) {
	t.Helper()
	if !*long {
		t.Skip("it is played with the flag -long")
	}
}

// Histories are as in package storetest.
type Histories struct {
	// Open returns an empty store.
	Open func(testing.TB) store.Store
	// Copy returns another store that holds what a store holds, as a backup does. Both are closed by the history.
	Copy func(testing.TB, store.Store) store.Store
	// Steps is how many steps are taken with the flag -long; without it no more than the flag -steps says.
	Steps int
	// Every is after how many steps the books are compared. Answers are compared always.
	Every int
}

// life is how many steps a backend lives.
const life = 500

// Run takes the steps. A failure is repeated with fewer steps, and the last of them are printed.
func (h Histories) Run(t *testing.T) {
	t.Helper()
	seed, steps := *seedFlag, h.Steps
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	if !*long {
		steps = min(steps, *most)
	}
	t.Logf("seed %d: repeat with -args -seed %d", seed, seed)
	source, start, total := rand.New(rand.NewPCG(seed, 1)), time.Now(), tally{}
	for done := 0; done < steps; done += life {
		lifeSeed, plan := source.Uint64(), make([]uint64, min(life, steps-done))
		for i := range plan {
			plan[i] = source.Uint64()
		}
		w, failed := h.live(t, lifeSeed, plan)
		if failed != nil {
			plan, w, failed = h.shrink(t, lifeSeed, plan[:min(w.step+1, len(plan))], w, failed)
			t.Fatalf("seed %d: after %d steps: %s\nthe last of %d steps that are enough:\n%s",
				seed, done, failed, len(plan), strings.Join(w.log, "\n"))
		}
		total.add(w.tally)
	}
	t.Logf("%d steps in %v: %s", steps, time.Since(start).Round(time.Millisecond), total)
}

// A failure is why a life ended early.
type failure struct{ text string }

func (f *failure) String() string { return f.text }

// live takes the steps of a plan.
func (h *Histories) live(t testing.TB, seed uint64, plan []uint64) (w *world, failed *failure) {
	t.Helper()
	w = newWorld(t, h, seed)
	defer w.close()
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *failure:
			failed = p
		default:
			panic(p)
		}
	}()
	w.begin()
	for i, step := range plan {
		w.step = i
		w.rng = rand.New(rand.NewPCG(seed, step))
		w.take(steps)
	}
	w.step = len(plan)
	w.end()
	return w, nil
}

// How long a failure is repeated with fewer steps.
const (
	shrinkFor   = 20 * time.Second
	shrinkTimes = 400
)

// shrink leaves steps out as long as the life still fails.
func (h *Histories) shrink(t testing.TB, seed uint64, plan []uint64, w *world, failed *failure) (
	[]uint64, *world, *failure) {
	t.Helper()
	until, times := time.Now().Add(shrinkFor), 0
	for size := len(plan) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(plan) && times < shrinkTimes && time.Now().Before(until); times++ {
			fewer := append(append([]uint64{}, plan[:at]...), plan[at+size:]...)
			again, stillFailed := h.live(t, seed, fewer)
			if stillFailed == nil {
				at += size
				continue
			}
			plan, w, failed = fewer[:min(again.step+1, len(fewer))], again, stillFailed
		}
	}
	return plan, w, failed
}

// A tally counts what happened, by what it is.
type tally map[string]int

func (t tally) add(other tally) {
	for name, n := range other {
		t[name] += n
	}
}

func (t tally) String() string {
	var parts []string
	for _, name := range sortedKeys(t) {
		parts = append(parts, fmt.Sprintf("%d %s", t[name], name))
	}
	return strings.Join(parts, ", ")
}
