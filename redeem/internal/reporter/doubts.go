package reporter

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A report may fail over one record while the backend works: a program fails over it, a proxy takes it for an attack,
// the backend's row of it is damaged. The records beside it must not wait for it. So:
//
//	a report that failed tries times ─► halved, until one record fails alone: it is left out, and the others go on
//	left out ─► another record, or where none is left an empty report, is answered ─► it fails again
//	         ─► an empty report is answered still ─► set aside
//
// In an outage nothing is answered, so that nothing is set aside, however long it lasts. What is left out is forgotten
// at a restart, what was set aside is not.

// tries is how often a report fails before it is halved, and how often a record failed, in a report or alone, before it
// is set aside.
const tries = 3

// doubts are what is known of records with which reports fail. They belong to whoever has the turn to send.
type doubts struct {
	round    int  // counts the exchanges
	booked   bool // the backend answered a record in this exchange
	failures map[journal.ID]failure
	suspects []suspect
	within   int // how many records at the beginning of the queue failed together; 0: none are known to
	narrow   int // how many records the backend takes at once; 0: as many as are sent
	queue    int // the most records that waited since the first failure, without those that were set aside before
	found    int // how many were set aside since
}

// A failure is how often a report failed that a record was in.
type failure struct {
	times  int
	absent bool // an answer that was good for others did not name it
}

// A suspect is a record that failed alone and is left out.
type suspect struct {
	id     journal.ID
	number uint64
	round  int // the exchange in which it failed alone last
	err    error
}

func (s suspect) record() record.ID { return record.ID(s.id) }

// begin begins an exchange.
func (d *doubts) begin() {
	d.round, d.booked, d.narrow = d.round+1, false, 0
	if len(d.suspects) == 0 && len(d.failures) == 0 {
		d.queue, d.found = 0, 0
	}
}

// end ends an exchange in which everything came through that is not set aside.
func (d *doubts) end() { d.failures, d.within = nil, 0 }

// most is how many records the next report may carry.
func (d *doubts) most(most int) int {
	if d.narrow > 0 {
		most = min(most, d.narrow)
	}
	if d.within > 0 {
		most = min(most, max(1, d.within/2))
	}
	return most
}

// fail counts a failure of a report and returns that of its first record.
func (d *doubts) fail(records []journal.Stored, absent bool) failure {
	if d.failures == nil {
		d.failures = map[journal.ID]failure{}
	}
	for i := range records {
		f := d.failures[records[i].ID]
		d.failures[records[i].ID] = failure{f.times + 1, f.absent || absent}
	}
	return d.failures[records[0].ID]
}

// removeAnswered takes out what the backend answered; first is how many of them were the first in the queue.
func (d *doubts) removeAnswered(settled []journal.Settlement, first int) {
	d.booked = d.booked || first > 0
	d.within = max(0, d.within-first)
	if len(d.failures)+len(d.suspects) == 0 {
		return
	}
	for i := range settled {
		d.forget(settled[i].Ref)
	}
}

func (d *doubts) forget(id journal.ID) {
	delete(d.failures, id)
	d.suspects = slices.DeleteFunc(d.suspects, func(s suspect) bool { return s.id == id })
}

// suspect leaves a record out, or notes that it failed once more.
func (d *doubts) suspect(s journal.Stored, err error) suspect {
	fresh := suspect{id: s.ID, number: s.Number, round: d.round, err: err}
	if i := slices.IndexFunc(d.suspects, func(old suspect) bool { return old.id == s.ID }); i >= 0 {
		d.suspects[i] = fresh
		return fresh
	}
	d.suspects = append(d.suspects, fresh)
	slices.SortFunc(d.suspects, func(a, b suspect) int { return cmp.Compare(a.number, b.number) })
	return fresh
}

// due are the suspects of earlier exchanges.
func (d *doubts) due() (due []suspect) {
	for _, s := range d.suspects {
		if s.round < d.round {
			due = append(due, s)
		}
	}
	return due
}

// complaint is nil where no record is left out, else why the first one is.
func (d *doubts) complaint() error {
	if len(d.suspects) == 0 {
		return nil
	}
	s := d.suspects[0]
	return fault.New(codeOf(s.err), "redeem.report", "record %d fails alone, the others go on: %w", s.number, s.err)
}

// codeOf is the code of a failure; that of one which is none of ours is fault.Internal.
func codeOf(err error) fault.Code { return cmp.Or(fault.CodeOf(err), fault.Internal) }

