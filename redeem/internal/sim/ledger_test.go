package sim

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/transport/backend/store"
)

// A ledger is a backend's database in memory, of which a backup can be made, to be restored later.
type ledger struct {
	mu     sync.Mutex
	at     time.Time // of a backup: when it was made
	tables map[string]*table
}

// A table keeps its rows, and their keys in order once somebody asked for that.
type table struct {
	rows    map[string][]byte
	keys    []string
	ordered bool
}

func newLedger() *ledger {
	l := &ledger{tables: map[string]*table{}}
	for _, name := range store.Tables() {
		l.tables[name] = &table{rows: map[string][]byte{}}
	}
	return l
}

// copy returns a backup. The rows' bytes are never changed in place, so both may have them.
func (l *ledger) copy() *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &ledger{tables: map[string]*table{}, at: time.Now()}
	for name, t := range l.tables {
		c.tables[name] = &table{rows: maps.Clone(t.rows)}
	}
	return c
}

func (l *ledger) View(_ context.Context, fn func(store.KeysTx) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fn(&ledgerTx{ledger: l})
}

// Update writes at once and takes it back after an error.
func (l *ledger) Update(_ context.Context, fn func(store.KeysTx) error) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	tx := &ledgerTx{ledger: l}
	done := false
	defer func() {
		if !done {
			for _, was := range slices.Backward(tx.undo) {
				l.tables[was.table].set(was.key, was.value)
			}
		}
	}()
	err = fn(tx)
	done = err == nil
	return err
}

func (l *ledger) Close() error { return nil }

type ledgerTx struct {
	*ledger
	undo []was
}

// was is what a row held before.
type was struct {
	table, key string
	value      []byte
}

func (tx *ledgerTx) Get(table string, key []byte) ([]byte, error) {
	return tx.tables[table].rows[string(key)], nil
}

func (tx *ledgerTx) Put(table string, key, value []byte) error {
	return tx.set(table, string(key), append([]byte{}, value...))
}

func (tx *ledgerTx) Delete(table string, key []byte) error { return tx.set(table, string(key), nil) }

func (tx *ledgerTx) set(table, key string, value []byte) error {
	t := tx.tables[table]
	tx.undo = append(tx.undo, was{table, key, t.rows[key]})
	t.set(key, value)
	return nil
}

func (t *table) set(key string, value []byte) {
	_, had := t.rows[key]
	if value == nil {
		delete(t.rows, key)
	} else {
		t.rows[key] = value
	}
	if !t.ordered || had == (value != nil) {
		return
	}
	at, _ := slices.BinarySearch(t.keys, key)
	if had {
		t.keys = slices.Delete(t.keys, at, at+1)
	} else {
		t.keys = slices.Insert(t.keys, at, key)
	}
}

// Scan is for callbacks that write nothing, as the backend's are.
func (tx *ledgerTx) Scan(table string, from []byte, yield func(key, value []byte) bool) error {
	t := tx.tables[table]
	if !t.ordered {
		t.keys, t.ordered = slices.Sorted(maps.Keys(t.rows)), true
	}
	at, _ := slices.BinarySearch(t.keys, string(from))
	for _, key := range t.keys[at:] {
		if !yield([]byte(key), t.rows[key]) {
			break
		}
	}
	return nil
}
