package journal

import (
	"iter"
	"sort"

	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// A position is where something stands in the log. Unlike the number of a record it stays the same when the index is
// built anew after a failure.
type position struct {
	ordinal uint64 // of the segment
	off     int64
}

// positionLocked is where the record starts.
func (l *Log) positionLocked(record uint64) position {
	seg, off := l.index.Locate(l.index.At(record))
	return position{seg.Ordinal, off}
}

// firstFromLocked returns the first record that starts at the position or behind it.
func (l *Log) firstFromLocked(p position) uint64 {
	x := l.index
	i := sort.Search(len(x.All), func(i int) bool { return x.All[i].Ordinal >= p.ordinal })
	if i == len(x.All) {
		return x.Next()
	}
	at := x.All[i].Base
	if x.All[i].Ordinal == p.ordinal {
		at = x.All[i].Address(p.off)
	}
	return x.FirstFrom(at)
}

// History returns all records that are on the medium when it is called, in the order in which they stand there: those
// that were relocated from segments given back come without a payload and behind younger ones. The log may be used
// meanwhile, also by the loop itself; it gives no segment back until the loop ends.
func (l *Log) History() iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		end, err := l.pinSegments()
		defer l.unpinSegments()
		if err != nil {
			yield(Stored{}, withOp("journal.History", err))
			return
		}
		for p := (position{}); ; {
			targets := l.flushedTargets(func() []uint64 { return l.recordsBetweenLocked(p, end, 64) })
			if len(targets) == 0 || !l.yield("journal.History", targets, yield) {
				return
			}
			p = targets[len(targets)-1].next()
		}
	}
}

// recordsBetweenLocked returns up to n records that start between two positions.
func (l *Log) recordsBetweenLocked(p, end position, n int) (records []uint64) {
	to := l.firstFromLocked(end)
	for record := l.firstFromLocked(p); record < to && len(records) < n; record++ {
		if !l.index.Status(record).Is(format.FlagGone) {
			records = append(records, record)
		}
	}
	return records
}

// pinSegments keeps all records where they are until unpinSegments is called, and waits for what is being written,
// which may be copies of old records. It returns where the log ends; everything before is on the medium.
func (l *Log) pinSegments() (end position, err error) {
	l.mu.Lock()
	defer l.unlock()
	l.pins++
	for {
		if err := l.ensureReadableLocked(); err != nil || len(l.index.All) == 0 {
			return position{}, err
		}
		last := l.index.Last()
		end = position{last.Ordinal, last.End}
		n := len(l.queue)
		if n == 0 {
			return end, nil
		}
		g := l.queue[n-1].shareLocked()
		l.unlock()
		<-g.done
		l.mu.Lock()
		if g.err == nil {
			return end, nil
		}
	}
}

func (l *Log) unpinSegments() {
	l.mu.Lock()
	defer l.unlock()
	l.pins--
}

// flushedTargets returns where the records that list gives are to be read, once all of that is on the medium. list is
// called under the lock.
func (l *Log) flushedTargets(list func() []uint64) []target {
	l.mu.Lock()
	defer l.unlock()
	for {
		var targets []target
		flushed := true
		for _, record := range list() {
			t := l.targetLocked(record)
			targets, flushed = append(targets, t), flushed && !l.isUnflushedLocked(&t)
		}
		if flushed {
			return targets
		}
		l.changed.Wait()
	}
}

func (l *Log) yield(op string, targets []target, yield func(Stored, error) bool) bool {
	r := folder.Reader{Folder: l.folder}
	defer r.Close()
	for i := range targets {
		var s Stored
		aim(&r, targets, i)
		err := l.fetch(&r, &targets[i], &s)
		if err != nil {
			yield(Stored{}, withOp(op, err))
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
	return l.each("journal.Verdicts", format.Status.Due)
}

// each reads the records with a verdict that is kept and with such a status, some at a time.
func (l *Log) each(op string, wanted func(format.Status) bool) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		_, err := l.pinSegments()
		defer l.unpinSegments()
		if err != nil {
			yield(Stored{}, withOp(op, err))
			return
		}
		for all := l.verdictPositions(wanted); len(all) > 0; {
			some := all[:min(64, len(all))]
			all = all[len(some):]
			targets := l.flushedTargets(func() []uint64 { return l.recordsAtLocked(some, wanted) })
			if !l.yield(op, targets, yield) {
				return
			}
		}
	}
}

// verdictPositions returns where the records with a verdict and such a status stand, in order.
func (l *Log) verdictPositions(wanted func(format.Status) bool) []position {
	l.mu.Lock()
	defer l.unlock()
	records := l.index.WithVerdict(wanted)
	positions := make([]position, len(records))
	for i, record := range records {
		positions[i] = l.positionLocked(record)
	}
	return positions
}

// recordsAtLocked returns the records in these positions that still have such a status.
func (l *Log) recordsAtLocked(positions []position, wanted func(format.Status) bool) (records []uint64) {
	x := l.index
	for _, p := range positions {
		record := l.firstFromLocked(p)
		if record == x.Next() || l.positionLocked(record) != p {
			continue
		}
		if s := x.Status(record); !s.Is(format.FlagGone) && wanted(s) {
			records = append(records, record)
		}
	}
	return records
}

// copySegments returns the segments up to the end, each as far as it is part of the log. They are copies and need no
// lock.
func (l *Log) copySegments(end position) (segments []*index.Segment) {
	l.mu.Lock()
	defer l.unlock()
	for _, s := range l.index.All {
		if s.Ordinal > end.ordinal {
			break
		}
		to := s.End
		if s.Ordinal == end.ordinal {
			to = min(to, end.off)
		}
		segments = append(segments, &index.Segment{Header: s.Header, Sum: s.Sum, End: to, Sealer: s.Sealer})
	}
	return segments
}
