package redeem

import (
	"context"
	"log/slog"
	"sync"
)

// A queue calls the user's callbacks in the order in which they were added, one at a time, in a goroutine of its own
// and without a lock: so a callback may call the terminal. The goroutine is there as long as there is something to
// call.
type queue struct {
	mu    sync.Mutex // guards what follows; held for moments
	calls []func()
	ended chan struct{} // closed when the goroutine that runs ends; nil: none runs
}

// add puts a call behind the others. It never waits.
func (q *queue) add(call func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.calls = append(q.calls, call)
	if q.ended == nil {
		q.ended = make(chan struct{})
		go q.run(q.ended)
	}
}

func (q *queue) run(ended chan struct{}) {
	defer close(ended)
	for {
		calls := q.take()
		if calls == nil {
			return
		}
		for _, call := range calls {
			call()
		}
	}
}

// take takes out the calls that wait; nil: there are none, and the next one needs another goroutine.
func (q *queue) take() (calls []func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	calls, q.calls = q.calls, nil
	if calls == nil {
		q.ended = nil
	}
	return calls
}

// wait returns when all that was added before has been called.
func (q *queue) wait() {
	q.mu.Lock()
	ended := q.ended
	q.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

// A queuedHandler hands log records to the user's handler through a queue: it is for those that are written under the
// journal's lock.
type queuedHandler struct {
	to    slog.Handler
	calls *queue
}

// Enabled leaves the question to the goroutine that calls the handler.
func (h queuedHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h queuedHandler) Handle(ctx context.Context, r slog.Record) error {
	ctx, r = context.WithoutCancel(ctx), r.Clone()
	h.calls.add(func() {
		if h.to.Enabled(ctx, r.Level) {
			_ = h.to.Handle(ctx, r) // as in package log/slog, which passes over it too
		}
	})
	return nil
}

func (h queuedHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return queuedHandler{h.to.WithAttrs(attrs), h.calls}
}

func (h queuedHandler) WithGroup(name string) slog.Handler {
	return queuedHandler{h.to.WithGroup(name), h.calls}
}

// queuedLogger is a logger of which the handler is called through a queue.
func queuedLogger(log *slog.Logger, calls *queue) *slog.Logger {
	if log.Handler() == slog.DiscardHandler {
		return log
	}
	return slog.New(queuedHandler{log.Handler(), calls})
}
