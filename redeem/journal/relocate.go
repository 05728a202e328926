package journal

import (
	"slices"

	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// draftsLocked makes the copies of some entries of the oldest segment.
func (c *compactor) draftsLocked(entries []oldEntry) ([]draft, error) {
	if err := c.checkLocked(); err != nil {
		return nil, err
	}
	var made []draft
	for i := range entries {
		if d, ok := c.draftLocked(&entries[i]); ok {
			made = append(made, d)
		}
	}
	return made, nil
}

// draftLocked makes the copy of an entry; ok is false where it is not kept.
func (c *compactor) draftLocked(e *oldEntry) (draft, bool) {
	if e.bad {
		return draft{}, false
	}
	switch e.Kind {
	case format.KindRecord, format.KindRelocated:
		return c.recordDraftLocked(e)
	case format.KindNote:
		return c.noteDraftLocked(e)
	case format.KindEvidence:
		return c.evidenceDraftLocked(e)
	}
	// A kind of a later release is kept as it is. Those of this one have done what they are for.
	return draft{kind: e.Kind, content: e.Content}, e.Kind > format.LastKind
}

// logStartLocked makes the entry that says that the oldest segment is given back: without it one that somebody has
// deleted would not be missed.
func (c *compactor) logStartLocked(*View) ([]draft, error) {
	if err := c.checkLocked(); err != nil {
		return nil, err
	}
	start := format.LogStart{First: c.l.index.All[1].First, Number: c.number}
	env := format.Envelope{Payload: start.Payload()}
	return []draft{{kind: format.KindLogStart, content: env.AppendTo(nil)}}, nil
}

func (c *compactor) noteDraftLocked(e *oldEntry) (draft, bool) {
	slot, _, err := format.ParseNote(e.Envelope.Payload)
	if err != nil {
		return draft{}, false
	}
	n, _ := c.l.index.Note(slot)
	return draft{kind: format.KindNote, content: e.Content}, n.At == c.l.index.All[0].Address(e.off)
}

// evidenceDraftLocked makes the copy of evidence for those of its records whose payload is kept when the segment is
// gone.
//
// Only relocated records are such. Evidence stands behind the records that it covers, so a record that stays where it
// was written leaves the log before its evidence or together with it. A record whose payload is relocated goes to the
// end of the log, and its evidence may then be in the oldest segment: it is relocated as well, as often as that comes
// to pass.
func (c *compactor) evidenceDraftLocked(e *oldEntry) (draft, bool) {
	covers, err := format.ParseEvidence(e.Envelope.Payload)
	if err != nil {
		return draft{}, false
	}
	left := format.Evidence{Origin: evidenceOrigin(&covers, e.Seq), Data: covers.Data}
	for i := range covers.Records() {
		if id := covers.ID(i); c.outlivesLocked(id) {
			left.IDs = append(left.IDs, id[:]...)
		}
	}
	env := e.Envelope
	env.Payload = left.AppendTo(nil)
	return draft{kind: format.KindEvidence, content: env.AppendTo(nil)}, len(left.IDs) > 0
}

// outlivesLocked reports whether a record has its payload and keeps it when the oldest segment is given back.
func (c *compactor) outlivesLocked(id ID) bool {
	x := c.l.index
	record, ok := x.Find(id)
	if !ok {
		return false
	}
	s := x.Status(record)
	return s.Is(format.FlagPayload) && (s.KeepsPayload() || s.State() == Pending || !x.IsInFirstSegment(record))
}

// recordDraftLocked makes the copy of a record: with its payload where that is still needed, otherwise with its keys
// alone.
func (c *compactor) recordDraftLocked(e *oldEntry) (draft, bool) {
	record, ok := c.currentLocked(e)
	if !ok {
		return draft{}, false
	}
	x := c.l.index
	s := x.Status(record)
	pending := s.State() == Pending
	whole := s.KeepsPayload() || pending
	head := x.Head.Number > 0 && x.Head.At == x.At(record)
	if pending && !slices.Contains(c.l.movable, e.Envelope.ID) || !whole && !head && e.Envelope.Keep <= c.now {
		return draft{}, false
	}
	r := format.Relocated{Seq: e.Origin(), Number: e.Number, Settled: c.seg.Settled, Hash: e.Hash()}
	if e.Kind == format.KindRelocated {
		r.Number = e.Relocated.Number
	}
	env := e.Envelope
	if whole {
		r.Payload, r.Verdict = e.Payload(), c.verdictLocked(record, e)
	} else {
		env.Attachment = nil // it goes with the payload
	}
	env.Uses, env.Status, env.Payload = s.Uses(), s.DiskByte(), r.AppendTo(nil)
	return draft{kind: format.KindRelocated, content: env.AppendTo(nil)}, true
}

// verdictLocked returns the verdict of a record, or nil.
func (c *compactor) verdictLocked(record uint64, e *oldEntry) []byte {
	x := c.l.index
	at, ok := x.Verdict(record)
	switch {
	case !ok:
		return nil
	case at == x.At(record):
		return e.Relocated.Verdict
	}
	v, err := c.l.readLocked(&c.reader, at)
	if err != nil {
		return nil
	}
	return append([]byte(nil), v.Envelope.Payload...)
}
