// Package reporter carries a terminal's records to the backend and keeps the answers: the loop in the background with
// its backoff, the search for a record over which reports fail, and what a restored backend asks for again.
package reporter

import (
	"cmp"
	"context"
	"crypto"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/clock"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A Backend takes reports. It is a part of redeem.Reporter, which says what its errors mean.
type Backend interface {
	Report(ctx context.Context, token string, r record.Report) (record.Answer, error)
	Verdicts(ctx context.Context, token string, after uint64) (record.Answer, error)
}

// A Self is who the terminal is, at one moment.
type Self struct {
	Terminal record.TerminalID
	Token    string        // by which the backend knows it
	Signer   crypto.Signer // signs reports
	Roots    offer.Keys    // sign the backend's clock, statements, notices and corrections
	Blocked  bool          // a signed notice said so
}

// A Host is the rest of the terminal. The Reporter calls it while it has the turn to send and without a lock.
type Host interface {
	// Self is who the terminal is now.
	Self() Self
	// WithToken calls do with a token that the backend takes, and once more with a fresh one where it takes it no longer.
	WithToken(ctx context.Context, do func(context.Context) error) error
	// Enrol makes the terminal known anew. CodeRefusal is why the backend refuses the code of a terminal that it knows.
	Enrol(ctx context.Context) error
	CodeRefusal() error
	// FetchBundle fetches the trust bundle. That the backend's is refused is no error.
	FetchBundle(ctx context.Context) error
	// HeedNotice takes the backend's word on whether the terminal is blocked.
	HeedNotice(ctx context.Context, signed record.Signed)

	// NoticeLosses takes damage into account that came up, and reports whether there was any.
	NoticeLosses(ctx context.Context) (some bool, err error)
	// Lapses is what a report says of what may be forgotten; nil: nothing. HasUnreported reports whether the backend has
	// not heard of it, and NoteForgotten is told that it has.
	Lapses() *record.Forgotten
	HasUnreported() bool
	NoteForgotten(ctx context.Context, f *record.Forgotten) error
	// HearAnswer is told of an answer to a report of a chain; signed says that a known root signed its clock.
	HearAnswer(ctx context.Context, chain record.ChainID, answer *record.Answer, signed bool) error

	// Settle and Requeue are those of the journal, with the terminal's own counts kept in step.
	Settle(ctx context.Context, settled []journal.Settlement, evidence []byte, notes []journal.Note) error
	Requeue(ctx context.Context, ids []journal.ID) error
	// PassOf is the pass that the journal keeps beside a record; empty: none.
	PassOf(stored journal.Stored) string

	// The events.
	TellReported(count int)
	TellVerdict(v record.Verdict)
	TellSetAside(s SetAside)
	TellHeld(code fault.Code)
	TellFailed(code fault.Code)
	// ExchangeEnded is told that an exchange with the backend came to its end.
	ExchangeEnded()
}

// A Config is what a Reporter works with. All fields but Backend are required.
type Config struct {
	Backend Backend
	Host    Host
	Journal *journal.Log
	Clock   *clock.Clock
	Limits  Limits // with defaults
	Random  rand.Source
	Logger  *slog.Logger
	// Done is closed when the terminal is about to close.
	Done <-chan struct{}
}

// A Reporter sends reports. Whoever has the turn to send owns what stands before its lock; the others may call Status,
// Wake, AddSale and Acquire at any time.
type Reporter struct {
	backend Backend
	host    Host
	journal *journal.Log
	clock   *clock.Clock
	limits  Limits
	log     *slog.Logger
	done    <-chan struct{}

	sales   atomic.Uint64 // calls of Redeem; a drain yields to them
	sending chan struct{} // holds one token: whoever has it may send
	wake    chan struct{} // a nudge for the loop

	// Of whoever has the turn to send.
	doubts   doubts
	again    again
	missing  []record.Range // what the backend asked for again and was not looked for yet
	lost     []record.Range // what was looked for and is not there; declared with the next report
	unsigned bool           // the backend's clock was signed by no root that is known
	random   *rand.Rand

	aside asides

	mu       sync.Mutex // guards progress; held for moments, and nothing is called under it
	progress progress
}

// New makes a reporter that takes up what the journal knows of reports.
func New(cfg Config) *Reporter {
	r := &Reporter{
		backend: cfg.Backend, host: cfg.Host, journal: cfg.Journal, clock: cfg.Clock, limits: cfg.Limits,
		log: cfg.Logger, done: cfg.Done, random: rand.New(cfg.Random),
		sending: make(chan struct{}, 1), wake: make(chan struct{}, 1),
	}
	r.sending <- struct{}{}
	r.lost = holes(r.journal.Damage())
	r.recallAside()
	r.recallAgain()
	return r
}

// AddSale counts a redemption that a drain is to yield to.
func (r *Reporter) AddSale() { r.sales.Add(1) }

// Acquire waits until nobody else is sending: there is one exchange with the backend at a time. Release ends the turn.
// Errors: fault.Closed where the terminal closes, and ctx's own.
func (r *Reporter) Acquire(ctx context.Context) error {
	select {
	case <-r.sending:
		return nil
	case <-r.done:
		return fault.New(fault.Closed, "redeem.ReportNow", "the terminal is closed")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Release ends the turn to send.
func (r *Reporter) Release() { r.sending <- struct{}{} }

// End waits until nobody is sending, and nobody will from then on. Done is closed by then.
func (r *Reporter) End() { <-r.sending }

// Wake nudges the loop; a nudge that is not taken yet is enough for all.
func (r *Reporter) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run reports until ctx ends: at once after a redemption, after a backoff when the backend could not be reached, and
// every now and then to fetch verdicts and the trust bundle.
func (r *Reporter) Run(ctx context.Context) {
	timer := time.NewTimer(0) // what an earlier process left behind goes first
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-r.wake:
			if r.isWaiting() {
				continue // a failure's backoff is not cut short by new redemptions
			}
		}
		timer.Reset(r.runOnce(ctx))
	}
}

// runOnce does one exchange and says how long to wait for the next.
func (r *Reporter) runOnce(ctx context.Context) time.Duration {
	if r.Acquire(ctx) != nil {
		return r.limits.Every
	}
	defer r.Release()
	r.exchange(ctx, false) // its error is kept for Status and logged where it arose
	return time.Until(r.nextTry())
}

// ReportNow sends what is pending, with what was set aside, and returns when everything was answered, or with the error
// that stopped it.
func (r *Reporter) ReportNow(ctx context.Context) error {
	if err := r.Acquire(ctx); err != nil {
		return err
	}
	defer r.Release()
	if err := r.exchange(ctx, true); err != nil {
		return err
	}
	return r.asideError("the others were answered")
}

// exchange enrols where needed, drains the journal, and fetches verdicts and the trust bundle.
func (r *Reporter) exchange(ctx context.Context, byHand bool) error {
	r.doubts.begin()
	r.declareLosses(ctx)
	err := r.host.WithToken(ctx, func(ctx context.Context) error { return r.deliver(ctx, byHand) })
	unsigned := r.unsigned
	r.unsigned = false
	// its keys were changed while this terminal was away: the enrolment has the new ones
	if unsigned && (err == nil || blames(err)) {
		err = cmp.Or(r.host.Enrol(ctx), err)
	}
	if err == nil {
		err = r.resendMissing(ctx)
	}
	if err == nil {
		err = r.doubts.complaint()
	}
	if err == nil {
		r.doubts.end()
	}
	if err == nil || errors.Is(err, fault.SetAside) { // what was revoked is not to be redeemed because records fail
		if failed := r.host.FetchBundle(ctx); err == nil {
			err = failed
		}
	}
	err = cmp.Or(err, r.host.CodeRefusal())
	r.host.HeedNotice(ctx, record.NoticeOf(err))
	r.keepResult(ctx, err)
	r.host.ExchangeEnded()
	return err
}

// declareLosses has damage that came up declared with the next report.
func (r *Reporter) declareLosses(ctx context.Context) {
	some, err := r.host.NoticeLosses(ctx)
	if some {
		r.lost = holes(r.journal.Damage())
	}
	if err != nil {
		r.log.ErrorContext(ctx, "damage that came up cannot be taken into account: it is tried again", errAttr(err))
	}
}

// maxRounds is how often in one exchange the backend may ask for more than it asked for before.
const maxRounds = 8

// resendMissing sends again what the backend asks for. One that was restored from a backup may see what it lacks only
// once some of it came, or in one chain after another, so it is asked anew after each round; one that asks for the
// same for ever does not keep us here.
func (r *Reporter) resendMissing(ctx context.Context) error {
	var asked []record.Range
	for range maxRounds {
		missing := r.takeMissing()
		if len(missing) == 0 || slices.Equal(missing, asked) {
			break
		}
		asked = missing
		if err := r.sendAgain(ctx, missing); err != nil {
			return err
		}
		if err := r.drain(ctx); err != nil {
			return err
		}
		if err := r.drain(ctx); err != nil { // now that nothing waits the answer is about all chains
			return err
		}
	}
	return ownError(r.endAgain(ctx))
}

// takeMissing takes out what the backend asked for.
func (r *Reporter) takeMissing() []record.Range {
	missing := r.missing
	r.missing = nil
	return missing
}

// cursor is the number of the last verdict that is on disk.
func (r *Reporter) cursor() uint64 { return slot.Number(r.journal, slot.Cursor) }

func errAttr(err error) slog.Attr { return slog.String("error", err.Error()) }
