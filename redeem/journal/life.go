package journal

import (
	"context"

	"github.com/offlane/offlane/redeem/fault"
)

// Settle stores the backend's answers, and notes with them, with one flush. The verdict of a record that was settled
// before replaces the older one. Where a record does not exist the error is fault.NotFound and nothing is written. It may
// use the reserve that is kept for a full disk. Errors otherwise as of Append.
//
// evidence is what the settlements of this call rest on, such as the backend's signed answer; the log does not look
// into it. It has at most MaxEvidence bytes, is stored once for all of them, and is kept as long as the payload of any
// of the records. Method Evidence gives it back. Empty: there is none.
func (l *Log) Settle(ctx context.Context, settlements []Settlement, evidence []byte, notes ...Note) error {
	return l.commit(ctx, "journal.Settle", func(v *View) ([]draft, error) {
		if len(evidence) > MaxEvidence {
			return nil, fault.New(fault.TooLarge, "", "the evidence has %d bytes: give at most %d", len(evidence),
				MaxEvidence)
		}
		made, now := l.sheet.blank(len(settlements)+len(notes)), milliseconds(l.cfg.Now())
		if err := made.addSettlements(v.st, settlements, now); err != nil {
			return nil, err
		}
		made.addEvidence(settlements, evidence, now)
		return made.withNotes(notes)
	})
}

func (s *sheet) addSettlements(st *state, settlements []Settlement, now int64) error {
	for i := range settlements {
		of := &settlements[i]
		record, ok := st.find(of.Ref)
		if !ok {
			return notHere(of.Ref)
		}
		if len(of.Payload) > MaxPayload {
			return fault.New(fault.TooLarge, "", "a verdict has %d bytes: give at most %d", len(of.Payload), MaxPayload)
		}
		s.addSettlement(of, record, now)
	}
	s.endSettlements(now)
	return nil
}

// addSettlement enters a settlement. Those whose verdict nobody will ask for are gathered: their ids are all that is kept.
func (s *sheet) addSettlement(of *Settlement, record uint64, now int64) {
	if !of.HandOver && !of.Quarantine {
		if s.records == nil {
			s.settled, s.records = s.settled[:0], make([]uint64, 0, mostSettled)
		}
		s.settled, s.records = append(s.settled, of.Ref[:]...), append(s.records, record)
		if len(s.records) == mostSettled {
			s.endSettlements(now)
		}
		return
	}
	s.endSettlements(now) // the later one of two about the same record counts
	e := envelope{ref: of.Ref, written: now, payload: of.Payload}
	kind := kindSettled
	if of.HandOver {
		e.status = uint8(statusDue)
	}
	if of.Quarantine {
		kind = kindQuarantined
	}
	s.add(draft{kind: kind, about: []uint64{record}}, &e)
}

// mostSettled is how many records one entry settles: as many as one damage makes the till report again.
const mostSettled = 128

// endSettlements enters those that were gathered.
func (s *sheet) endSettlements(now int64) {
	if s.records == nil {
		return
	}
	s.add(draft{kind: kindSettledAll, about: s.records}, &envelope{written: now, payload: s.settled})
	s.records = nil
}

// addEvidence enters what the settlements rest on.
func (s *sheet) addEvidence(settlements []Settlement, data []byte, now int64) {
	for len(data) > 0 && len(settlements) > 0 {
		some := settlements[:min(len(settlements), mostCovered)]
		settlements = settlements[len(some):]
		e := evidenceEntry{data: data}
		for i := range some {
			e.ids = append(e.ids, some[i].Ref[:]...)
		}
		s.add(draft{kind: kindEvidence}, &envelope{written: now, payload: e.appendTo(nil)})
	}
}

func notHere(id ID) error {
	return fault.New(fault.NotFound, "", "no record %s is in this journal", id)
}

// withNotes adds notes and returns all drafts.
func (s *sheet) withNotes(notes []Note) ([]draft, error) {
	for _, n := range notes {
		e := Entry{Kind: KindNote, Slot: n.Slot, Payload: n.Value}
		if err := e.check(); err != nil {
			return nil, err
		}
		s.addNote(n.Slot, n.Value)
	}
	return s.drafts, nil
}

// PutNote stores a note by itself; those that ride on an Append or a Settle cost no flush of their own. Errors as of
// Append.
func (l *Log) PutNote(ctx context.Context, slot string, value []byte) error {
	return l.commit(ctx, "journal.PutNote", func(*View) ([]draft, error) {
		return l.sheet.blank(1).withNotes([]Note{{slot, value}})
	})
}

// Note returns the slot's latest value that is on the medium or about to be.
func (l *Log) Note(slot string) (value []byte, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, ok := l.st.notes[slot]
	return append([]byte(nil), n.value...), ok
}

// HandOver stores that the POS has the verdicts of these records; those that are not due are passed over. Errors:
// fault.NotFound, and as of Append.
func (l *Log) HandOver(ctx context.Context, ids ...ID) error {
	return l.commit(ctx, "journal.HandOver", func(v *View) ([]draft, error) {
		return l.lifeDrafts(v, kindHandedOver, ids, func(s status) bool { return s.public().Due })
	})
}

// Requeue makes reported records pending again, as a backend does that was restored from a backup. Those that are pending
// are passed over. Errors: fault.NotFound where a record does not exist or only its keys are kept, and as of Append.
func (l *Log) Requeue(ctx context.Context, ids ...ID) error {
	return l.commit(ctx, "journal.Requeue", func(v *View) ([]draft, error) {
		for _, id := range ids {
			record, ok := v.st.find(id)
			if ok && !v.st.ring.status(record).is(statusPayload) {
				return nil, fault.New(fault.NotFound, "", "only the keys of record %s are kept", id)
			}
		}
		return l.lifeDrafts(v, kindRequeued, ids, func(s status) bool { return s.state() != Pending })
	})
}

// lifeDrafts makes entries for those of the records that want one.
func (l *Log) lifeDrafts(v *View, kind Kind, ids []ID, wants func(status) bool) ([]draft, error) {
	made := l.sheet.blank(len(ids))
	for _, id := range ids {
		record, ok := v.st.find(id)
		if !ok {
			return nil, notHere(id)
		}
		if wants(*v.st.ring.status(record)) {
			env := envelope{ref: id, written: milliseconds(l.cfg.Now())}
			made.add(draft{kind: kind}, &env)
		}
	}
	return made.drafts, nil
}
