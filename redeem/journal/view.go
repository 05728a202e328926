package journal

import (
	"cmp"
	"slices"
	"sort"

	"github.com/offlane/offlane/redeem/fault"
)

// A View is the log as the callback of Append sees it, under the lock: with everything that was appended before, flushed
// or not. It must not be kept.
type View struct{ st *state }

// Next returns the number that the next record gets in the chain and the hash of the record before it, zero for the
// first. Further records of the same call follow with the next numbers.
func (v *View) Next() (number uint64, prev Hash) { return v.st.number + 1, v.st.head.get() }

// Uses returns how often the key is used up: the sum over the records that have it in Keys.
func (v *View) Uses(key string) int { return v.st.uses(key) }

// Find returns the ids of all records that have the key in Keys or Names, voids too, oldest first. Where some that may
// have it cannot be read, the error is fault.Damaged or fault.DiskFailed and the ids are those of the others: whoever
// decides by them must not take the key for unused.
func (v *View) Find(key string) ([]ID, error) {
	hash := keyHash(v.st.journal, key)
	records := v.st.named(hash)
	if len(records) == 0 {
		return nil, nil
	}
	var r reader
	defer r.close()
	type hit struct {
		id  ID
		seq uint64
	}
	var hits []hit
	var unread error
	for _, record := range records {
		f, err := r.read(v.st, *v.st.ring.at(record))
		switch {
		case err != nil:
			unread = cmp.Or(unread, v.st.unreadable(*v.st.ring.at(record), err))
		case slices.Contains(f.env.hashes, hash):
			hits = append(hits, hit{f.env.id, f.origin()})
		}
	}
	sort.Slice(hits, func(i, j int) bool { return hits[i].seq < hits[j].seq })
	var ids []ID
	for _, h := range hits {
		ids = append(ids, h.id)
	}
	return ids, unread
}

// unreadable notes in the damage that a record cannot be read, and returns the error to give out.
func (st *state) unreadable(at uint32, err error) error {
	if seg, off := st.locate(at); seg != nil && fault.CodeOf(err) == "" {
		st.noteUnreadable(seg, off)
	}
	return damagedRecord(err)
}

// noteUnreadable reports whether the damage is a new one.
func (st *state) noteUnreadable(seg *segment, off int64) (Damage, bool) {
	d := Damage{File: seg.name(), Offset: off, Length: frameHead, Certainty: Lost, What: unreadableRecord}
	if slices.Contains(st.damage, d) {
		return d, false
	}
	st.damage = append(st.damage, d)
	return d, true
}

const unreadableRecord = "a record that cannot be read any more"

// State returns where the record stands; ok is false where there is none.
func (v *View) State(id ID) (s Status, ok bool) {
	record, ok := v.st.find(id)
	if !ok {
		return s, false
	}
	return v.st.ring.status(record).public(), true
}

// Note returns the slot's latest value, which must not be changed.
func (v *View) Note(slot string) (value []byte, ok bool) {
	n, ok := v.st.notes[slot]
	return n.value, ok
}

// Get returns a record; ok is false where there is none.
func (v *View) Get(id ID) (s Stored, ok bool, err error) {
	var r reader
	defer r.close()
	return v.st.get(&r, id)
}

func (st *state) get(r *reader, id ID) (Stored, bool, error) {
	record, ok := st.find(id)
	if !ok {
		return Stored{}, false, nil
	}
	s, err := st.stored(r, record)
	if fault.CodeOf(err) == fault.Damaged {
		if seg, off := st.locate(*st.ring.at(record)); seg != nil {
			st.noteUnreadable(seg, off)
		}
	}
	if err != nil || s.ID != id {
		return Stored{}, false, err
	}
	return s, true, nil
}

// origin is the sequence number with which the record was first written.
func (f *found) origin() uint64 {
	if f.kind == kindCarried {
		return f.carried.seq
	}
	return f.seq
}

// stored reads a record and, where it has one, its verdict.
func (st *state) stored(r *reader, record uint64) (Stored, error) {
	f, err := r.read(st, *st.ring.at(record))
	if err != nil {
		return Stored{}, damagedRecord(err)
	}
	var s Stored
	f.stored(&s)
	s.Status = st.ring.status(record).public()
	at, ok := st.verdicts[record]
	if !ok || f.kind == kindCarried && at == *st.ring.at(record) {
		return s, nil
	}
	s.Verdict = nil
	if v, err := r.read(st, at); err == nil {
		s.Verdict = slices.Clone(v.env.payload)
	}
	return s, nil
}

func damagedRecord(err error) error {
	if fault.CodeOf(err) != "" {
		return err
	}
	return fault.New(fault.Damaged, "", "a record cannot be read any more: %w", err)
}

// stored fills in what a frame says of a record.
func (f *found) stored(s *Stored) {
	*s = Stored{ID: f.env.id, Ref: f.env.ref, Seq: f.seq, Number: f.number, Written: fromMilliseconds(f.env.written),
		KeepUntil: fromSeconds(f.env.keep)}
	if f.env.attachment != nil {
		s.Attachment = f.own(f.env.attachment)
	}
	if f.kind != kindCarried {
		s.Payload = f.own(f.env.payload)
		return
	}
	s.Seq, s.Number, s.hash = f.carried.seq, f.carried.number, new(f.carried.hash)
	if f.carried.payload != nil {
		s.Payload = f.own(f.carried.payload)
	}
	s.Verdict = slices.Clone(f.carried.verdict)
}

// own returns a part of the frame for whoever asked for the record. It is never nil.
func (f *found) own(b []byte) []byte {
	if f.kept {
		return b[:len(b):len(b)]
	}
	return append([]byte{}, b...)
}
