package reporter

import (
	"context"
	"log/slog"
	"time"

	"github.com/offlane/offlane/redeem/fault"
)

// maxRetryAfter caps what a backend may ask for.
const maxRetryAfter = time.Hour

// progress is what Status tells about reporting.
type progress struct {
	inFlight   int
	failures   int
	held       fault.Code
	lastErr    error
	lastAnswer time.Time
	nextTry    time.Time
	offset     time.Duration // of the wall clock against the backend's
}

// A Status is how reporting stands. redeem.Status documents its fields.
type Status struct {
	InFlight   int
	Failures   int
	Held       fault.Code
	LastErr    error // nil: the last exchange did not fail
	LastAnswer time.Time
	NextTry    time.Time
	Offset     time.Duration
	SetAside   []SetAside
	Received   int
}

// Status tells how reporting stands.
func (r *Reporter) Status() Status {
	aside, received := r.aside.list(), r.countReceived()
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.progress
	return Status{p.inFlight, p.failures, p.held, p.lastErr, p.lastAnswer, p.nextTry, p.offset, aside, received}
}

func (r *Reporter) setInFlight(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress.inFlight = n
}

// isWaiting reports whether the last exchange failed and its wait is not over.
func (r *Reporter) isWaiting() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress.failures > 0 && time.Now().Before(r.progress.nextTry)
}

func (r *Reporter) nextTry() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress.nextTry
}

// keepResult keeps the result of an exchange for Status and works out when to try again.
func (r *Reporter) keepResult(ctx context.Context, err error) {
	before := r.current()
	p := before
	p.lastErr, p.inFlight = err, 0
	if err == nil {
		next := time.Now().Add(r.clock.NextHearing(r.limits.Every, r.limits.MaxWait))
		p.failures, p.held, p.nextTry = 0, "", r.aside.due(next)
		r.set(p)
		return
	}
	p.held = r.holdOf(err)
	if r.doubts.booked {
		p.failures = 0
	}
	p.failures++
	p.nextTry = time.Now().Add(r.backoff(p.failures, p.held, err))
	r.set(p)
	if ctx.Err() != nil {
		return
	}
	r.log.LogAttrs(ctx, levelOf(p.held), "report failed", errAttr(err), slog.Time("nextTry", p.nextTry))
	if p.held != "" && p.held != before.held {
		r.host.TellHeld(p.held)
	}
	r.host.TellFailed(fault.CodeOf(err))
}

func (r *Reporter) current() progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress
}

func (r *Reporter) set(p progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress = p
}

// holdOf is the code with which an error holds the queue; empty: it does not. That the terminal is blocked counts where
// somebody signed it. A backend that takes other records is there.
func (r *Reporter) holdOf(err error) fault.Code {
	held := holdCode(err)
	if held == fault.Blocked && !r.host.Self().Blocked || r.doubts.booked && held != fault.SetAside {
		return ""
	}
	return held
}

// holdCode returns the code of a failure that trying again will not mend by itself, or "".
func holdCode(err error) fault.Code {
	switch code := fault.CodeOf(err); code {
	case fault.Unauthorized, fault.Forbidden, fault.Blocked, fault.TLS, fault.ClockUntrusted, fault.SetAside:
		return code
	}
	return ""
}

// backoff is a random wait below a bound that doubles with each failure (full jitter). Where the backend asked for a
// wait it comes after that, and the bound is half of that at least: those that were sent away together do not come back
// together. A held queue is tried at the longest wait: somebody may have mended it.
func (r *Reporter) backoff(failures int, held fault.Code, err error) time.Duration {
	if held != "" {
		return r.limits.MaxWait
	}
	bound := r.limits.MaxWait
	if doubled := r.limits.MinWait << min(failures-1, 20); doubled > 0 {
		bound = min(bound, doubled)
	}
	asked := min(fault.RetryAfter(err), maxRetryAfter)
	return asked + time.Duration(r.random.Int64N(int64(max(bound, asked/2)))) + 1
}

func levelOf(held fault.Code) slog.Level {
	if held != "" {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
