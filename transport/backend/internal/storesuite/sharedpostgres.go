package storesuite

import (
	"sync"
	"testing"
)

// A SharedPostgres is one server for all tests of a package. The zero value is ready; the server starts when a test
// first asks for it. Several goroutines may use it.
type SharedPostgres struct {
	mu     sync.Mutex
	server *Postgres
}

// Server returns the server, which only a test that runs beside no other may crash. Without PostgreSQL the test is
// skipped; under CI=true it fails.
func (s *SharedPostgres) Server(t testing.TB) *Postgres {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		server := newPostgres(t, nil)
		server.begin()
		s.server = server
	}
	return s.server
}

// Close ends the server and removes its files. TestMain calls it after all tests.
func (s *SharedPostgres) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		s.server.remove()
	}
}
