package outbox

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
		return s, false, named("outbox.Get", err)
	}
	for l.underWay(id) {
		l.changed.Wait()
	}
	var r reader
	defer r.close()
	s, ok, err = l.st.get(&r, id)
	return s, ok, named("outbox.Get", err)
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

// Pending returns the oldest records that are to be reported and are on the medium: at most maxRecords, and no more than
// maxBytes of payload unless the first alone has more. What cannot be read any more is left out and noted in Damage.
func (l *Log) Pending(maxRecords, maxBytes int) ([]Stored, error) {
	var batch []Stored
	var next place
	for bytes := 0; len(batch) < maxRecords; {
		var targets []target
		var err error
		targets, next, err = l.pendingAfter(next, min(maxRecords-len(batch), 256))
		if err != nil {
			return nil, named("outbox.Pending", err)
		}
		if len(targets) == 0 {
			break
		}
		r := reader{far: true}
		for _, t := range targets {
			s, err := l.fetch(&r, t)
			if err != nil {
				r.close()
				return batch, named("outbox.Pending", err)
			}
			if bytes += len(s.Payload); s.ID.IsZero() {
				continue
			}
			if bytes > maxBytes && len(batch) > 0 {
				r.close()
				return batch, nil
			}
			batch = append(batch, s)
		}
		r.close()
	}
	return batch, nil
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

func (st *state) target(record uint64) target {
	at := *st.ring.at(record)
	t := target{st: st, status: *st.ring.status(record)}
	t.seg, t.off = st.locate(at)
	if v, ok := st.verdicts[record]; ok && v != at {
		t.verdict, t.verdictOff = st.locate(v)
	}
	return t
}

// pendingAfter returns up to n pending records from a place on, and where to go on.
func (l *Log) pendingAfter(from place, n int) ([]target, place, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.readable(); err != nil {
		return nil, from, err
	}
	st := l.st
	var targets []target
	for record := max(st.from(from), st.oldest); record < st.ring.next && len(targets) < n; record++ {
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
		targets, from = append(targets, t), t.behind()
	}
	return targets, from, nil
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

// fetch reads a record. One that left meanwhile, or that is damaged, comes back without an ID.
func (l *Log) fetch(r *reader, t target) (Stored, error) {
	f, err := r.readAt(t.st, t.seg, t.off)
	if err != nil {
		return Stored{}, l.unreadable(t, err)
	}
	s := f.stored()
	s.Status = t.status.public()
	if t.verdict != nil {
		s.Verdict = nil
		if v, err := r.readAt(t.st, t.verdict, t.verdictOff); err == nil {
			s.Verdict = slices.Clone(v.env.payload)
		}
	}
	return s, nil
}

// unreadable notes a damage that was found while reading.
func (l *Log) unreadable(t target, err error) error {
	if errors.Is(err, errGone) {
		return nil
	}
	if fault.CodeOf(err) != "" {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	d := Damage{File: t.seg.name(), Offset: t.off, Length: frameHead, Certainty: Lost, What: "a record that cannot be read any more"}
	if !slices.Contains(l.st.damage, d) {
		l.st.damage = append(l.st.damage, d)
		l.log("damage", "what", d.String())
	}
	return nil
}
