package transporttest

import (
	"context"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/store"
)

// Stop ends the backend's process, so to speak: requests get no answer until Restart. What it stored stays.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}

func (s *Server) stop() {
	s.handler.Store(nil)
	if s.running != nil {
		s.running.Close()
		s.running = nil
	}
}

// A Change is what Restart changes at the reference backend. The zero value changes nothing.
type Change struct {
	// Store is another store, such as one from a backup; nil: the one of before.
	Store store.Store
	// Restored is the period that Store does not have, as its operator declares it (see backend.Config.Restored). It is
	// declared until the next Store.
	Restored backend.Period
	// Withdrawn is a period in which the clock was wrong, as its operator declares it (see backend.Config.Withdrawn);
	// zero: no other one than before.
	Withdrawn backend.Period
	// NewKeys says that passes, bundles and the time are signed with other keys from now on.
	NewKeys bool
}

// Restart stops the backend if it runs and starts it anew, with a change.
func (s *Server) Restart(c Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	s.apply(&c)
	return s.start()
}

func (s *Server) apply(c *Change) {
	if c.Store != nil {
		s.store, s.restored = c.Store, c.Restored
	}
	if !c.Withdrawn.IsZero() {
		s.withdrawn = []backend.Period{c.Withdrawn} // the store has those of before
	}
	if c.NewKeys {
		s.newKeys()
	}
}

func (s *Server) start() error {
	handler := s.opts.Handler
	if handler == nil {
		running, err := backend.New(context.Background(), backend.Config{
			Store: s.store, Now: s.now, Issuer: s.issuer, Root: s.root, Restored: s.restored, Withdrawn: s.withdrawn,
			Merchants: []backend.Merchant{{Name: Merchant, Key: ManagementKey}, {Name: Partner, Key: PartnerKey}},
			// all terminals of a test have one address
			Limits: backend.Limits{PerSecond: -1, FailuresPerMinute: -1, AcceptBurst: -1},
		})
		if err != nil {
			return err
		}
		s.running, handler = running, whole(running)
	}
	if s.opts.Middleware != nil {
		handler = s.opts.Middleware(handler)
	}
	s.handler.Store(&handler)
	return nil
}
