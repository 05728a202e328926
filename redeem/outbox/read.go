package outbox

import (
	"cmp"
	"errors"
	"iter"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// Get returns the record of that id; ok is false where there is none. The error is fault.Damaged where it cannot be read
// any more, or fault.DiskFailed.
func (l *Log) Get(id ID) (s Stored, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var r reader
	defer r.close()
	s, ok, err = l.st.get(&r, id)
	return s, ok, named("outbox.Get", err)
}

// Pending returns the oldest records that are to be reported and are on the medium: at most maxRecords, and no more than
// maxBytes of payload unless the first alone has more. What cannot be read any more is left out and noted in Damage.
func (l *Log) Pending(maxRecords, maxBytes int) ([]Stored, error) {
	var batch []Stored
	next := uint64(0)
	for bytes := 0; len(batch) < maxRecords; {
		var targets []target
		targets, next = l.pendingAfter(next, min(maxRecords-len(batch), 256))
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
	record uint64
	seg    *segment
	off    int64
	status status
	// Where the verdict stands, if there is one elsewhere.
	verdict    *segment
	verdictOff int64
}

func (st *state) target(record uint64) target {
	at := *st.ring.at(record)
	t := target{st: st, record: record, status: *st.ring.status(record)}
	t.seg, t.off = st.locate(at)
	if v, ok := st.verdicts[record]; ok && v != at {
		t.verdict, t.verdictOff = st.locate(v)
	}
	return t
}

// pendingAfter returns up to n pending records from number next on, and where to go on.
func (l *Log) pendingAfter(next uint64, n int) ([]target, uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	st := l.st
	var targets []target
	record := max(next, st.oldest, st.ring.base)
	for ; record < st.ring.next && len(targets) < n; record++ {
		s := *st.ring.status(record)
		if s.is(statusGone) || s.state() != Pending {
			if record == st.oldest {
				st.oldest++
			}
			continue
		}
		if l.unflushed(*st.ring.at(record)) {
			break
		}
		targets = append(targets, st.target(record))
	}
	return targets, record
}

// unflushed reports whether an address belongs to a group that is not on the medium yet.
func (l *Log) unflushed(at uint32) bool {
	seg, off := l.st.locate(at)
	for _, g := range l.st.queue {
		if g.at(seg, off) != nil {
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

// Verdicts returns the settled records whose verdict is due and was not handed over yet, in the order of the records.
// The log may be used meanwhile, also by the loop itself.
func (l *Log) Verdicts() iter.Seq2[Stored, error] {
	return l.each(func() []uint64 { return l.noted(func(s status) bool { return s.public().Due }) },
		func(s status) bool { return s.public().Due })
}

// Quarantined returns the records that the backend cannot read, in order. The log may be used meanwhile.
func (l *Log) Quarantined() iter.Seq2[Stored, error] {
	wanted := func(s status) bool { return s.state() == Quarantined }
	return l.each(func() []uint64 { return l.noted(wanted) }, wanted)
}

// noted returns the records with a verdict that is kept and with such a status.
func (l *Log) noted(wanted func(status) bool) []uint64 {
	var records []uint64
	for record := range l.st.verdicts {
		if wanted(*l.st.ring.status(record)) {
			records = append(records, record)
		}
	}
	slices.SortFunc(records, cmp.Compare)
	return records
}

// each reads the records that list names, some at a time, as long as they are still wanted.
func (l *Log) each(list func() []uint64, wanted func(status) bool) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		l.mu.Lock()
		records := list()
		l.mu.Unlock()
		for some := range slices.Chunk(records, 64) {
			if !l.yield(l.targets(some, wanted), yield) {
				return
			}
		}
	}
}

func (l *Log) targets(records []uint64, wanted func(status) bool) []target {
	l.mu.Lock()
	defer l.mu.Unlock()
	var targets []target
	for _, record := range records {
		if record < l.st.ring.base || record >= l.st.ring.next || l.unflushed(*l.st.ring.at(record)) {
			continue
		}
		if s := *l.st.ring.status(record); !s.is(statusGone) && wanted(s) {
			targets = append(targets, l.st.target(record))
		}
	}
	return targets
}

func (l *Log) yield(targets []target, yield func(Stored, error) bool) bool {
	r := reader{far: true}
	defer r.close()
	for _, t := range targets {
		s, err := l.fetch(&r, t)
		if err != nil {
			yield(Stored{}, named("outbox.Log", err))
			return false
		}
		if !s.ID.IsZero() && !yield(s, nil) {
			return false
		}
	}
	return true
}

// History returns all records that the log holds, in the order in which they stand there: those that were carried over
// from segments given back come without a payload and behind younger ones. The log may be used meanwhile; it gives no segment back.
func (l *Log) History() iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		l.walk(1)
		defer l.walk(-1)
		for next := uint64(0); ; {
			var targets []target
			if targets, next = l.after(next); targets == nil || !l.yield(targets, yield) {
				return
			}
		}
	}
}

// walk keeps count of those who read the history.
func (l *Log) walk(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.walking += n
}

// after returns some records from number next on, and where to go on; nil at the end.
func (l *Log) after(next uint64) ([]target, uint64) {
	l.mu.Lock()
	from := max(next, l.st.ring.base)
	to := min(from+64, l.st.ring.next)
	l.mu.Unlock()
	if from >= to {
		return nil, to
	}
	records := make([]uint64, 0, to-from)
	for record := from; record < to; record++ {
		records = append(records, record)
	}
	return append([]target{}, l.targets(records, func(status) bool { return true })...), to
}
