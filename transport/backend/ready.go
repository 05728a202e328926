package backend

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// Times of the question whether the store takes what is written.
const (
	readyFor  = time.Second     // how long an answer is believed
	readyTime = 2 * time.Second // how long the store may take
)

// settingReady is written to see whether that can be done; its value is when.
const settingReady = "ready 1"

// readiness is what the store answered last. One question is under way at most: a store that hangs is not asked again.
type readiness struct {
	mu      sync.Mutex
	last    wire.Readiness
	at      time.Time
	pending chan struct{} // closed when the question under way has its answer; nil: there is none
	asked   time.Time     // when that was asked
}

// ready answers whether the store takes what is written, from the last second's answer if there is one.
func (s *Server) ready(ctx context.Context) wire.Readiness {
	r := &s.readiness
	r.mu.Lock()
	if r.pending == nil && time.Since(r.at) < readyFor && !r.at.IsZero() {
		defer r.mu.Unlock()
		return r.last
	}
	if r.pending == nil {
		r.pending, r.asked = make(chan struct{}), time.Now()
		go s.askStore(r.pending) // ends with the store's answer
	}
	pending, left := r.pending, readyTime-time.Since(r.asked)
	r.mu.Unlock()
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-pending:
	case <-ctx.Done():
	case <-timer.C:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pending == pending {
		return wire.Readiness{Code: fault.Unavailable, Took: readyTime.Milliseconds(), Checked: s.now().UnixMilli()}
	}
	return r.last
}

// askStore writes a setting and keeps what came of it.
func (s *Server) askStore(pending chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), readyTime)
	defer cancel()
	start, now := time.Now(), s.now().UnixMilli()
	err := s.store.Update(ctx, func(tx store.Tx) error {
		if _, err := tx.Setting(settingReady); err != nil {
			return err
		}
		return tx.PutSetting(settingReady, strconv.AppendInt(nil, now, 10))
	})
	if err != nil {
		s.log.ErrorContext(ctx, "the store does not take what is written", "error", err)
	}
	answer := wire.Readiness{Ready: err == nil, Took: time.Since(start).Milliseconds(), Checked: now}
	if err != nil {
		answer.Code = wire.NewProblem(err).Code()
	}
	r := &s.readiness
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.at, r.pending = answer, time.Now(), nil
	close(pending)
}

// getReady tells anybody whether the backend can take work, and nothing else.
func (s *Server) getReady(c *call) (any, error) {
	if !s.ready(c.Context()).Ready {
		return nil, fault.New(fault.Unavailable, "", "the store does not take what is written")
	}
	return s.getHealth(c)
}

// getReadiness tells a merchant what is wrong, as a code.
func (s *Server) getReadiness(c *call) (any, error) { return s.ready(c.Context()), nil }
