package journal

import (
	"cmp"
	"context"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// Settle stores the backend's answers, and notes with them, with one flush. The verdict of a record that was settled
// before replaces the older one. Where a record does not exist the error is fault.NotFound and nothing is written. It
// may use the reserve that is kept for a full disk. Errors otherwise as of Append.
//
// evidence is what the settlements of this call rest on, such as the backend's signed answer; the log does not look
// into it. It has at most MaxEvidence bytes, is stored once for all of them, and is kept as long as the payload of any
// of the records. Method Evidence gives it back. Empty: there is none.
func (l *Log) Settle(ctx context.Context, settlements []Settlement, evidence []byte, notes ...Note) error {
	return l.commit(ctx, "journal.Settle", func(*View) ([]draft, error) {
		if len(evidence) > MaxEvidence {
			return nil, fault.New(fault.TooLarge, "", "the evidence has %d bytes: give at most %d", len(evidence),
				MaxEvidence)
		}
		made, now := l.plan.reset(len(settlements)+len(notes)), format.Milliseconds(l.cfg.Now())
		if err := made.addSettlements(l.index, settlements, now); err != nil {
			return nil, err
		}
		made.addEvidence(settlements, evidence, now)
		return made.withNotes(notes)
	})
}

func (p *planBuffer) addSettlements(x *index.Index, settlements []Settlement, now int64) error {
	for i := range settlements {
		of := &settlements[i]
		record, ok := x.Find(of.Ref)
		if !ok {
			return notHere(of.Ref)
		}
		if len(of.Payload) > MaxPayload {
			return fault.New(fault.TooLarge, "", "a verdict has %d bytes: give at most %d", len(of.Payload), MaxPayload)
		}
		p.addSettlement(of, record, now)
	}
	p.endSettlements(now)
	return nil
}

// addSettlement adds a settlement. Those whose verdict nobody will ask for are gathered: their ids are all that is
// kept.
func (p *planBuffer) addSettlement(of *Settlement, record uint64, now int64) {
	if !of.HandOver && !of.Quarantine {
		if p.records == nil {
			p.settled, p.records = p.settled[:0], make([]uint64, 0, maxSettled)
		}
		p.settled, p.records = append(p.settled, of.Ref[:]...), append(p.records, record)
		if len(p.records) == maxSettled {
			p.endSettlements(now)
		}
		return
	}
	p.endSettlements(now) // the later one of two about the same record counts
	e := format.Envelope{Ref: of.Ref, Written: now, Payload: of.Payload}
	kind := format.KindSettled
	if of.HandOver {
		e.Status = format.FlagDue.DiskByte()
	}
	if of.Quarantine {
		kind = format.KindQuarantined
	}
	p.add(draft{kind: kind, about: []uint64{record}}, &e)
}

// maxSettled is how many records one entry settles: as many as one damage makes the till report again.
const maxSettled = 128

// endSettlements adds those that were gathered.
func (p *planBuffer) endSettlements(now int64) {
	if p.records == nil {
		return
	}
	p.add(draft{kind: format.KindSettledAll, about: p.records}, &format.Envelope{Written: now, Payload: p.settled})
	p.records = nil
}

// addEvidence adds what the settlements rest on.
func (p *planBuffer) addEvidence(settlements []Settlement, data []byte, now int64) {
	for len(data) > 0 && len(settlements) > 0 {
		some := settlements[:min(len(settlements), format.MaxCovered)]
		settlements = settlements[len(some):]
		e := format.Evidence{Data: data}
		for i := range some {
			e.IDs = append(e.IDs, some[i].Ref[:]...)
		}
		p.add(draft{kind: format.KindEvidence}, &format.Envelope{Written: now, Payload: e.AppendTo(nil)})
	}
}

func notHere(id ID) error {
	return fault.New(fault.NotFound, "", "no record %s is in this journal", id)
}

// withNotes adds notes and returns all drafts.
func (p *planBuffer) withNotes(notes []Note) ([]draft, error) {
	for _, n := range notes {
		e := Entry{Slot: n.Slot, Payload: n.Value}
		if err := cmp.Or(e.checkSizes(), e.checkNote()); err != nil {
			return nil, err
		}
		p.addNote(n.Slot, n.Value)
	}
	return p.drafts, nil
}

// PutNote stores a note by itself; those that ride on an Append or a Settle cost no flush of their own. Errors as of
// Append.
func (l *Log) PutNote(ctx context.Context, slot string, value []byte) error {
	return l.commit(ctx, "journal.PutNote", func(*View) ([]draft, error) {
		return l.plan.reset(1).withNotes([]Note{{slot, value}})
	})
}

// Note returns the slot's latest value that is on the medium or about to be.
func (l *Log) Note(slot string) (value []byte, ok bool) {
	l.mu.Lock()
	defer l.unlock()
	n, ok := l.index.Note(slot)
	return append([]byte(nil), n.Value...), ok
}

// HandOver stores that the POS has the verdicts of these records; those that are not due are passed over. Errors:
// fault.NotFound, and as of Append.
func (l *Log) HandOver(ctx context.Context, ids ...ID) error {
	return l.commit(ctx, "journal.HandOver", func(*View) ([]draft, error) {
		return l.changeDraftsLocked(format.KindHandedOver, ids, format.Status.Due)
	})
}

// Requeue makes reported records pending again, as a backend does that was restored from a backup. Those that are
// pending are passed over. Errors: fault.NotFound where a record does not exist or only its keys are kept, and as of
// Append.
func (l *Log) Requeue(ctx context.Context, ids ...ID) error {
	return l.commit(ctx, "journal.Requeue", func(*View) ([]draft, error) {
		for _, id := range ids {
			record, ok := l.index.Find(id)
			if ok && !l.index.Status(record).Is(format.FlagPayload) {
				return nil, fault.New(fault.NotFound, "", "only the keys of record %s are kept", id)
			}
		}
		return l.changeDraftsLocked(format.KindRequeued, ids, notPending)
	})
}

func notPending(s format.Status) bool { return s.State() != Pending }

// changeDraftsLocked makes entries about those of the records that have such a status.
func (l *Log) changeDraftsLocked(kind format.Kind, ids []ID, wanted func(format.Status) bool) ([]draft, error) {
	made := l.plan.reset(len(ids))
	for _, id := range ids {
		record, ok := l.index.Find(id)
		if !ok {
			return nil, notHere(id)
		}
		if wanted(l.index.Status(record)) {
			env := format.Envelope{Ref: id, Written: format.Milliseconds(l.cfg.Now())}
			made.add(draft{kind: kind}, &env)
		}
	}
	return made.drafts, nil
}
