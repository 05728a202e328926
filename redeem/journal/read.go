package journal

import (
	"errors"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// A target is a record to be read without the lock.
type target struct {
	seg    *index.Segment
	off    int64
	status format.Status
	// Where the verdict stands, if there is one elsewhere.
	verdict    *index.Segment
	verdictOff int64
}

// next is the first position behind the start of the record.
func (t *target) next() position { return position{t.seg.Ordinal, t.off + 8} }

// targetLocked returns where a record is to be read.
func (l *Log) targetLocked(record uint64) target {
	x := l.index
	at := x.At(record)
	t := target{status: x.Status(record)}
	t.seg, t.off = x.Locate(at)
	if t.status.State() == Pending {
		return t
	}
	if v, ok := x.Verdict(record); ok && v != at {
		t.verdict, t.verdictOff = x.Locate(v)
	}
	return t
}

// isUnflushedLocked reports whether the record or its verdict belongs to a group that is not on the medium yet.
func (l *Log) isUnflushedLocked(t *target) bool {
	for _, g := range l.queue {
		if g.at(t.seg, t.off) != nil || t.verdict != nil && g.at(t.verdict, t.verdictOff) != nil {
			return true
		}
	}
	return false
}

// readTarget reads a record into s. Errors as of folder.Reader.ReadAt; folder.ErrGone also where its verdict has left.
func readTarget(r *folder.Reader, t *target, s *Stored) error {
	c, err := r.ReadAt(t.seg, t.off)
	if err != nil {
		return err
	}
	fillStored(s, c)
	s.Status = statusOf(t.status)
	if t.verdict != nil {
		s.Verdict = nil
		v, err := r.ReadAt(t.verdict, t.verdictOff)
		if errors.Is(err, folder.ErrGone) {
			return err
		}
		if err == nil {
			s.Verdict = slices.Clone(v.Envelope.Payload)
		}
	}
	return nil
}

// fetch reads a record into s. One that left meanwhile, or that is damaged, leaves it without an ID.
func (l *Log) fetch(r *folder.Reader, t *target, s *Stored) error {
	if err := readTarget(r, t, s); err != nil {
		s.ID = ID{}
		return l.passOver(t.seg, t.off, err)
	}
	return nil
}

// passOver notes a damage that was found while reading. A record that left meanwhile is none, and a disk that fails is
// an error.
func (l *Log) passOver(seg *index.Segment, off int64, err error) error {
	if errors.Is(err, folder.ErrGone) {
		return nil
	}
	if fault.CodeOf(err) != "" {
		return err
	}
	l.mu.Lock()
	defer l.unlock()
	l.addUnreadableLocked(seg, off)
	return nil
}

// Get returns the record of that id; ok is false where there is none. The error is fault.Damaged where it cannot be
// read any more, or fault.DiskFailed.
func (l *Log) Get(id ID) (s Stored, ok bool, err error) {
	r := folder.Reader{Folder: l.folder}
	defer r.Close()
	for last := (target{}); ; {
		t, ok, err := l.getTarget(id)
		if err != nil || !ok {
			return Stored{}, false, withOp("journal.Get", err)
		}
		err = readTarget(&r, &t, &s)
		if errors.Is(err, folder.ErrGone) && t != last {
			last = t // it or its verdict was relocated since
			continue
		}
		if err != nil {
			return Stored{}, false, withOp("journal.Get", l.unreadable(&t, err))
		}
		if s.ID != id {
			return Stored{}, false, nil
		}
		return s, true, nil
	}
}

// getTarget returns where the record is to be read, once it and its verdict are on the medium.
func (l *Log) getTarget(id ID) (t target, ok bool, err error) {
	l.mu.Lock()
	defer l.unlock()
	for {
		if err := l.ensureReadableLocked(); err != nil {
			return target{}, false, err
		}
		record, ok := l.index.Find(id)
		if !ok {
			return target{}, false, nil
		}
		if t = l.targetLocked(record); !l.isUnflushedLocked(&t) {
			return t, true, nil
		}
		l.changed.Wait()
	}
}

// unreadable notes a damage that was found while reading, and returns the error to give out.
func (l *Log) unreadable(t *target, err error) error {
	if fault.CodeOf(err) == "" {
		l.mu.Lock()
		defer l.unlock()
		l.addUnreadableLocked(t.seg, t.off)
	}
	return folder.Unreadable(err)
}
