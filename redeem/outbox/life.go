package outbox

import (
	"context"

	"github.com/offlane/offlane/redeem/fault"
)

// Settle stores the backend's answers, and notes with them, with one flush. The verdict of a record that was settled
// before replaces the older one. Where a record does not exist the error is fault.NotFound and nothing is written. It may
// use the reserve that is kept for a full disk. Errors otherwise as of Append.
func (l *Log) Settle(ctx context.Context, settlements []Settlement, notes ...Note) error {
	return l.commit(ctx, "outbox.Settle", func(v *View) ([]draft, error) {
		made := make([]draft, 0, len(settlements)+len(notes))
		for i := range settlements {
			d, err := l.settlementDraft(v.st, &settlements[i])
			if err != nil {
				return nil, err
			}
			made = append(made, d)
		}
		return appendNotes(made, notes)
	})
}

func (l *Log) settlementDraft(st *state, s *Settlement) (draft, error) {
	if _, ok := st.find(s.Ref); !ok {
		return draft{}, notHere(s.Ref)
	}
	if len(s.Payload) > MaxPayload {
		return draft{}, fault.New(fault.TooLarge, "", "a verdict has %d bytes: give at most %d", len(s.Payload), MaxPayload)
	}
	env := envelope{ref: s.Ref, written: milliseconds(l.cfg.Now()), payload: s.Payload}
	if s.HandOver {
		env.status = uint8(statusDue)
	}
	kind := kindSettled
	if s.Quarantine {
		kind = kindQuarantined
	}
	return draft{kind: kind, content: env.appendTo(nil)}, nil
}

func notHere(id ID) error {
	return fault.New(fault.NotFound, "", "no record %s is in this journal", id)
}

func appendNotes(made []draft, notes []Note) ([]draft, error) {
	for _, n := range notes {
		e := Entry{Kind: KindNote, Slot: n.Slot, Payload: n.Value}
		if err := e.check(); err != nil {
			return nil, err
		}
		made = append(made, noteDraft(n.Slot, n.Value))
	}
	return made, nil
}

// PutNote stores a note by itself; those that ride on an Append or a Settle cost no flush of their own. Errors as of
// Append.
func (l *Log) PutNote(ctx context.Context, slot string, value []byte) error {
	return l.commit(ctx, "outbox.PutNote", func(*View) ([]draft, error) {
		return appendNotes(nil, []Note{{slot, value}})
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
	return l.commit(ctx, "outbox.HandOver", func(v *View) ([]draft, error) {
		return l.lifeDrafts(v, kindHandedOver, ids, func(s status) bool { return s.public().Due })
	})
}

// Requeue makes reported records pending again, as a backend does that was restored from a backup. Those that are pending
// are passed over. Errors: fault.NotFound where a record does not exist or only its keys are kept, and as of Append.
func (l *Log) Requeue(ctx context.Context, ids ...ID) error {
	return l.commit(ctx, "outbox.Requeue", func(v *View) ([]draft, error) {
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
	var made []draft
	for _, id := range ids {
		record, ok := v.st.find(id)
		if !ok {
			return nil, notHere(id)
		}
		if wants(*v.st.ring.status(record)) {
			env := envelope{ref: id, written: milliseconds(l.cfg.Now())}
			made = append(made, draft{kind: kind, content: env.appendTo(nil)})
		}
	}
	return made, nil
}
