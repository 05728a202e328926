package memstore

import (
	"context"
	"maps"

	"github.com/offlane/offlane/transport/backend/store"
)

// A copyable is a store that can be copied.
type copyable struct {
	store.Store
	memory *memory
}

// NewCopyable returns an empty store that Copy can copy.
func NewCopyable() store.Store {
	m := &memory{tables: map[string]map[string][]byte{}, order: map[string][]string{}}
	for _, name := range store.Tables() {
		m.tables[name] = map[string][]byte{}
	}
	return m.copyable()
}

// Copy returns a store that holds what one of NewCopyable's holds.
func Copy(st store.Store) store.Store {
	m := &memory{tables: map[string]map[string][]byte{}, order: map[string][]string{}}
	for name, table := range st.(copyable).memory.tables { // values are replaced, never changed
		m.tables[name] = maps.Clone(table)
	}
	return m.copyable()
}

func (m *memory) copyable() store.Store {
	st, err := store.NewKeyStore(context.Background(), m)
	if err != nil {
		panic(err) // an empty memory takes the format's number
	}
	return copyable{st, m}
}

// NewKeys returns an empty memory as the key-value database that it is.
func NewKeys() store.Keys {
	m := &memory{tables: map[string]map[string][]byte{}, order: map[string][]string{}}
	for _, name := range store.Tables() {
		m.tables[name] = map[string][]byte{}
	}
	return m
}
