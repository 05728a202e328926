package redeem

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// Reporting says how records are sent. The zero value is usable. What was set aside is tried again after MaxWait and then
// ever more slowly, up to once an hour. A drain gives way to redemptions: after a report beside which somebody
// redeemed it rests for up to 50 milliseconds.
type Reporting struct {
	// MaxRecords and MaxBytes bound one report; 0: 100 records and 256 KiB. Where the backend takes less at once
	// (fault.TooLarge) fewer are sent.
	MaxRecords int
	MaxBytes   int
	// MinWait is the backoff after the first failure and MaxWait its cap; the waits between are random up to a bound that
	// doubles (full jitter). 0: 1 second and 5 minutes. A Retry-After of the backend counts up to an hour; the random wait,
	// up to half of it or more, comes on top.
	MinWait, MaxWait time.Duration
	// Every is how often an idle terminal asks for verdicts and the trust bundle; 0: 15 minutes.
	Every time.Duration
	// Timeout bounds one exchange with the backend; 0: 1 minute.
	Timeout time.Duration
	// Manual reports only when ReportNow is called, for tills on a dialled or metered line.
	Manual bool
}

func (r Reporting) withDefaults() Reporting {
	def := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	if r.MaxRecords <= 0 {
		r.MaxRecords = 100
	}
	r.MaxRecords = min(r.MaxRecords, record.MaxReport)
	if r.MaxBytes <= 0 {
		r.MaxBytes = 256 << 10
	}
	def(&r.MinWait, time.Second)
	def(&r.MaxWait, 5*time.Minute)
	def(&r.Every, 15*time.Minute)
	def(&r.Timeout, time.Minute)
	return r
}

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
	offset     time.Duration  // of the wall clock against the backend's
	missing    []record.Range // what the backend asked for again and was not looked for yet
	refusal    refusal        // of the backend's trust bundle
	refused    error          // why the backend refuses the enrolment code of a terminal that it knows
	strange    bool           // the backend's clock is signed by no root that we know
	lost       []record.Range // what was looked for and is not there; declared with the next report
}

// ReportNow sends what is pending and returns when everything was answered, or with the error that stopped it. It also clears
// the wait after a failure: call it when the network is back. Records that were set aside are tried too. Errors: those of the Reporter;
// fault.SetAside where records fail that were set aside, whether the others were sent or are held; those of
// InstallBundle where all was answered and the backend's trust bundle is refused, as Status tells; fault.InvalidRequest
// without a Reporter; fault.Closed.
func (t *Terminal) ReportNow(ctx context.Context) error {
	if t.cfg.Reporter == nil {
		return fault.New(fault.InvalidRequest, "redeem.ReportNow", "the terminal was opened without a Reporter: export its journal instead")
	}
	if err := t.takeTurn(ctx); err != nil {
		return err
	}
	defer t.endTurn()
	if err := t.exchange(ctx, true); err != nil {
		return err
	}
	return cmp.Or(t.asideError("the others were answered"), t.refusalError())
}

// takeTurn waits until nobody else is sending: there is one report in flight at a time.
func (t *Terminal) takeTurn(ctx context.Context) error {
	select {
	case <-t.sending:
		return nil
	case <-t.done:
		return fault.New(fault.Closed, "redeem.ReportNow", "the terminal is closed")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t *Terminal) endTurn() { t.sending <- struct{}{} }

// background reports until ctx ends: at once after a redemption, after a backoff when the backend could not be reached, and
// every now and then to fetch verdicts and the trust bundle.
func (t *Terminal) background(ctx context.Context) {
	defer close(t.stopped)
	timer := time.NewTimer(0) // what an earlier process left behind goes first
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-t.wake:
			if t.waiting() {
				continue // a failure's backoff is not cut short by new redemptions
			}
		}
		timer.Reset(t.turn(ctx))
	}
}

// waiting reports whether the last exchange failed and its wait is not over.
func (t *Terminal) waiting() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.progress.failures > 0 && time.Now().Before(t.progress.nextTry)
}

// turn does one exchange and says how long to wait for the next.
func (t *Terminal) turn(ctx context.Context) time.Duration {
	if t.takeTurn(ctx) != nil {
		return t.cfg.Reporting.Every
	}
	defer t.endTurn()
	t.exchange(ctx, false) // its error is kept for Status and logged where it arose
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Until(t.progress.nextTry)
}

