package reporter

import (
	"cmp"
	"context"
	"slices"

	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A backend that was restored from a backup asks for records again: by their numbers those that it lacks, and by their
// ids those whose offers it does not know. They are sent with what the journal keeps beside them, the pass that was
// shown and the signed answer that came before, so that it can take up the offer and the verdict. No other report
// carries that.

// again is what a restored backend asked for. It belongs to whoever has the turn to send. The ranges outlive a restart
// in the journal's slot slot.Again, since the backend asks for records by their numbers only until it has them; what it
// wants it asks for again.
type again struct {
	ranges []record.Range      // numbers that are sent with what is kept, until all was sent
	wanted map[journal.ID]bool // records that are sent so, until they are answered
	ids    []journal.ID        // those in the ranges whose signed answers were not looked for yet, as they are sent
	proofs map[journal.ID]*proof
}

// A proof is a signed answer that the journal has.
type proof struct {
	signed record.Signed
	order  int // in the journal
}

// lookAhead is for how many records signed answers are looked for at once: the journal reads all its files for it.
const lookAhead = 2048

// wants reports whether a record is sent with what is kept beside it.
func (a *again) wants(s *journal.Stored) bool {
	return a.wanted[s.ID] || containsNumber(a.ranges, s.Number)
}

// keepWanted notes what the backend wants, and forgets what it answered.
func (a *again) keepWanted(settled []journal.Settlement, wanted map[journal.ID]bool) {
	for id := range wanted {
		if a.wanted == nil {
			a.wanted = map[journal.ID]bool{}
		}
		a.wanted[id] = true
	}
	if len(a.wanted)+len(a.proofs) == 0 {
		return
	}
	for i := range settled {
		delete(a.wanted, settled[i].Ref)
		delete(a.proofs, settled[i].Ref)
	}
}

// recallAgain takes up what a backend asked an earlier process for.
func (r *Reporter) recallAgain() {
	if raw, ok := r.journal.Note(slot.Again); ok {
		r.again.ranges = slot.Decode[[]record.Range](raw)
	}
}

// keepAsked keeps what the backend asks for, on disk first.
func (r *Reporter) keepAsked(ctx context.Context, missing []record.Range, ids []journal.ID) error {
	ranges := fitSlot(record.Union(r.again.ranges, missing))
	if err := r.journal.PutNote(ctx, slot.Again, slot.Encode(ranges)); err != nil {
		return err
	}
	r.again.ranges, r.again.ids = ranges, append(r.again.ids, ids...)
	return nil
}

// endAgain forgets what was asked for, when everything that the backend lacks was sent.
func (r *Reporter) endAgain(ctx context.Context) error {
	if len(r.again.ranges) == 0 {
		return nil
	}
	if err := r.journal.PutNote(ctx, slot.Again, nil); err != nil {
		return err
	}
	r.again.ranges, r.again.ids, r.again.proofs = nil, nil, nil
	return nil
}

// recordsNamed are the records of the load that are named.
func (l *load) recordsNamed(ids []record.ID) map[journal.ID]bool {
	if len(ids) == 0 {
		return nil
	}
	among := map[journal.ID]bool{}
	for i := range l.records {
		if slices.Contains(ids, record.ID(l.records[i].ID)) {
			among[l.records[i].ID] = true
		}
	}
	return among
}

// furnish makes a load of records that one report can carry. Where the backend asked for the first of them it carries
// what is kept beside them, of as many as are asked for and fit; else as many as are not.
func (r *Reporter) furnish(ctx context.Context, records []journal.Stored) load {
	if len(records) == 0 {
		return load{}
	}
	l := load{records: records, asked: r.again.wants(&records[0])}
	if i := slices.IndexFunc(records, func(s journal.Stored) bool { return r.again.wants(&s) != l.asked }); i > 0 {
		l.records = records[:i]
	}
	if l.asked {
		r.lookUp(ctx, l.records)
		l.addKept(r.again.proofs, r.host.PassOf, r.limits.MaxBytes)
	}
	return l
}

// addKept adds what is kept beside the records, and leaves out those at the end with which the report would be too
// large.
func (l *load) addKept(proofs map[journal.ID]*proof, passOf func(journal.Stored) string, maxBytes int) {
	bytes, taken := 0, []*proof(nil)
	for i := range l.records {
		s := &l.records[i]
		pass, p := passOf(*s), proofs[s.ID]
		bytes += len(s.Payload) + len(pass)
		fresh := p != nil && !slices.Contains(taken, p)
		if fresh {
			bytes += len(p.signed.Content) + len(p.signed.Signature)
		}
		if i > 0 && (bytes > maxBytes || fresh && len(taken) == record.MaxStatements) {
			l.records = l.records[:i]
			break
		}
		l.passes = append(l.passes, pass)
		if fresh {
			taken = append(taken, p)
		}
	}
	// of two on one record the later counts
	slices.SortFunc(taken, func(a, b *proof) int { return cmp.Compare(a.order, b.order) })
	for _, p := range taken {
		l.statements = append(l.statements, p.signed)
	}
}

// lookUp finds the signed answers on records, and ahead of need those on records that follow. What cannot be read is
// sent without.
func (r *Reporter) lookUp(ctx context.Context, records []journal.Stored) {
	a := &r.again
	var ids []journal.ID
	for i := range records {
		if _, known := a.proofs[records[i].ID]; !known {
			ids = append(ids, records[i].ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	ahead := a.ids[:min(len(a.ids), lookAhead)]
	ids, a.ids = append(ids, ahead...), a.ids[len(ahead):]
	before := a.proofs
	a.proofs = make(map[journal.ID]*proof, len(ids)+len(records))
	for i := range records { // what was found earlier is still needed
		a.proofs[records[i].ID] = before[records[i].ID]
	}
	for _, id := range ids {
		a.proofs[id] = nil
	}
	order := 0
	for e, err := range r.journal.Evidence(ids...) {
		if err == nil {
			order++
			err = a.prove(e, order)
		}
		if err != nil {
			r.log.WarnContext(ctx, "a signed answer cannot be read: records are sent without it", errAttr(err))
			return
		}
	}
}

func (a *again) prove(e journal.Evidence, order int) error {
	signed, err := record.DecodeSigned(e.Data)
	if err != nil {
		return err
	}
	p := &proof{signed, order}
	for _, id := range e.IDs {
		a.proofs[id] = p
	}
	return nil
}

// sendAgain puts records that the backend does not have, since it was restored from a backup say, back into the queue.
// Those that the journal does not have either are declared lost with the next report.
func (r *Reporter) sendAgain(ctx context.Context, missing []record.Range) error {
	var ids []journal.ID
	found := map[uint64]bool{}
	for stored, err := range r.journal.History() {
		if err != nil {
			return ownError(err)
		}
		if stored.Payload != nil && containsNumber(missing, stored.Number) {
			found[stored.Number] = true
			ids = append(ids, stored.ID)
		}
	}
	r.lost = notFound(missing, found)
	r.log.WarnContext(ctx, "the backend asks for records again", "found", len(ids), "asked", missing)
	if err := r.keepAsked(ctx, missing, ids); err != nil {
		return ownError(err)
	}
	return ownError(r.host.Requeue(ctx, ids))
}

// fitSlot are the same numbers, or where the ranges are too many for a slot one range around them.
func fitSlot(all []record.Range) []record.Range {
	if len(all) > mostRanges {
		all = []record.Range{{First: all[0].First, Last: all[len(all)-1].Last}}
	}
	return all
}

// mostRanges are as many as fit into a slot in any case.
const mostRanges = 2000

// holes are the chain numbers that the journal lost to damage; they are declared so that the chain goes on.
func holes(damage []journal.Damage) (lost []record.Range) {
	for _, d := range damage {
		if d.FirstNumber != 0 && !d.Unknown {
			lost = append(lost, record.Range{First: d.FirstNumber, Last: d.LastNumber})
		}
	}
	return lost
}

// firstLost is the number from which on an unknown number of records is lost; 0: there are none.
func firstLost(damage []journal.Damage) (first uint64) {
	for _, d := range damage {
		if d.Unknown && d.FirstNumber <= record.MaxNumber {
			first = max(first, d.FirstNumber)
		}
	}
	return first
}

func containsNumber(ranges []record.Range, number uint64) bool {
	return slices.ContainsFunc(ranges, func(r record.Range) bool { return r.First <= number && number <= r.Last })
}

// notFound are the numbers of the ranges that were not found, as ranges.
func notFound(ranges []record.Range, found map[uint64]bool) []record.Range {
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
