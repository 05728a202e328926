package reporter

import (
	"context"
	"errors"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// send carries one report, or asks for verdicts where there is nothing to report, and keeps the answer. It reports
// whether the backend has more to say.
func (r *Reporter) send(ctx context.Context, l load) (more bool, err error) {
	if len(l.records) == 0 && len(r.lost) == 0 && !r.host.HasUnreported() {
		return r.ask(ctx, l, r.askVerdicts)
	}
	return r.ask(ctx, l, r.report)
}

// A question is how the backend is asked: with a report, or for verdicts.
type question func(context.Context, load) (record.Answer, error)

// ask asks the backend and keeps its answer.
func (r *Reporter) ask(ctx context.Context, l load, q question) (more bool, err error) {
	r.setInFlight(len(l.records))
	defer r.setInFlight(0)
	limited, cancel := context.WithTimeout(ctx, r.limits.Timeout)
	defer cancel()
	answer, err := q(limited, l)
	if err != nil {
		return false, err
	}
	return r.keepAnswer(ctx, l, answer)
}

func (r *Reporter) askVerdicts(ctx context.Context, _ load) (record.Answer, error) {
	return r.backend.Verdicts(ctx, r.host.Self().Token, r.cursor())
}

// report seals a report and sends it.
func (r *Reporter) report(ctx context.Context, l load) (record.Answer, error) {
	who, raws := r.host.Self(), make([][]byte, len(l.records))
	for i := range l.records {
		raws[i] = l.records[i].Payload
	}
	heading := r.heading(who, l.records)
	report, err := record.Seal(heading, raws, who.Signer)
	report.Passes, report.Statements = l.passes, l.statements
	switch {
	case err != nil && fault.CodeOf(err) == fault.InvalidRequest: // the first record cannot be read: others can
		return record.Answer{}, err
	case err != nil:
		return record.Answer{}, ownError(err)
	}
	answer, err := r.backend.Report(ctx, who.Token, report)
	if err == nil {
		r.lost = nil // the backend knows now
		err = ownError(r.host.NoteForgotten(ctx, heading.Forgotten))
	}
	return answer, err
}

// heading is that of a report of these records.
func (r *Reporter) heading(who Self, records []journal.Stored) record.Heading {
	out := r.exclusions()
	h := record.Heading{
		Terminal: who.Terminal, Chain: slot.ChainOf(r.journal), Sent: r.clock.Now(), After: r.cursor(), Lost: r.lost,
		Aside: numbersExcept(out, records), LostFrom: firstLost(r.journal.Damage()), Forgotten: r.host.Lapses(),
	}
	if len(records) > 0 {
		h.Chain = record.ChainOf(records[0].Payload)
	}
	left := len(out)
	for i := range records {
		if _, ok := out[records[i].ID]; !ok {
			left++
		}
	}
	if pending := r.journal.Stats().Pending; pending > left {
		h.Waiting = uint64(pending - left)
	}
	return h
}

// keepAnswer puts an answer on disk: the verdicts, the cursor and the evidence of time with one flush. What does not
// name one of our records by id and hash is no answer.
func (r *Reporter) keepAnswer(ctx context.Context, l load, answer record.Answer) (more bool, err error) {
	r.heedCorrection(ctx, answer.Correction)
	r.applyServerTime(answer.Time)
	r.host.HeedNotice(ctx, answer.Notice)
	wanted := l.recordsNamed(answer.Wanted)
	ours, settled, err := r.match(l.records, answer, wanted)
	if err != nil {
		return false, err
	}
	absent := remaining(l.records, settled)
	first := len(l.records) - len(absent)
	if !l.asked { // it was not sent yet what is kept beside these
		absent = slices.DeleteFunc(absent, func(s journal.Stored) bool { return wanted[s.ID] })
	}
	if len(l.records) > 0 && len(absent) == len(l.records) {
		return false, fault.New(fault.NotTheContract, "redeem.report", "the backend answered none of %d records",
			len(l.records))
	}
	evidence, err := r.evidenceOf(ctx, answer, ours)
	if err != nil {
		return false, err
	}
	notes := r.clock.Notes(r.journal)
	advanced := answer.Cursor > r.cursor()
	if advanced {
		notes = append(notes, slot.NumberNote(slot.Cursor, answer.Cursor))
	}
	if note, changed := r.noteReceived(ours, answer); changed {
		notes = append(notes, note)
	}
	aside, afterwards, changed := r.lessAside(func(id journal.ID) bool { return isSettled(settled, id) })
	if changed {
		notes = append(notes, aside)
	}
	if err := r.host.Settle(ctx, settled, evidence, notes); err != nil {
		return false, ownError(err)
	}
	if changed {
		afterwards()
	}
	r.doubts.removeAnswered(settled, first)
	r.again.keepWanted(settled, wanted)
	if len(absent) > 0 {
		r.doubts.fail(absent, true)
	}
	r.announce(len(settled), answer)
	if missing := r.missingRanges(answer); len(missing) > 0 {
		r.missing = missing
	}
	return answer.More && advanced, ownError(r.host.HearAnswer(ctx, l.chain(), &answer, !r.unsigned))
}

// remaining are the records that were not settled.
func remaining(records []journal.Stored, settled []journal.Settlement) (absent []journal.Stored) {
	for i := range records {
		id := records[i].ID
		if i < len(settled) && settled[i].Ref == id || isSettled(settled, id) { // mostly they come in the same order
			continue
		}
		absent = append(absent, records[i])
	}
	return absent
}

func isSettled(settled []journal.Settlement, id journal.ID) bool {
	return slices.ContainsFunc(settled, func(s journal.Settlement) bool { return s.Ref == id })
}

// missingRanges are the numbers that the backend asks for, and where nothing waits to be sent those behind its last
// one: it had them, and was restored from a backup since. What is left out it does not get, whether it asks or not.
func (r *Reporter) missingRanges(answer record.Answer) []record.Range {
	stats, out, missing := r.journal.Stats(), r.exclusions(), answer.Missing
	if answer.Last != nil && stats.Pending <= len(out) && *answer.Last < stats.LastNumber {
		missing = append(slices.Clip(missing), record.Range{First: *answer.Last + 1, Last: stats.LastNumber})
	}
	return subtract(missing, out)
}

// match returns the verdicts on records of this journal and the settlements that they are. A verdict that is not on one
// of our records, byte for byte, is passed over: it may be on one of a clone of this terminal, or on one that the
// journal gave back long ago. One on a record that is wanted again is none yet.
func (r *Reporter) match(
	batch []journal.Stored, answer record.Answer, wanted map[journal.ID]bool,
) (ours []record.Verdict, settled []journal.Settlement, err error) {
	seen := map[record.ID]bool{}
	for _, verdict := range verdictsFirst(answer) {
		mine, err := r.isOurs(batch, verdict)
		if err != nil {
			return nil, nil, ownError(err)
		}
		if !mine || seen[verdict.Record] || wanted[journal.ID(verdict.Record)] || verdict.Check() != nil {
			continue
		}
		seen[verdict.Record] = true
		settlement, err := settlementOf(verdict)
		if err != nil {
			return nil, nil, err
		}
		ours, settled = append(ours, verdict), append(settled, settlement)
	}
	return ours, settled, nil
}

// settlementOf is what the journal keeps of a verdict: of one that nobody is told of no more than that it was given.
func settlementOf(v record.Verdict) (journal.Settlement, error) {
	s := journal.Settlement{
		Ref: journal.ID(v.Record), HandOver: isNews(v.Status), Quarantine: v.Status == record.Quarantined,
	}
	if !s.HandOver {
		return s, nil
	}
	var err error
	s.Payload, err = v.Encode()
	return s, err
}

// verdictsFirst are the items of an answer and the later verdicts. What was only received comes last: a verdict on it
// counts.
func verdictsFirst(answer record.Answer) []record.Verdict {
	all := slices.Concat(answer.Items, answer.Later)
	if slices.ContainsFunc(all, isReceived) {
		last := slices.DeleteFunc(slices.Clone(all), func(v record.Verdict) bool { return !isReceived(v) })
		all = append(slices.DeleteFunc(all, isReceived), last...)
	}
	return all
}

func isReceived(v record.Verdict) bool { return v.Status == record.Received }

// isNews reports whether the POS has to be told: of every verdict but confirmed, and of what is no verdict yet not at
// all.
func isNews(status record.Status) bool {
	return status != record.Confirmed && status != record.Received
}

// isOurs reports whether a verdict names a record of this journal by id and hash.
func (r *Reporter) isOurs(batch []journal.Stored, v record.Verdict) (bool, error) {
	for i := range batch {
		if stored := &batch[i]; record.ID(stored.ID) == v.Record {
			return record.Hash(stored.Hash()) == v.Hash, nil
		}
	}
	stored, ok, err := r.journal.Get(journal.ID(v.Record))
	if errors.Is(err, fault.Damaged) {
		return false, nil // Status tells of it; the verdicts on others are not to wait for that
	}
	return ok && record.Hash(stored.Hash()) == v.Hash, err
}

func (r *Reporter) announce(settled int, answer record.Answer) {
	if settled == 0 {
		return
	}
	r.host.TellReported(settled)
	for _, v := range slices.Concat(answer.Items, answer.Later) {
		if isNews(v.Status) {
			r.host.TellVerdict(v)
		}
	}
}