// exchange enrols where needed, drains the journal, and fetches verdicts and the trust bundle.
func (t *Terminal) exchange(ctx context.Context, byHand bool) error {
	t.doubts.begin()
	if err := t.noticeLosses(ctx); err != nil {
		t.log.ErrorContext(ctx, "damage that came up cannot be taken into account: it is tried again", errAttr(err))
	}
	err := t.enrolled(ctx, func(ctx context.Context) error { return t.deliver(ctx, byHand) })
	if t.takeStrange() && (err == nil || blames(err)) { // its keys were changed while this terminal was away: the enrolment has the new ones
		err = cmp.Or(t.enrol(ctx), err)
	}
	if err == nil {
		err = t.makeGood(ctx)
	}
	if err == nil {
		err = t.doubts.complaint()
	}
	if err == nil {
		t.doubts.end()
	}
	if err == nil || errors.Is(err, fault.SetAside) { // what was revoked is not to be redeemed because records fail
		err = cmp.Or(err, t.noteRefusal(ctx, t.enrolled(ctx, t.fetchBundle)))
	}
	err = cmp.Or(err, t.refused())
	t.heed(ctx, record.NoticeOf(err))
	t.note(ctx, err)
	t.markAfter(1)
	return err
}

// maxRounds is how often in one exchange the backend may ask for more than it asked for before.
const maxRounds = 8

// makeGood sends again what the backend asks for. One that was restored from a backup may see what it lacks only once some of it came,
// or in one chain after another, so it is asked anew after each round; one that asks for the same for ever does not keep us here.
func (t *Terminal) makeGood(ctx context.Context) error {
	var asked []record.Range
	for range maxRounds {
		missing := t.takeMissing()
		if len(missing) == 0 || slices.Equal(missing, asked) {
			break
		}
		asked = missing
		if err := t.sendAgain(ctx, missing); err != nil {
			return err
		}
		if err := t.drain(ctx); err != nil {
			return err
		}
		if err := t.drain(ctx); err != nil { // now that nothing waits the answer is about all chains
			return err
		}
	}
	return own(t.allSent(ctx))
}

// note keeps the result of an exchange for Status and works out when to try again.
func (t *Terminal) note(ctx context.Context, err error) {
	now := t.clock.Read()
	t.mu.Lock()
	p := &t.progress
	before := p.held
	p.lastErr, p.inFlight = err, 0
	if err == nil {
		p.failures, p.held, p.nextTry = 0, "", t.aside.due(time.Now().Add(t.nextHearing(now)))
		t.mu.Unlock()
		return
	}
	p.held = holds(err)
	if p.held == fault.Blocked && !t.id.Block.Blocked { // nobody signed it
		p.held = ""
	}
	if t.doubts.booked { // the backend is there, and takes others
		p.failures = 0
		if p.held != fault.SetAside {
			p.held = ""
		}
	}
	p.failures++
	p.nextTry = time.Now().Add(t.backoff(p.failures, p.held, err))
	held, next := p.held, p.nextTry
	t.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	t.log.LogAttrs(ctx, levelOf(held), "report failed", errAttr(err), timeAttr("nextTry", next))
	if held != "" && held != before {
		t.tell(Event{Kind: EventHeld, Code: held})
	}
	t.tell(Event{Kind: EventReportFailed, Code: fault.CodeOf(err)})
}

// holds returns the code of a failure that trying again will not mend by itself, or "".
func holds(err error) fault.Code {
	switch code := fault.CodeOf(err); code {
	case fault.Unauthorized, fault.Forbidden, fault.Blocked, fault.TLS, fault.ClockUntrusted, fault.SetAside:
		return code
	}
	return ""
}

// backoff is a random wait below a bound that doubles with each failure (full jitter). Where the backend asked for a wait
// it comes after that, and the bound is half of that at least: those that were sent away together do not come back
// together. A held queue is tried at the longest wait: somebody may have mended it.
func (t *Terminal) backoff(failures int, held fault.Code, err error) time.Duration {
	r := t.cfg.Reporting
	if held != "" {
		return r.MaxWait
	}
	bound := r.MaxWait
	if doubled := r.MinWait << min(failures-1, 20); doubled > 0 {
		bound = min(bound, doubled)
	}
	asked := min(fault.RetryAfter(err), maxRetryAfter)
	return asked + time.Duration(t.random.Int64N(int64(max(bound, asked/2)))) + 1
}

// wakeUp nudges the background reporter; a nudge that is not taken yet is enough for all.
func (t *Terminal) wakeUp() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}
