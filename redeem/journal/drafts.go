package journal

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// A sheet holds the drafts of a call and their contents. It is used again by the next call: what a call planned is copied
// into a group under the same hold of the log's lock, and is planned anew where that is let go in between.
type sheet struct {
	drafts []draft
	room   []byte
	// Settlements that are gathered for one entry.
	settled []byte
	records []uint64
}

// What a sheet keeps for the next call, at most.
const (
	sheetDrafts = 1 << 10
	sheetBytes  = 64 << 10
)

// blank wipes the sheet for n drafts.
func (s *sheet) blank(n int) *sheet {
	if cap(s.drafts) > sheetDrafts || cap(s.room) > sheetBytes {
		*s = sheet{}
	}
	s.drafts, s.room = slices.Grow(s.drafts[:0], n), s.room[:0]
	s.records = nil
	return s
}

// add enters a draft whose content is e.
func (s *sheet) add(d draft, e *envelope) {
	from := len(s.room)
	s.room = e.appendTo(s.room)
	d.content = s.room[from:len(s.room):len(s.room)]
	if d.kind == KindRecord {
		d.payload = d.content[len(d.content)-len(e.payload):]
	}
	s.drafts = append(s.drafts, d)
}

func (s *sheet) addNote(slot string, value []byte) {
	s.add(draft{kind: KindNote}, &envelope{payload: notePayload(slot, value)})
}

// drafts checks entries and makes their contents.
func (l *Log) drafts(st *state, entries []Entry) ([]draft, error) {
	made := l.sheet.blank(len(entries))
	for i := range entries {
		e := &entries[i]
		if err := e.check(); err != nil {
			return nil, err
		}
		if e.Kind == KindNote {
			made.addNote(e.Slot, e.Payload)
			continue
		}
		if err := isNew(st, entries[:i], e); err != nil {
			return nil, err
		}
		l.addRecord(made, e)
	}
	return made.drafts, nil
}

func invalid(format string, args ...any) error {
	return fault.New(fault.InvalidRequest, "", format, args...)
}

func (e *Entry) check() error {
	if len(e.Payload) > MaxPayload {
		return fault.New(fault.TooLarge, "", "the payload has %d bytes: give at most %d", len(e.Payload), MaxPayload)
	}
	if len(e.Attachment) > MaxAttachment {
		return fault.New(fault.TooLarge, "", "the attachment has %d bytes: give at most %d", len(e.Attachment),
			MaxAttachment)
	}
	switch e.Kind {
	case KindNote:
		return e.checkNote()
	case 0, KindRecord:
		return e.checkRecord()
	}
	return invalid("kind %d cannot be appended: give KindRecord or KindNote", e.Kind)
}

func (e *Entry) checkNote() error {
	if e.Slot == "" || len(e.Slot) > MaxKey {
		return invalid("the slot has %d bytes: give 1 to %d", len(e.Slot), MaxKey)
	}
	if len(e.Attachment) > 0 {
		return invalid("a note has no attachment")
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

func (l *Log) addRecord(to *sheet, e *Entry) {
	env := envelope{id: e.ID, ref: e.Ref, written: milliseconds(l.cfg.Now()), keep: seconds(e.KeepUntil), uses: int8(e.Uses),
		counted: uint8(len(e.Keys)), attachment: e.Attachment, payload: e.Payload}
	var room [MaxKeys][16]byte
	env.hashes = room[:0]
	for _, key := range e.Keys {
		env.hashes = append(env.hashes, keyHash(l.st.journal, key))
	}
	for _, key := range e.Names {
		env.hashes = append(env.hashes, keyHash(l.st.journal, key))
	}
	to.add(draft{kind: KindRecord, plain: e.Ref.IsZero()}, &env)
}
