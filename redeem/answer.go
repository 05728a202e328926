package redeem

import (
	"context"
	"errors"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/outbox"
	"github.com/offlane/offlane/redeem/record"
)

// send carries one report, or asks for verdicts where there is nothing to report, and keeps the answer. It reports whether the
// backend has more to say.
func (t *Terminal) send(ctx context.Context, l load) (more bool, err error) {
	if len(l.records) == 0 && len(t.lostRecords()) == 0 {
		return t.answered(ctx, l, t.askVerdicts)
	}
	return t.answered(ctx, l, t.report)
}

// answered asks the backend and keeps its answer.
func (t *Terminal) answered(ctx context.Context, l load, ask func(context.Context, load) (record.Answer, error)) (more bool, err error) {
	t.setInFlight(len(l.records))
	defer t.setInFlight(0)
	limited, cancel := context.WithTimeout(ctx, t.cfg.Reporting.Timeout)
	defer cancel()
	answer, err := ask(limited, l)
	if err != nil {
		return false, err
	}
	return t.keep(ctx, l, answer)
}

func (t *Terminal) askVerdicts(ctx context.Context, _ load) (record.Answer, error) {
	return t.cfg.Reporter.Verdicts(ctx, t.identity().Token, t.cursor())
}

// report seals a report and sends it.
func (t *Terminal) report(ctx context.Context, l load) (record.Answer, error) {
	who, raws := t.identity(), make([][]byte, len(l.records))
	for i := range l.records {
		raws[i] = l.records[i].Payload
	}
	report, err := record.Seal(t.heading(who, l.records), raws, who.signer)
	switch {
	case err != nil && fault.CodeOf(err) == fault.InvalidRequest: // the first record cannot be read: others can
		return record.Answer{}, err
	case err != nil:
		return record.Answer{}, own(err)
	}
	answer, err := t.cfg.Reporter.Report(ctx, who.Token, report)
	if err == nil {
		t.setLost(nil) // the backend knows now
	}
	return answer, err
}

