package journal

import (
	"errors"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// Get returns the record of that id; ok is false where there is none. The error is fault.Damaged where it cannot be read
// any more, or fault.DiskFailed.
func (l *Log) Get(id ID) (s Stored, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.readable(); err != nil {
		return s, false, named("journal.Get", err)
	}
	for l.underWay(id) {
		l.changed.Wait()
	}
	var r reader
	defer r.close()
	s, ok, err = l.st.get(&r, id)
	return s, ok, named("journal.Get", err)
}

// underWay reports whether the record or its verdict is just being written.
func (l *Log) underWay(id ID) bool {
	record, ok := l.st.find(id)
	if !ok || len(l.st.queue) == 0 {
		return false
	}
	t := l.st.target(record)
	return l.unflushed(&t)
}

// Pending returns the oldest records that are to be reported and are on the medium: at most maxRecords, and no more
// than maxBytes of payload unless the first alone has more; attachments are not counted. What cannot be read any more
// is left out and noted in Damage.
func (l *Log) Pending(maxRecords, maxBytes int) ([]Stored, error) {
	b := batch{maxBytes: maxBytes}
	l.lend(&b.reader)
	defer l.takeBack(&b.reader)
	var room [32]target
	for next := (place{}); len(b.records) < maxRecords; {
		targets, pending, err := l.pendingAfter(next, room[:0:min(maxRecords-len(b.records), len(room))])
		if err != nil {
			return nil, named("journal.Pending", err)
		}
		if len(targets) == 0 {
			break
		}
		if b.records == nil {
			b.records = make([]Stored, 0, min(maxRecords, pending, largestBatch))
		}
		if full, err := l.fill(&b, targets); full || err != nil {
			return b.records, named("journal.Pending", err)
		}
		next = targets[len(targets)-1].behind()
	}
	return b.records, nil
}

// lend gives a reader the file that the batch before was read from: the next batch mostly goes on there, and opening a file
// costs as much as reading one. What was read is not kept, since something else may be written there after a failure.
func (l *Log) lend(r *reader) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.seg, r.file = l.lent.seg, l.lent.file
	l.lent = reader{}
}

// takeBack keeps the file for the next batch where its segment is still part of the log.
func (l *Log) takeBack(r *reader) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, seg := range l.st.segments {
		if seg == r.seg && !l.closing && l.lent.seg == nil {
			l.lent.seg, l.lent.file = r.seg, r.file
			r.seg, r.file = nil, nil
		}
	}
	r.close()
}

// A batch is what Pending gathers.
type batch struct {
	reader
	records  []Stored
	bytes    int // of the payloads
	maxBytes int
}

// largestBatch is for how many records room is made at once.
const largestBatch = 256

// fill reads the targets into the batch and reports whether it had no room for one.
func (l *Log) fill(b *batch, targets []target) (full bool, err error) {
	for i := range targets {
		b.aim(targets, i)
		b.records = append(b.records, Stored{})
		s := &b.records[len(b.records)-1]
		err := l.fetch(&b.reader, &targets[i], s)
		full := b.bytes+len(s.Payload) > b.maxBytes && len(b.records) > 1
		if err != nil || full || s.ID.IsZero() {
			b.records = b.records[:len(b.records)-1]
		}
		if err != nil || full {
			return full, err
		}
		b.bytes += len(s.Payload)
	}
	return false, nil
}

// A target is a record to be read without the lock.
type target struct {
	st     *state
	seg    *segment
	off    int64
	status status
	// Where the verdict stands, if there is one elsewhere.
	verdict    *segment
	verdictOff int64
}

// aim has the i-th target read along with those behind it that lie in the same segment.
func (r *reader) aim(targets []target, i int) {
	seg := targets[i].seg
	if i > 0 && targets[i-1].seg == seg {
		return // it was, with the one before
	}
	for ; i < len(targets) && targets[i].seg == seg; i++ {
		r.until = targets[i].off
	}
}

func (st *state) target(record uint64) target {
	at := *st.ring.at(record)
	t := target{st: st, status: *st.ring.status(record)}
	t.seg, t.off = st.locate(at)
	if t.status.state() == Pending {
		return t
	}
	if v, ok := st.verdicts[record]; ok && v != at {
		t.verdict, t.verdictOff = st.locate(v)
	}
	return t
}

// pendingAfter appends pending records from a place on, as many as there is room for, and returns how many there are in all.
func (l *Log) pendingAfter(from place, targets []target) ([]target, int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.readable(); err != nil {
		return nil, 0, err
	}
	st := l.st
	for record := max(st.from(from), st.oldest); record < st.ring.next && len(targets) < cap(targets); record++ {
		s := *st.ring.status(record)
		if s.is(statusGone) || s.state() != Pending {
			if record == st.oldest {
				st.oldest++
			}
			continue
		}
		t := st.target(record)
		if l.unflushed(&t) {
			break
		}
		targets = append(targets, t)
	}
	return targets, st.counts[Pending], nil
}

// unflushed reports whether the record or its verdict belongs to a group that is not on the medium yet.
func (l *Log) unflushed(t *target) bool {
	for _, g := range l.st.queue {
		if g.at(t.seg, t.off) != nil || t.verdict != nil && g.at(t.verdict, t.verdictOff) != nil {
			return true
		}
	}
	return false
}

// fetch reads a record into s. One that left meanwhile, or that is damaged, leaves it without an ID.
func (l *Log) fetch(r *reader, t *target, s *Stored) error {
	f, err := r.readAt(t.st, t.seg, t.off)
	if err != nil {
		return l.unreadable(t, err)
	}
	f.stored(s)
	s.Status = t.status.public()
	if t.verdict != nil {
		s.Verdict = nil
		if v, err := r.readAt(t.st, t.verdict, t.verdictOff); err == nil {
			s.Verdict = slices.Clone(v.env.payload)
		}
	}
	return nil
}

// unreadable notes a damage that was found while reading.
func (l *Log) unreadable(t *target, err error) error {
	if errors.Is(err, errGone) {
		return nil
	}
	if fault.CodeOf(err) != "" {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if d, fresh := l.st.noteUnreadable(t.seg, t.off); fresh {
		l.log("damage", "what", d.String())
	}
	return nil
}
