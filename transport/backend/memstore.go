package backend

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"github.com/offlane/offlane/redeem/fault"
)

// NewMemStore returns a Store in memory, for tests: it is gone with the process.
func NewMemStore() Store {
	m := &memory{tables: map[string]map[string][]byte{}}
	for _, name := range Tables() {
		m.tables[name] = map[string][]byte{}
	}
	return NewKeyStore(m)
}

// memory is Keys in maps. An Update writes at once and remembers how to undo it.
type memory struct {
	mu     sync.RWMutex
	tables map[string]map[string][]byte
	closed bool
}

func (m *memory) View(_ context.Context, fn func(KeysTx) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return errClosed()
	}
	return fn(&memoryTx{memory: m, reading: true})
}

func (m *memory) Update(_ context.Context, fn func(KeysTx) error) error {
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

func errClosed() error { return fault.New(fault.Closed, "backend.Store", "the store is closed") }

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

func (t *memoryTx) Get(table string, key []byte) []byte { return t.tables[table][string(key)] }

func (t *memoryTx) Put(table string, key, value []byte) error {
	return t.set(table, string(key), append([]byte{}, value...))
}

func (t *memoryTx) Delete(table string, key []byte) error { return t.set(table, string(key), nil) }

// set writes a value, nil for none.
func (t *memoryTx) set(table, key string, value []byte) error {
	if t.reading {
		return fault.New(fault.InvalidRequest, "backend.Store", "nothing can be written in a View")
	}
	rows := t.tables[table]
	old := rows[key]
	t.undo = append(t.undo, func() { assign(rows, key, old) })
	assign(rows, key, value)
	return nil
}

func assign(rows map[string][]byte, key string, value []byte) {
	if value == nil {
		delete(rows, key)
		return
	}
	rows[key] = value
}

func (t *memoryTx) Scan(table string, from []byte, yield func(key, value []byte) bool) error {
	var keys []string
	for key := range t.tables[table] {
		if bytes.Compare([]byte(key), from) >= 0 {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		if !yield([]byte(key), t.tables[table][key]) {
			return nil
		}
	}
	return nil
}
