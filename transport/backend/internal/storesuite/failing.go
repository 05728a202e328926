package storesuite

import (
	"context"
	"sync"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/store"
)

// An injector has one read of a store fail. Its methods may be called from several goroutines.
type injector struct {
	mu sync.Mutex
	// left is how many reads there are until one fails, that one included; 0: none does.
	left int
	// failed is the read that failed since arm was called; "": none.
	failed string
	// covered counts the reads that failed by their names.
	covered map[string]int
	// believed are transactions that went on as if nothing had failed.
	believed []string
}

// arm has the nth read from now fail, once.
func (i *injector) arm(nth int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.left, i.failed = nth, ""
}

// disarm has no read fail, and returns the one that failed since arm; "": none.
func (i *injector) disarm() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.left = 0
	return i.failed
}

// read is called before a read with its name. It returns the error with which the read fails, or nil.
func (i *injector) read(name string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.left == 0 {
		return nil
	}
	if i.left--; i.left > 0 {
		return nil
	}
	i.failed = name
	if i.covered == nil {
		i.covered = map[string]int{}
	}
	i.covered[name]++
	return fault.New(fault.Unavailable, "", "the read %s failed", name)
}

// check is called with what a transaction returned in which a read failed; "": none did.
func (i *injector) check(failed string, err error) {
	if failed == "" || err != nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.believed = append(i.believed, failed)
}

// A failing store has reads of a Store fail, method by method.
type failing struct {
	store.Store
	*injector
}

func (s *failing) View(ctx context.Context, fn func(store.Tx) error) error {
	return s.Store.View(ctx, s.watch(fn))
}

func (s *failing) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.Store.Update(ctx, s.watch(fn))
}

func (s *failing) watch(fn func(store.Tx) error) func(store.Tx) error {
	return func(tx store.Tx) error {
		f := &failingTx{Tx: tx, injector: s.injector}
		err := fn(f)
		s.check(f.name, err)
		return err
	}
}

// A failingTx is a Tx of a failing store. What writes alone is the Tx's own.
type failingTx struct {
	store.Tx
	*injector
	name string // of the read that failed; "": none did
}

// try reads, unless it is this read's turn to fail.
func try[T any](t *failingTx, name string, read func() (T, error)) (v T, err error) {
	if err := t.read(name); err != nil {
		t.name = name
		return v, err
	}
	return read()
}
