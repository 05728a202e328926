package journal

import (
	"iter"
	"sort"
)

// A place is where something stands in the log. Unlike the number of a record it stays the same when the state is read
// anew after a failure.
type place struct {
	ordinal uint64 // of the segment
	off     int64
}

// placeOf is where the record starts.
func (st *state) placeOf(record uint64) place {
	seg, off := st.locate(*st.ring.at(record))
	return place{seg.ordinal, off}
}

// behind is the first place behind the start of the record.
func (t *target) behind() place { return place{t.seg.ordinal, t.off + 8} }

// from returns the first record that starts at the place or behind it.
func (st *state) from(p place) uint64 {
	i := sort.Search(len(st.segments), func(i int) bool { return st.segments[i].ordinal >= p.ordinal })
	if i == len(st.segments) {
		return st.ring.next
	}
	at := st.segments[i].base
	if st.segments[i].ordinal == p.ordinal {
		at = st.segments[i].address(p.off)
	}
	first := st.ring.base
	return first + uint64(sort.Search(int(st.ring.next-first), func(i int) bool { return *st.ring.at(first + uint64(i)) >= at }))
}

// History returns all records that are on the medium when it is called, in the order in which they stand there: those that
// were carried over from segments given back come without a payload and behind younger ones. The log may be used meanwhile,
// also by the loop itself; it gives no segment back until the loop ends.
func (l *Log) History() iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		end, err := l.hold()
		defer l.letGo()
		if err != nil {
			yield(Stored{}, named("journal.History", err))
			return
		}
		for p := (place{}); ; {
			targets := l.ready(func(st *state) []uint64 { return st.between(p, end, 64) })
			if len(targets) == 0 || !l.yield("journal.History", targets, yield) {
				return
			}
			p = targets[len(targets)-1].behind()
		}
	}
}

// between returns up to n records that start between two places.
func (st *state) between(p, end place, n int) (records []uint64) {
	to := st.from(end)
	for record := st.from(p); record < to && len(records) < n; record++ {
		if !st.ring.status(record).is(statusGone) {
			records = append(records, record)
		}
	}
	return records
}

// hold keeps all records where they are until letGo is called, and waits for what is being written, which may be copies of
// old records. It returns where the log ends; everything before is on the medium.
func (l *Log) hold() (end place, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.walking++
	for {
		if err := l.readable(); err != nil || len(l.st.segments) == 0 {
			return place{}, err
		}
		last := l.last()
		end = place{last.ordinal, last.end}
		n := len(l.st.queue)
		if n == 0 {
			return end, nil
		}
		g := l.st.queue[n-1].awaited()
		l.mu.Unlock()
		<-g.done
		l.mu.Lock()
		if g.err == nil {
			return end, nil
		}
	}
}

func (l *Log) letGo() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.walking--
}

// ready returns where the records that list gives are to be read, once all of that is on the medium.
func (l *Log) ready(list func(*state) []uint64) []target {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		var targets []target
		flushed := true
		for _, record := range list(l.st) {
			t := l.st.target(record)
			targets, flushed = append(targets, t), flushed && !l.unflushed(&t)
		}
		if flushed {
			return targets
		}
		l.changed.Wait()
	}
}

func (l *Log) yield(op string, targets []target, yield func(Stored, error) bool) bool {
	var r reader
	defer r.close()
	for i := range targets {
		var s Stored
		r.aim(targets, i)
		err := l.fetch(&r, &targets[i], &s)
		if err != nil {
			yield(Stored{}, named(op, err))
			return false
		}
		if !s.ID.IsZero() && !yield(s, nil) {
			return false
		}
	}
	return true
}

// Verdicts returns the settled records whose verdict is due and was not handed over yet, in the order of the records.
// The log may be used meanwhile, also by the loop itself; it gives no segment back until the loop ends.
func (l *Log) Verdicts() iter.Seq2[Stored, error] {
	return l.each("journal.Verdicts", func(s status) bool { return s.public().Due })
}

// Quarantined returns the records that the backend cannot read, in order. The log may be used meanwhile, as with Verdicts.
func (l *Log) Quarantined() iter.Seq2[Stored, error] {
	return l.each("journal.Quarantined", func(s status) bool { return s.state() == Quarantined })
}

// each reads the records with a verdict that is kept and with such a status, some at a time.
func (l *Log) each(op string, wanted func(status) bool) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		_, err := l.hold()
		defer l.letGo()
		if err != nil {
			yield(Stored{}, named(op, err))
			return
		}
		for all := l.noted(wanted); len(all) > 0; {
			some := all[:min(64, len(all))]
			all = all[len(some):]
			targets := l.ready(func(st *state) []uint64 { return st.still(some, wanted) })
			if !l.yield(op, targets, yield) {
				return
			}
		}
	}
}

// noted returns where the records with a verdict and such a status stand, in order.
func (l *Log) noted(wanted func(status) bool) []place {
	l.mu.Lock()
	defer l.mu.Unlock()
	var records []uint64
	for record := range l.st.verdicts {
		if wanted(*l.st.ring.status(record)) {
			records = append(records, record)
		}
	}
	ascending(records)
	places := make([]place, len(records))
	for i, record := range records {
		places[i] = l.st.placeOf(record)
	}
	return places
}

// still returns the records in these places that still have such a status.
func (st *state) still(places []place, wanted func(status) bool) (records []uint64) {
	for _, p := range places {
		record := st.from(p)
		if record == st.ring.next || st.placeOf(record) != p {
			continue
		}
		if s := *st.ring.status(record); !s.is(statusGone) && wanted(s) {
			records = append(records, record)
		}
	}
	return records
}
