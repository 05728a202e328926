package journal_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// A torturer runs steps on a log in memory and looks, before every operation on the file system, at states in which the
// disk could be left if the power went now.
type torturer struct {
	t      *testing.T
	fs     *vfs.Memory
	states atomic.Int64
	seed   uint64

	mu     sync.Mutex
	w      witness
	failed error
}

func (x *torturer) before(op vfs.Operation) error {
	x.look(op, 6)
	return nil
}

// look looks at so many states before the operation.
func (x *torturer) look(op vfs.Operation, ways int) {
	x.mu.Lock()
	w := x.w
	w.acked, w.next = w.acked.clone(), w.next.clone()
	var crashed []*vfs.Memory
	for _, way := range x.fs.Crashes(ways, x.seed+uint64(x.states.Load())) {
		crashed = append(crashed, x.fs.Crash(way))
	}
	x.mu.Unlock()
	for i, fs := range crashed {
		x.states.Add(1)
		if err := w.check(fs); err != nil {
			x.fail(fmt.Errorf("crash %d before %v: %w", i, op, err))
		}
	}
}

func (x *torturer) failure() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.failed
}

func (x *torturer) fail(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.failed == nil {
		x.failed = err
	}
}

// run draws and takes steps until enough states were seen.
func (x *torturer) run(random *rand.Rand, steps int) {
	x.w = witness{acked: &model{records: map[journal.ID]known{}}, now: time.Unix(1_800_000_000, 0)}
	x.w.next = x.w.acked
	p := &planner{random: random}
	ctx := vfs.WithFS(context.Background(), x.fs)
	l := x.open(ctx)
	for n := 0; n < steps && x.failure() == nil; n++ {
		x.mu.Lock()
		x.w.now = x.w.now.Add(time.Duration(random.IntN(40)) * time.Minute)
		p.now = x.w.now
		s := p.step(x.w.acked)
		x.w.next = s.model
		x.mu.Unlock()
		if s.reopen {
			_ = l.Close()
			l = x.open(ctx)
			x.mu.Lock()
			w := x.w
			x.mu.Unlock()
			if err := w.settleOn(l); err != nil {
				x.fail(fmt.Errorf("reopened: %w", err))
			}
			x.mu.Lock()
			x.w = w
			x.mu.Unlock()
			continue
		}
		x.done(s, s.take(ctx, l))
	}
	if err := l.Close(); x.failure() == nil && !errors.Is(err, syscall.EIO) && !errors.Is(err, syscall.ENOSPC) {
		x.failed = err
	}
	require.NoError(x.t, x.failed)
}

func (x *torturer) open(ctx context.Context) *journal.Log {
	cfg := x.w.config()
	cfg.Now = func() time.Time {
		x.mu.Lock()
		defer x.mu.Unlock()
		return x.w.now
	}
	for {
		l, err := journal.Open(ctx, "j", cfg)
		if err == nil {
			return l
		}
		if !errors.Is(err, syscall.EIO) && !errors.Is(err, syscall.ENOSPC) {
			require.NoError(x.t, err, "only what was made to fail may fail")
		}
	}
}

// done takes note of what came of a step.
func (x *torturer) done(s step, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch fault.CodeOf(err) {
	case "":
		if err != nil && x.failed == nil {
			x.failed = fmt.Errorf("%s: %w", s.name, err)
		}
		x.w.acked, x.w.next = s.model, s.model
		if s.entries != nil || s.note != "" {
			x.w.maybe = nil
		}
	case fault.OutcomeUnknown:
		// What was under way may turn up until something else is acknowledged.
		x.w.maybe, x.w.next = append(x.w.maybe, s.model), x.w.acked
	case fault.DiskFull, fault.DiskFailed:
		x.w.next = x.w.acked
	default:
		x.failed = fmt.Errorf("%s: %w", s.name, err)
	}
}

// take runs a step on a log.
func (s *step) take(ctx context.Context, l *journal.Log) error {
	switch {
	case s.entries != nil:
		return l.Append(ctx, func(*journal.View) ([]journal.Entry, error) { return s.entries, nil })
	case s.note != "":
		return l.Settle(ctx, s.settle, []byte(s.evidence), journal.Note{Slot: "cursor", Value: []byte(s.note)})
	case s.hand != nil:
		return l.HandOver(ctx, s.hand...)
	case s.requeue != nil:
		return l.Requeue(ctx, s.requeue...)
	case s.tidy:
		l.LetMove(s.move...)
		return l.Tidy(ctx)
	}
	return nil
}

func TestEveryCrashKeepsWhatWasAcknowledged(t *testing.T) {
	random, seed := seeded(t)
	wanted := int64(500)
	if *long {
		wanted = 12_000
	}
	states, returned := int64(0), 0
	for states < wanted && !t.Failed() {
		x := &torturer{t: t, fs: &vfs.Memory{}, seed: seed}
		x.fs.Before = x.before
		x.run(random, 150)
		states += x.states.Load()
		returned++
	}
	t.Logf("%d states of %d workloads", states, returned)
}

// failing are the ways in which an operation fails, once or from then on.
var failing = []struct {
	name  string
	err   error
	times int
	match func(vfs.Operation) bool
}{
	{"flush fails once", syscall.EIO, 1, func(op vfs.Operation) bool { return op.Kind == "sync" }},
	{"flush fails from now on for a while", syscall.EIO, 5, func(op vfs.Operation) bool { return op.Kind == "sync" }},
	{"write fails", syscall.EIO, 1, func(op vfs.Operation) bool { return op.Kind == "write" }},
	{"write finds the disk full", syscall.ENOSPC, 3, func(op vfs.Operation) bool { return op.Kind == "write" }},
	{"write is short on a full disk", &vfs.ShortWrite{Bytes: 700, Err: syscall.ENOSPC}, 2, func(op vfs.Operation) bool {
		return op.Kind == "write"
	}},
	{"anything fails", syscall.EIO, 2, nil},
	{"anything finds the disk full", syscall.ENOSPC, 20, nil},
}

func TestEveryFailureKeepsWhatWasAcknowledged(t *testing.T) {
	random, seed := seeded(t)
	every := 29
	if *long {
		every = 1
	}
	for _, f := range failing {
		t.Run(f.name, func(t *testing.T) {
			states := int64(0)
			for nth := 1 + random.IntN(every); nth < 250 && !t.Failed(); nth += every {
				failure := &vfs.Failure{Match: f.match, Nth: nth, Times: f.times, Err: f.err}
				x := &torturer{t: t, fs: &vfs.Memory{}, seed: seed}
				x.fs.Before = func(op vfs.Operation) error { return x.failAndCrash(failure, op) }
				x.run(random, 60)
				states += x.states.Load()
			}
			t.Logf("%d states", states)
		})
	}
}

// failAndCrash lets the operation fail where it is its turn. From shortly before on it looks at crashes.
func (x *torturer) failAndCrash(failure *vfs.Failure, op vfs.Operation) error {
	err := failure.Fail(op)
	if n := failure.Count(); err != nil || n > failure.Nth && n < failure.Nth+8 {
		x.look(op, 3)
	}
	if err != nil && op.Kind == "sync" {
		x.fs.Forget(op.Name)
	}
	return err
}
