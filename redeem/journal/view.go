package journal

import (
	"cmp"
	"crypto/sha256"
	"slices"

	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// A View is the log as the callback of Append sees it, under the lock: with everything that was appended before,
// flushed or not. It must not be kept.
type View struct{ log *Log }

// Next returns the number that the next record gets in the chain and the hash of the record before it, zero for the
// first. Further records of the same call follow with the next numbers.
func (v *View) Next() (number uint64, prev [sha256.Size]byte) {
	return v.log.index.Number + 1, v.log.index.Head.Hash()
}

// Uses returns how often the key is used up: the sum over the records that have it in CountedKeys.
func (v *View) Uses(key string) int {
	return v.log.index.Uses(format.KeyHash(v.log.index.Journal, key))
}

// Find returns the ids of all records that have the key in CountedKeys or LookupKeys, voids too, oldest first. Where
// some that may have it cannot be read, the error is fault.Damaged or fault.DiskFailed and the ids are those of the
// others: whoever decides by them must not take the key for unused.
func (v *View) Find(key string) ([]ID, error) {
	x := v.log.index
	hash := format.KeyHash(x.Journal, key)
	records := x.WithKey(hash)
	if len(records) == 0 {
		return nil, nil
	}
	r := folder.Reader{Folder: v.log.folder}
	defer r.Close()
	type hit struct {
		id     ID
		origin uint64
	}
	var hits []hit
	var unread error
	for _, record := range records {
		at := x.At(record)
		c, err := v.log.readLocked(&r, at)
		if err != nil {
			err = v.log.unreadableLocked(at, err)
			unread = cmp.Or(unread, err)
		} else if slices.Contains(c.Envelope.Hashes, hash) {
			hits = append(hits, hit{c.Envelope.ID, c.Origin()})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Compare(a.origin, b.origin) })
	var ids []ID
	for _, h := range hits {
		ids = append(ids, h.id)
	}
	return ids, unread
}

// State returns where the record stands; ok is false where there is none.
func (v *View) State(id ID) (s Status, ok bool) {
	record, ok := v.log.index.Find(id)
	if !ok {
		return s, false
	}
	return statusOf(v.log.index.Status(record)), true
}

// Note returns the slot's latest value, which must not be changed.
func (v *View) Note(slot string) (value []byte, ok bool) {
	n, ok := v.log.index.Note(slot)
	return n.Value, ok
}

// Get returns a record; ok is false where there is none. The error is fault.Damaged where it cannot be read any more,
// or fault.DiskFailed.
func (v *View) Get(id ID) (s Stored, ok bool, err error) {
	l := v.log
	record, ok := l.index.Find(id)
	if !ok {
		return Stored{}, false, nil
	}
	r := folder.Reader{Folder: l.folder}
	defer r.Close()
	at := l.index.At(record)
	c, err := l.readLocked(&r, at)
	if err != nil {
		return Stored{}, false, l.unreadableLocked(at, err)
	}
	if c.Envelope.ID != id {
		return Stored{}, false, nil
	}
	fillStored(&s, c)
	s.Status = statusOf(l.index.Status(record))
	if v, ok := l.index.Verdict(record); ok && v != at {
		s.Verdict = nil
		if c, err := l.readLocked(&r, v); err == nil {
			s.Verdict = slices.Clone(c.Envelope.Payload)
		}
	}
	return s, true, nil
}

// readLocked reads what stands at an address, be it on the medium yet or not. Errors as of folder.Reader.ReadAt.
func (l *Log) readLocked(r *folder.Reader, at uint32) (*format.Contents, error) {
	seg, off := l.index.Locate(at)
	if seg == nil {
		return nil, folder.ErrGone
	}
	for _, g := range l.queue {
		if b := g.at(seg, off); b != nil {
			return r.Parse(b, seg, off)
		}
	}
	return r.ReadAt(seg, off)
}

// fillStored fills in what a frame says of a record.
func fillStored(s *Stored, c *format.Contents) {
	e := &c.Envelope
	*s = Stored{ID: e.ID, Ref: e.Ref, Seq: c.Seq, Number: c.Number, Written: format.FromMilliseconds(e.Written),
		KeepUntil: format.FromSeconds(e.Keep)}
	if e.Attachment != nil {
		s.Attachment = copyOut(c, e.Attachment)
	}
	if c.Kind != format.KindRelocated {
		s.Payload = copyOut(c, e.Payload)
		return
	}
	s.Seq, s.Number, s.hash = c.Relocated.Seq, c.Relocated.Number, new(c.Relocated.Hash)
	if c.Relocated.Payload != nil {
		s.Payload = copyOut(c, c.Relocated.Payload)
	}
	s.Verdict = slices.Clone(c.Relocated.Verdict)
}

// copyOut returns a part of what was read for whoever asked for the record. It is never nil.
func copyOut(c *format.Contents, b []byte) []byte {
	if c.Own {
		return b[:len(b):len(b)]
	}
	return append([]byte{}, b...)
}
