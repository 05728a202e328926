// Package memstore keeps a backend's rows in memory, for tests and for looking around: they are gone with the process.
package memstore

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/keystore"
	"github.com/offlane/offlane/transport/backend/store"
)

// New returns an empty store, which Copy can copy.
func New() store.Store { return newStore(newMemory()) }

// Copy returns a store that holds what st holds now, as a backup does: a change of one is none of the other. It panics
// where st is neither New's nor Copy's.
func Copy(st store.Store) store.Store { return newStore(st.(memoryStore).memory.copy()) }

// A memoryStore knows the memory that its rows are in.
type memoryStore struct {
	store.Store
	memory *memory
}

func newStore(m *memory) store.Store {
	st, err := keystore.New(context.Background(), m)
	if err != nil {
		panic(err) // an empty memory takes the format's number, and a copied one has it
	}
	return memoryStore{st, m}
}

// memory is keystore.Keys in maps. An Update writes at once and remembers how to undo it.
type memory struct {
	mu     sync.RWMutex
	tables map[string]map[string][]byte
	closed bool

	ordering sync.Mutex
	order    map[string][]string // the sorted keys of the tables that were scanned once
}

func newMemory() *memory {
	m := &memory{tables: map[string]map[string][]byte{}, order: map[string][]string{}}
	for _, name := range keystore.Tables() {
		m.tables[name] = map[string][]byte{}
	}
	return m
}

// copy returns a memory with the same rows. Values are replaced, never changed, so both may have them.
func (m *memory) copy() *memory {
	m.mu.RLock()
	defer m.mu.RUnlock()
	c := &memory{tables: map[string]map[string][]byte{}, order: map[string][]string{}}
	for name, table := range m.tables {
		c.tables[name] = maps.Clone(table)
	}
	return c
}

func (m *memory) View(_ context.Context, fn func(keystore.KeysTx) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return errClosed()
	}
	return fn(&memoryTx{memory: m, reading: true})
}

func (m *memory) Update(_ context.Context, fn func(keystore.KeysTx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return errClosed()
	}
	tx := &memoryTx{memory: m}
	done := false
	defer func() {
		if !done {
			tx.rollBack()
		}
	}()
	err := fn(tx)
	done = err == nil
	return err
}

func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

func errClosed() error { return fault.New(fault.Closed, "store.Store", "the store is closed") }

type memoryTx struct {
	*memory
	reading bool
	undo    []func()
}

func (t *memoryTx) rollBack() {
	for _, undo := range slices.Backward(t.undo) {
		undo()
	}
}

func (t *memoryTx) Get(table string, key []byte) ([]byte, error) {
	return t.tables[table][string(key)], nil
}

func (t *memoryTx) Put(table string, key, value []byte) error {
	return t.set(table, string(key), append([]byte{}, value...))
}

func (t *memoryTx) Delete(table string, key []byte) error { return t.set(table, string(key), nil) }

// set writes a value, nil for none.
func (t *memoryTx) set(table, key string, value []byte) error {
	if t.reading {
		return fault.New(fault.InvalidRequest, "store.Store", "nothing can be written in a View")
	}
	old := t.tables[table][key]
	t.undo = append(t.undo, func() { t.assign(table, key, old) })
	t.assign(table, key, value)
	return nil
}

func (m *memory) assign(table, key string, value []byte) {
	values := m.tables[table]
	_, had := values[key]
	if value == nil {
		delete(values, key)
	} else {
		values[key] = value
	}
	if keys, ordered := m.order[table]; ordered && had != (value != nil) {
		m.order[table] = reorder(keys, key)
	}
}

// reorder enters a key that is not in its place, and takes one out that is.
func reorder(keys []string, key string) []string {
	at, found := slices.BinarySearch(keys, key)
	if found {
		return slices.Delete(keys, at, at+1)
	}
	return slices.Insert(keys, at, key)
}

// sortedKeys returns a table's keys in order. The caller holds mu at least for reading, so nothing enters meanwhile.
func (m *memory) sortedKeys(table string) []string {
	m.ordering.Lock()
	defer m.ordering.Unlock()
	keys, ok := m.order[table]
	if !ok {
		keys = slices.Sorted(maps.Keys(m.tables[table]))
		m.order[table] = keys
	}
	return keys
}

func (t *memoryTx) Scan(table string, from []byte, yield func(key, value []byte) bool) error {
	keys := t.sortedKeys(table)
	at, _ := slices.BinarySearch(keys, string(from))
	for at < len(keys) {
		key := keys[at]
		if !yield([]byte(key), t.tables[table][key]) {
			return nil
		}
		keys = t.sortedKeys(table) // yield may have written
		if at < len(keys) && keys[at] == key {
			at++
			continue
		}
		at, _ = slices.BinarySearch(keys, key+"\x00")
	}
	return nil
}
