package journal

import "slices"

// drafts makes what is to be carried of some frames of the oldest segment.
func (c *carrier) drafts(st *state, frames []placed) ([]draft, error) {
	if err := c.check(st); err != nil {
		return nil, err
	}
	var made []draft
	for i := range frames {
		if d, ok := c.draft(st, &frames[i]); ok {
			made = append(made, d)
		}
	}
	return made, nil
}

// draft makes what is to be carried of a frame; ok is false where nothing is.
func (c *carrier) draft(st *state, p *placed) (draft, bool) {
	switch p.kind {
	case KindRecord, kindCarried:
		return c.recordDraft(st, p)
	case KindNote:
		return c.noteDraft(st, p)
	case kindEvidence:
		return c.evidenceDraft(st, p)
	case kindSettled, kindQuarantined, kindHandedOver, kindRequeued, kindMark, kindReturned, kindSettledAll,
		kindSkipped:
		return draft{}, false
	}
	// A kind of a later release: it is kept as it is.
	var f found
	err := f.unpack(c.seg, p.frame)
	return draft{kind: p.kind, content: f.content}, err == nil
}

// returned makes the entry that says that the oldest segment is given back: without it one that somebody has deleted
// would not be missed.
func (c *carrier) returned(v *View) ([]draft, error) {
	if err := c.check(v.st); err != nil {
		return nil, err
	}
	env := envelope{payload: given{v.st.segments[1].first, c.number}.payload()}
	return []draft{{kind: kindReturned, content: env.appendTo(nil)}}, nil
}

func (c *carrier) noteDraft(st *state, p *placed) (draft, bool) {
	var f found
	if f.unpack(c.seg, p.frame) != nil {
		return draft{}, false
	}
	slot, _, err := parseNote(f.env.payload)
	if err != nil || st.notes[slot].at != st.segments[0].address(p.off) {
		return draft{}, false
	}
	return draft{kind: KindNote, content: f.content}, true
}

// evidenceDraft makes the copy of evidence for those of its records whose payload is kept when the segment is gone.
//
// Only carried records are such. Evidence stands behind the records that it covers, so a record that stays where it was
// written leaves the log before its evidence or together with it. A record whose payload is carried goes to the end of
// the log, and its evidence may then be in the oldest segment: it is carried as well, as often as that comes to pass.
func (c *carrier) evidenceDraft(st *state, p *placed) (draft, bool) {
	var f found
	if f.unpack(c.seg, p.frame) != nil {
		return draft{}, false
	}
	e, err := parseEvidence(f.env.payload)
	if err != nil {
		return draft{}, false
	}
	left := evidenceEntry{origin: f.since(&e), data: e.data}
	for i := range e.records() {
		if id := e.id(i); st.outlives(id) {
			left.ids = append(left.ids, id[:]...)
		}
	}
	env := f.env
	env.payload = left.appendTo(nil)
	return draft{kind: kindEvidence, content: env.appendTo(nil)}, len(left.ids) > 0
}

// outlives reports whether a record has its payload and keeps it when the oldest segment is given back.
func (st *state) outlives(id ID) bool {
	record, ok := st.find(id)
	if !ok {
		return false
	}
	s := *st.ring.status(record)
	return s.is(statusPayload) && (s.whole() || s.state() == Pending || *st.ring.at(record) >= st.segments[1].base)
}

func (c *carrier) recordDraft(st *state, p *placed) (draft, bool) {
	record, f, ok := c.current(st, p)
	if !ok {
		return draft{}, false
	}
	s := *st.ring.status(record)
	pending := s.state() == Pending
	whole := s.whole() || pending
	head := st.headAt == *st.ring.at(record) && st.headNumber > 0
	if pending && !slices.Contains(c.l.movable, f.env.id) || !whole && !head && f.env.keep <= c.now {
		return draft{}, false
	}
	var old Stored
	f.stored(&old)
	copied := carried{seq: old.Seq, number: old.Number, settled: c.seg.settled, hash: old.Hash()}
	if whole {
		copied.payload, copied.verdict = old.Payload, st.verdictOf(record, &f)
	}
	env := f.env
	if !whole {
		env.attachment = nil // it goes with the payload
	}
	env.uses, env.status, env.payload = s.uses(), uint8(s&0xff), copied.appendTo(nil)
	return draft{kind: kindCarried, content: env.appendTo(nil)}, true
}

func (st *state) verdictOf(record uint64, f *found) []byte {
	at, ok := st.verdicts[record]
	switch {
	case !ok:
		return nil
	case f.kind == kindCarried && at == *st.ring.at(record):
		return f.carried.verdict
	}
	var r reader
	defer r.close()
	v, err := r.read(st, at)
	if err != nil {
		return nil
	}
	return append([]byte(nil), v.env.payload...)
}
