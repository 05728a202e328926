package outbox

import (
	"github.com/offlane/offlane/redeem/fault"
)

// drafts checks entries and makes their contents.
func (l *Log) drafts(st *state, entries []Entry) ([]draft, error) {
	made := make([]draft, 0, len(entries))
	for i := range entries {
		e := &entries[i]
		if err := e.check(); err != nil {
			return nil, err
		}
		if e.Kind == KindNote {
			made = append(made, noteDraft(e.Slot, e.Payload))
			continue
		}
		if err := isNew(st, entries[:i], e); err != nil {
			return nil, err
		}
		made = append(made, l.recordDraft(st, e))
	}
	return made, nil
}

func invalid(format string, args ...any) error {
	return fault.New(fault.InvalidRequest, "", format, args...)
}

func (e *Entry) check() error {
	if len(e.Payload) > MaxPayload {
		return fault.New(fault.TooLarge, "", "the payload has %d bytes: give at most %d", len(e.Payload), MaxPayload)
	}
	switch e.Kind {
	case KindNote:
		return checkSlot(e.Slot)
	case 0, KindRecord:
		return e.checkRecord()
	}
	return invalid("kind %d cannot be appended: give KindRecord or KindNote", e.Kind)
}

func checkSlot(slot string) error {
	if slot == "" || len(slot) > MaxKey {
		return invalid("the slot has %d bytes: give 1 to %d", len(slot), MaxKey)
	}
	return nil
}

func (e *Entry) checkRecord() error {
	if e.ID.IsZero() || e.Slot != "" {
		return invalid("a record needs an ID and has no slot")
	}
	if n := len(e.Keys) + len(e.Names); n > MaxKeys {
		return invalid("%d keys and names: give at most %d", n, MaxKeys)
	}
	for _, keys := range [][]string{e.Keys, e.Names} {
		for _, key := range keys {
			if key == "" || len(key) > MaxKey {
				return invalid("a key has %d bytes: give 1 to %d", len(key), MaxKey)
			}
		}
	}
	if e.Uses < -MaxUses || e.Uses > MaxUses || e.Uses < 0 && e.Ref.IsZero() {
		return invalid("uses is %d: give 0 to %d, or down to -%d with a Ref", e.Uses, MaxUses, MaxUses)
	}
	return nil
}

// isNew refuses an ID that was used before.
func isNew(st *state, before []Entry, e *Entry) error {
	for i := range before {
		if before[i].ID == e.ID {
			return fault.New(fault.Conflict, "", "two records of one call have the ID %s", e.ID)
		}
	}
	if record, ok := st.find(e.ID); ok && st.isRecord(record, e.ID) {
		return fault.New(fault.Conflict, "", "a record with the ID %s is there already", e.ID)
	}
	return nil
}

func (l *Log) recordDraft(st *state, e *Entry) draft {
	env := envelope{id: e.ID, ref: e.Ref, written: milliseconds(l.cfg.Now()), keep: seconds(e.KeepUntil), uses: int8(e.Uses),
		counted: uint8(len(e.Keys)), payload: e.Payload}
	var room [MaxKeys][16]byte
	env.hashes = room[:0]
	for _, key := range e.Keys {
		env.hashes = append(env.hashes, keyHash(st.journal, key))
	}
	for _, key := range e.Names {
		env.hashes = append(env.hashes, keyHash(st.journal, key))
	}
	return draft{kind: KindRecord, content: env.appendTo(nil), payload: e.Payload, plain: e.Ref.IsZero()}
}

func noteDraft(slot string, value []byte) draft {
	env := envelope{payload: notePayload(slot, value)}
	return draft{kind: KindNote, content: env.appendTo(nil)}
}
