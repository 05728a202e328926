package reporter

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
)

// maxDetail and maxCode bound in bytes what is kept of a failure.
const (
	maxDetail = 200
	maxCode   = 64
)

// clip is the beginning of a text, as UTF-8.
func clip(text string, most int) string {
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}

// setAside sets records aside that failed alone, on disk first.
func (r *Reporter) setAside(ctx context.Context, failed []suspect) error {
	records, now := r.aside.list(), r.clock.Read().Wall
	var fresh []SetAside
	for _, s := range failed {
		fresh = append(fresh, SetAside{
			Record: s.record(), Number: s.number, Code: fault.Code(clip(string(codeOf(s.err)), maxCode)),
			Detail: clip(s.err.Error(), maxDetail), Since: now.UTC(),
		})
	}
	most := r.mayLeaveOut(len(records))
	records = append(records, fresh...)
	slices.SortFunc(records, byNumber)
	if len(records) <= most {
		most = 0
	}
	note := asideNote(records, most)
	if err := r.journal.PutNote(ctx, note.Slot, note.Value); err != nil {
		return ownError(err)
	}
	r.keepAside(records, most)
	r.doubts.found += len(fresh)
	for i, s := range failed {
		r.doubts.forget(s.id)
		r.log.WarnContext(ctx, "a record was set aside: reports with it fail, others do not",
			slog.Uint64("number", s.number), errAttr(s.err))
		r.host.TellSetAside(fresh[i])
	}
	return nil
}

// keepAside takes a list that is on disk into use. Its records are sent alone and out of their order, so that the
// journal need not keep their segments: what fails for ever would have it grow for ever.
func (r *Reporter) keepAside(records []SetAside, most int) {
	r.aside.keep(records, most, r.limits.MaxWait, r.doubts.round)
	ids := make([]journal.ID, len(records))
	for i := range records {
		ids[i] = journal.ID(records[i].Record)
	}
	r.journal.LetMove(ids...)
}

// mayLeaveOut is how many records may be left out, set aside or about to be, without holding the others, where so many
// are set aside now.
func (r *Reporter) mayLeaveOut(aside int) int {
	return mostAside(max(0, aside-r.doubts.found), r.doubts.queue)
}

// returnAside returns a record that was set aside to the others.
func (r *Reporter) returnAside(ctx context.Context, id journal.ID) error {
	note, after, changed := r.lessAside(func(other journal.ID) bool { return other == id })
	if !changed {
		return nil
	}
	if err := r.journal.PutNote(ctx, note.Slot, note.Value); err != nil {
		return err
	}
	after()
	return nil
}

// lessAside is the slot's value without some records, and what is to be done when it is on disk.
func (r *Reporter) lessAside(gone func(journal.ID) bool) (note journal.Note, after func(), changed bool) {
	before := r.aside.list()
	if len(before) == 0 {
		return note, nil, false
	}
	left := slices.DeleteFunc(slices.Clone(before), func(a SetAside) bool { return gone(journal.ID(a.Record)) })
	most := r.aside.bound()
	if len(left) <= most {
		most = 0 // nothing is held any more
	}
	after = func() { r.keepAside(left, most) }
	return asideNote(left, most), after, len(left) < len(before)
}

// recallAside reads what an earlier process set aside. What was answered since, or cannot be read any more, is not set
// aside: a crash may have come between the answer and the list.
func (r *Reporter) recallAside() {
	raw, _ := r.journal.Note(slot.Aside)
	records, most := readAsides(raw)
	records = slices.DeleteFunc(records, func(a SetAside) bool {
		stored, ok, err := r.journal.Get(journal.ID(a.Record))
		return err != nil || !ok || stored.State != journal.Pending
	})
	if len(records) > 0 {
		r.keepAside(records, most)
	}
}

// tryAside tries records that were set aside, at most so many that fail: those that are due, or all. Once one of them
// comes through the backend was mended, so that all others are tried.
func (r *Reporter) tryAside(ctx context.Context, all bool, most int) error {
	for failures := 0; failures < most; {
		next, ok := r.aside.next(r.doubts.round, all)
		if !ok {
			return nil
		}
		_, err := r.sendAlone(ctx, journal.ID(next.Record))
		switch {
		case err == nil:
			all, most = true, everyRecord
		case !blames(err):
			return err
		default:
			failures++
			r.aside.putOff(next.Record, r.doubts.round, r.limits.MaxWait)
		}
	}
	return nil
}

// everyRecord is how many may fail where nothing bounds it.
const everyRecord = 1 << 30

// deliverHeld is what is sent while so many records are set aside that no others are: one of them, to see whether the
// backend was mended, or by hand all. It returns nil where few enough are left.
func (r *Reporter) deliverHeld(ctx context.Context, byHand bool) error {
	most := 1
	if byHand {
		most = everyRecord
	}
	if err := r.tryAside(ctx, true, most); err != nil {
		return err
	}
	if !r.aside.holds() {
		return nil
	}
	return r.reportHeld(ctx)
}

// reportHeld names to the backend what was set aside, takes what verdicts it has, and returns why nothing else is sent.
func (r *Reporter) reportHeld(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = r.reportEmpty(ctx); err != nil {
			return err
		}
	}
	return r.asideError("so many that nothing else is sent")
}

// asideError says that records are set aside.
func (r *Reporter) asideError(many string) error {
	records := r.aside.list()
	if len(records) == 0 {
		return nil
	}
	return fault.New(fault.SetAside, "redeem.report",
		"%d records fail and are set aside, %s: see to the backend; record %d: %s: %s", len(records), many, records[0].Number,
		records[0].Code, records[0].Detail)
}