// An ownFailure is one of this machine, in which neither a record nor the backend has a part.
type ownFailure struct{ error }

// Unwrap returns the failure itself.
func (f ownFailure) Unwrap() error { return f.error }

// ownError marks a failure of this machine; nil stays nil.
func ownError(err error) error {
	if err == nil {
		return nil
	}
	return ownFailure{err}
}

// blames reports whether the failure of a report may be due to a record in it: it is none of the network, of the
// sign-in, or of a backend that is away as a whole.
func blames(err error) bool {
	_, ours := errors.AsType[ownFailure](err)
	if ours || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	switch fault.CodeOf(err) {
	case fault.Unreachable, fault.TLS, fault.Unauthorized, fault.Blocked, fault.ClockUntrusted,
		fault.Unavailable, fault.TooManyRequests, fault.Closed, fault.DiskFull, fault.DiskFailed:
		return false
	}
	return true
}

// doubt takes note that a report failed. It returns nil where the drain goes on, with fewer records or without one, and
// the error where the report is tried again later.
func (r *Reporter) doubt(l load, err error) error {
	if len(l.records) == 0 || !blames(err) {
		return err
	}
	d := &r.doubts
	d.queue = max(d.queue, r.journal.Stats().Pending-max(0, len(r.aside.list())-d.found))
	first, tooLarge := d.fail(l.records, false), fault.CodeOf(err) == fault.TooLarge
	if first.times < tries && !first.absent && !tooLarge && len(d.suspects) == 0 {
		return err
	}
	switch n := len(l.records); {
	case n > 1 && tooLarge:
		d.narrow = n / 2 // the backend, or a proxy before it, has lower limits
		return nil
	case n > 1:
		d.within = n
		return nil
	}
	d.within, d.narrow = 0, 0
	d.suspect(l.records[0], err)
	if !d.booked {
		return err // it may be an outage: the next exchange tries others
	}
	return nil
}

// examine tries what failed alone in an earlier exchange once more, and sets aside what fails again while the backend
// answers. It reports whether it tried any; its error says why a record is left out still.
func (r *Reporter) examine(ctx context.Context) (tried bool, err error) {
	d := &r.doubts
	due := d.due()
	if len(due) == 0 {
		return false, d.complaint()
	}
	if !d.booked {
		if _, err := r.reportEmpty(ctx); err != nil {
			return true, err
		}
	}
	failed, err := r.failAgain(ctx, due)
	if err != nil {
		return true, err
	}
	if len(failed) > 0 {
		if _, err := r.reportEmpty(ctx); err != nil {
			return true, err
		}
		if err := r.setAside(ctx, failed); err != nil {
			return true, err
		}
	}
	return true, d.complaint()
}

// failAgain sends suspects alone and returns those that failed often enough.
func (r *Reporter) failAgain(ctx context.Context, due []suspect) (failed []suspect, err error) {
	for _, s := range due {
		stored, err := r.sendAlone(ctx, s.id)
		if err == nil {
			continue
		}
		if !blames(err) {
			return nil, err
		}
		times, s := r.doubts.fail([]journal.Stored{stored}, false).times, r.doubts.suspect(stored, err)
		if times >= tries {
			failed = append(failed, s)
		}
	}
	return failed, nil
}

// sendAlone sends one record. One that is not pending any more, or that cannot be read any more, is forgotten: there is
// nothing to send.
func (r *Reporter) sendAlone(ctx context.Context, id journal.ID) (journal.Stored, error) {
	stored, ok, err := r.journal.Get(id)
	switch {
	case err != nil && !errors.Is(err, fault.Damaged):
		return stored, ownError(err)
	case err != nil || !ok || stored.State != journal.Pending || stored.Payload == nil:
		r.doubts.forget(id)
		return stored, ownError(r.returnAside(ctx, id))
	}
	_, err = r.send(ctx, r.furnish(ctx, []journal.Stored{stored}))
	return stored, err
}

// reportEmpty sends a report without records, as a witness that the backend works and to name what is left out. Only an
// answer whose clock is signed by a known root is one of the backend.
func (r *Reporter) reportEmpty(ctx context.Context) (more bool, err error) {
	more, err = r.ask(ctx, load{}, r.report)
	if err == nil && r.unsigned {
		err = fault.New(fault.NotTheContract, "redeem.report",
			"the answer to an empty report is signed by no root that is known here")
	}
	return more, err
}