// heading is that of a report of these records.
func (t *Terminal) heading(who identity, records []outbox.Stored) record.Heading {
	out := t.leftOut()
	h := record.Heading{
		Terminal: who.Terminal, Chain: t.chainNow(), Sent: t.readTime(), After: t.cursor(), Lost: t.lostRecords(),
		Aside: numbersBut(out, records),
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
	if pending := t.journal.Stats().Pending; pending > left {
		h.Waiting = uint64(pending - left)
	}
	return h
}

// keep puts an answer on disk: the verdicts, the cursor and the evidence of time with one flush. What does not name one of our
// records by id and hash is no answer.
func (t *Terminal) keep(ctx context.Context, l load, answer record.Answer) (more bool, err error) {
	t.believe(answer.Time)
	ours, settled, err := t.match(l.records, answer)
	if err != nil {
		return false, err
	}
	absent := notAmong(l.records, settled)
	if len(l.records) > 0 && len(absent) == len(l.records) {
		return false, fault.New(fault.NotTheContract, "redeem.report", "the backend answered none of %d records", len(l.records))
	}
	notes := []outbox.Note{{Slot: slotAnchor, Value: t.vouched().encode()}}
	advanced := answer.Cursor > t.cursor()
	if advanced {
		notes = append(notes, outbox.Note{Slot: slotCursor, Value: encodeNumber(answer.Cursor)})
	}
	if note, changed := t.noteReceived(ours, answer); changed {
		notes = append(notes, note)
	}
	aside, afterwards, changed := t.lessAside(refsOf(settled))
	if changed {
		notes = append(notes, aside)
	}
	if err := t.settle(ctx, settled, notes); err != nil {
		return false, own(err)
	}
	if changed {
		afterwards()
	}
	t.doubts.answered(settled, len(l.records)-len(absent))
	if len(absent) > 0 {
		t.doubts.fail(absent, true)
	}
	t.announce(len(settled), answer)
	t.setMissing(t.unheard(answer))
	if answer.Forked {
		err = own(t.startChain(ctx))
	}
	return answer.More && advanced, err
}

// notAmong are the records that were not settled.
func notAmong(records []outbox.Stored, settled []outbox.Settlement) (absent []outbox.Stored) {
	done := make(map[outbox.ID]bool, len(settled))
	for i := range settled {
		done[settled[i].Ref] = true
	}
	for i := range records {
		if !done[records[i].ID] {
			absent = append(absent, records[i])
		}
	}
	return absent
}

func refsOf(settled []outbox.Settlement) []outbox.ID {
	refs := make([]outbox.ID, len(settled))
	for i := range settled {
		refs[i] = settled[i].Ref
	}
	return refs
}

// unheard are the numbers that the backend asks for, and where nothing waits to be sent those behind its last one: it had them, and
// was restored from a backup since. What is left out it does not get, whether it asks or not.
func (t *Terminal) unheard(answer record.Answer) []record.Range {
	stats, out, missing := t.journal.Stats(), t.leftOut(), answer.Missing
	if answer.Last != nil && stats.Pending <= len(out) && *answer.Last < stats.LastNumber {
		missing = append(slices.Clip(missing), record.Range{First: *answer.Last + 1, Last: stats.LastNumber})
	}
	return without(missing, out)
}

func (t *Terminal) settle(ctx context.Context, settled []outbox.Settlement, notes []outbox.Note) error {
	t.books.gate.RLock()
	defer t.books.gate.RUnlock()
	if err := t.journal.Settle(ctx, settled, nil, notes...); err != nil {
		return err
	}
	t.books.answer(settled)
	return nil
}

// match returns the verdicts on records of this journal and the settlements that they are. A verdict that is not on one of our records,
// byte for byte, is passed over: it may be on one of a clone of this terminal, or on one that the journal gave back long ago.
func (t *Terminal) match(batch []outbox.Stored, answer record.Answer) (ours []record.Verdict, settled []outbox.Settlement, err error) {
	seen := map[record.ID]bool{}
	for _, verdict := range slices.Concat(answer.Items, answer.Later) {
		mine, err := t.ours(batch, verdict)
		if err != nil {
			return nil, nil, own(err)
		}
		if !mine || seen[verdict.Record] || verdict.Check() != nil {
			continue
		}
		seen[verdict.Record] = true
		raw, err := verdict.Encode()
		if err != nil {
			return nil, nil, err
		}
		ours = append(ours, verdict)
		settled = append(settled, outbox.Settlement{
			Ref: outbox.ID(verdict.Record), Payload: raw,
			HandOver: toldOf(verdict.Status), Quarantine: verdict.Status == record.Quarantined,
		})
	}
	return ours, settled, nil
}

// toldOf reports whether the POS has to be told: of every verdict but confirmed, and of what is no verdict yet not at all.
func toldOf(status record.Status) bool {
	return status != record.Confirmed && status != record.Received
}

// ours reports whether a verdict names a record of this journal by id and hash.
func (t *Terminal) ours(batch []outbox.Stored, v record.Verdict) (bool, error) {
	for i := range batch {
		if stored := &batch[i]; record.ID(stored.ID) == v.Record {
			return record.Hash(stored.Hash()) == v.Hash, nil
		}
	}
	stored, ok, err := t.journal.Get(outbox.ID(v.Record))
	if errors.Is(err, fault.Damaged) {
		return false, nil // Status tells of it; the verdicts on others are not to wait for that
	}
	return ok && record.Hash(stored.Hash()) == v.Hash, err
}

// sendAgain puts records that the backend does not have, since it was restored from a backup say, back into the queue. Those
// that the journal does not have either are declared lost with the next report.
func (t *Terminal) sendAgain(ctx context.Context, missing []record.Range) error {
	var again []outbox.ID
	found := map[uint64]bool{}
	for stored, err := range t.journal.History() {
		if err != nil {
			return err
		}
		if stored.Payload != nil && inRanges(missing, stored.Number) {
			found[stored.Number] = true
			again = append(again, stored.ID)
		}
	}
	t.setLost(absent(missing, found))
	t.log.WarnContext(ctx, "the backend asks for records again", "found", len(again), "asked", missing)
	defer t.books.close() // what was answered waits again
	return t.journal.Requeue(ctx, again...)
}

// holes are the chain numbers that the journal lost to damage; they are declared so that the chain goes on.
func holes(damage []outbox.Damage) (lost []record.Range) {
	for _, d := range damage {
		if d.FirstNumber != 0 {
			lost = append(lost, record.Range{First: d.FirstNumber, Last: d.LastNumber})
		}
	}
	return lost
}

func inRanges(ranges []record.Range, number uint64) bool {
	return slices.ContainsFunc(ranges, func(r record.Range) bool { return r.First <= number && number <= r.Last })
}

// absent are the numbers of the ranges that were not found, as ranges.
func absent(ranges []record.Range, found map[uint64]bool) []record.Range {
	var lost []record.Range
	for _, r := range ranges {
		if r.Last-r.First > 1<<20 {
			continue // no journal holds that many; a backend that asks for them is not asking for ours
		}
		for n := r.First; n <= r.Last; n++ {
			switch last := len(lost) - 1; {
			case found[n]:
			case last >= 0 && lost[last].Last == n-1:
				lost[last].Last = n
			default:
				lost = append(lost, record.Range{First: n, Last: n})
			}
		}
	}
	return lost
}

func (t *Terminal) announce(settled int, answer record.Answer) {
	if settled == 0 {
		return
	}
	t.tell(Event{Kind: EventReported, Count: settled})
	for _, v := range slices.Concat(answer.Items, answer.Later) {
		if toldOf(v.Status) {
			t.tell(Event{Kind: EventVerdict, Verdict: v})
		}
	}
}
