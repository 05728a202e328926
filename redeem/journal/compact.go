package journal

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
	"github.com/offlane/offlane/redeem/journal/internal/recovery"
)

// compaction is the part of a Log that gives old segments back.
type compaction struct {
	compacting bool
	movable    []ID   // pending records that may be relocated
	pins       int    // how many read the history, during which no record moves
	leftover   string // a file that was given back and could not be removed; of the goroutine that compacts
	round      uint64 // ordinal at which a round of relocations ends that do not pay by themselves; 0: there is none
	dense      int64  // bytes that the last round left, or fewer
	returned   uint64
}

// compactSoonLocked has old segments given back in the background, where the oldest one may be.
func (l *Log) compactSoonLocked() {
	if l.compacting || l.closing || !l.mayReturnLocked() {
		return
	}
	l.compacting = true
	go l.compact()
}

// compact gives back segments until the oldest one must stay. Close waits for it.
func (l *Log) compact() {
	for l.compactOne() {
	}
	l.mu.Lock()
	defer l.unlock()
	l.compacting = false
	l.changed.Broadcast()
}

// mayReturnLocked reports whether nothing in the oldest segment is pending and may not be moved, or was reported too
// short a time ago.
func (l *Log) mayReturnLocked() bool {
	if l.closing || l.pins > 0 || l.checking || l.broken != nil || len(l.index.All) < 2 {
		return false
	}
	if l.holdsPendingLocked() && !l.mayMovePendingLocked() || l.isWrittenLocked(l.index.All[0]) {
		return false
	}
	settled := format.FromMilliseconds(l.index.All[0].Settled)
	return !l.cfg.Now().Before(settled.Add(l.cfg.KeepReported))
}

// isWrittenLocked reports whether a group waits that belongs into the segment: what is not in the file yet, such as the
// latest note of a slot, would not be moved out of it.
func (l *Log) isWrittenLocked(seg *index.Segment) bool {
	return slices.ContainsFunc(l.queue, func(g *group) bool { return g.seg == seg })
}

// holdsPendingLocked reports whether a record in the oldest segment is pending.
func (l *Log) holdsPendingLocked() bool { return l.index.IsInFirstSegment(l.index.OldestPending()) }

// LetMove names the pending records that need not stay where they are: all others keep their segment, since they are
// reported in their order. One that is named goes to the end of the log when its segment is given back, also behind
// younger ones. A call replaces what was named before; nothing of it is stored.
func (l *Log) LetMove(ids ...ID) {
	l.mu.Lock()
	defer l.unlock()
	l.movable = append([]ID(nil), ids...)
}

// mayMovePendingLocked reports whether all records in the oldest segment that are pending may be moved.
func (l *Log) mayMovePendingLocked() bool {
	if len(l.movable) == 0 {
		return false
	}
	x, movable := l.index, map[uint64]bool{}
	for _, id := range l.movable {
		if record, ok := x.Find(id); ok {
			movable[record] = true
		}
	}
	for record := x.OldestPending(); x.IsInFirstSegment(record); record++ {
		if x.IsPending(record) && !movable[record] {
			return false
		}
	}
	return true
}

// A compactor moves what still lives in the oldest segment to the end of the log.
type compactor struct {
	l       *Log
	seg     *index.Segment
	index   *index.Index // as it was when the segment was read: another one has other records
	entries []oldEntry
	number  uint64 // of the last record in the chain up to the segment's end
	now     int64
	reader  folder.Reader // of verdicts
}

// An oldEntry is what stands in the oldest segment.
type oldEntry struct {
	format.Contents
	off int64
	bad bool // it cannot be read
}

var errStale = errors.New("somebody reads the history, or the oldest segment is another one by now")

// compactOne gives the oldest segment back and reports whether it did.
func (l *Log) compactOne() bool {
	if l.leftover != "" && !l.remove(l.leftover) {
		return false
	}
	c := l.newCompactor()
	if c == nil {
		return false
	}
	defer c.reader.Close()
	if err := c.read(); err != nil || !c.worthwhile() {
		return false
	}
	if err := c.relocate(); err != nil {
		l.log("a segment could not be given back yet", "segment", c.seg.Name(), "error", err)
		return false
	}
	c.reader.Close() // some systems remove no file that is open
	return c.release() && l.remove(c.seg.Name())
}

// newCompactor returns one for the oldest segment, or nil where that must stay.
func (l *Log) newCompactor() *compactor {
	l.mu.Lock()
	defer l.unlock()
	if !l.mayReturnLocked() {
		return nil
	}
	return &compactor{l: l, seg: l.index.All[0], index: l.index, now: format.Seconds(l.cfg.Now()),
		reader: folder.Reader{Folder: l.folder}}
}

// read reads the whole segment, without the lock.
func (c *compactor) read() error {
	b, _, err := c.l.folder.Contents(c.seg.Name(), nil, c.seg.Size)
	if err != nil {
		return err
	}
	recovery.Scan(b, c.seg, c)
	return nil
}

// Frame is called by Scan.
func (c *compactor) Frame(off int64, f *format.Frame, _ bool) {
	e := oldEntry{off: off}
	e.bad = e.Decode(c.seg.ID, c.seg.Sealer, *f) != nil
	c.entries = append(c.entries, e)
	c.number = f.Number
}

// Junk is called by Scan.
func (c *compactor) Junk(int64, int64) {}

// compactStep is how many entries are looked at or moved under one hold of the lock.
const compactStep = 64

// relocate writes what still lives to the end of the log, and then that the segment is given back.
func (c *compactor) relocate() error {
	for rest := c.entries; len(rest) > 0; {
		some := rest[:min(len(rest), compactStep)]
		rest = rest[len(some):]
		plan := func(*View) ([]draft, error) { return c.draftsLocked(some) }
		if err := c.l.commit(context.Background(), "journal.compact", plan); err != nil {
			return err
		}
	}
	return c.l.commit(context.Background(), "journal.compact", c.logStartLocked)
}

// worthwhile reports whether relocating costs less than half of what is given back. Where it does not, the segment is
// moved nevertheless when most of the log seems to be dead, since younger segments wait behind it.
func (c *compactor) worthwhile() bool {
	size, ok := c.size()
	if !ok {
		return false
	}
	l := c.l
	l.mu.Lock()
	defer l.unlock()
	if c.checkLocked() != nil {
		return false
	}
	if !c.completeLocked() {
		l.logLocked("a segment is kept, since a record in it cannot be read any more", "segment", c.seg.Name())
		return false
	}
	total := l.index.Size()
	const relocatedSize = 256
	counts := l.index.Counts
	live := int64(counts[Pending]+counts[Settled]+counts[Quarantined]) * relocatedSize
	l.dense = min(l.dense, total)
	return size <= c.seg.Size/2 || total > 4*live+8*l.cfg.SegmentSize && l.isInRoundLocked(c.seg.Ordinal, total)
}

// size is how many bytes relocating takes; ok is false where the segment must stay.
func (c *compactor) size() (size int64, ok bool) {
	for rest := c.entries; len(rest) > 0; {
		some := rest[:min(len(rest), compactStep)]
		rest = rest[len(some):]
		n, err := c.sizeOf(some)
		if err != nil {
			return 0, false
		}
		size += n
	}
	return size, true
}

func (c *compactor) sizeOf(entries []oldEntry) (size int64, err error) {
	c.l.mu.Lock()
	defer c.l.unlock()
	drafts, err := c.draftsLocked(entries)
	for i := range drafts {
		size += format.FrameSize(len(drafts[i].content) + format.SealedExtra)
	}
	return size, err
}

// isInRoundLocked reports whether a segment may be moved although that does not pay. How much of the log lives is only
// estimated, and without a bound what lives would be copied for ever. So such moves go through the log in rounds: a
// round ends where the log ended when it began, and the next one begins when the log is twice as large as this one left
// it.
func (l *Log) isInRoundLocked(ordinal uint64, total int64) bool {
	if ordinal < l.round {
		return true
	}
	if l.round > 0 {
		l.round, l.dense = 0, total
	}
	if total <= 2*l.dense {
		return false
	}
	l.round = l.index.Last().Ordinal + 1
	return true
}

// completeLocked reports whether every record that the index has in the segment was read.
func (c *compactor) completeLocked() bool {
	x, held := c.l.index, 0
	for record := x.Base(); x.IsInFirstSegment(record); record++ {
		if !x.Status(record).Is(format.FlagGone) {
			held++
		}
	}
	for i := range c.entries {
		if _, ok := c.currentLocked(&c.entries[i]); ok {
			held--
		}
	}
	return held == 0
}

func (c *compactor) checkLocked() error {
	x := c.l.index
	if c.l.pins > 0 || len(x.All) < 2 || x.All[0].ID != c.seg.ID {
		return errStale
	}
	return nil
}

// currentLocked returns the record that stands in this very entry.
func (c *compactor) currentLocked(e *oldEntry) (record uint64, ok bool) {
	if e.bad || e.Kind != format.KindRecord && e.Kind != format.KindRelocated {
		return 0, false
	}
	x := c.l.index
	record, ok = x.Find(e.Envelope.ID)
	return record, ok && x.At(record) == x.All[0].Address(e.off)
}

// release takes out of the index what was not relocated, and the segment out of the log.
func (c *compactor) release() bool {
	l := c.l
	var open folder.Reader
	defer open.Close()
	l.mu.Lock()
	defer l.unlock()
	x := l.index
	if x != c.index || c.checkLocked() != nil || !l.mayReturnLocked() || l.holdsPendingLocked() || !c.completeLocked() {
		return false
	}
	for i := range c.entries {
		if record, ok := c.currentLocked(&c.entries[i]); ok {
			x.Remove(record, &c.entries[i].Envelope)
		}
	}
	x.All = x.All[1:]
	if l.cachedReader.Segment() == c.seg {
		open.Take(&l.cachedReader) // some systems remove no file that is open
	}
	l.returned++
	return true
}

// remove removes a file that was given back and flushes the folder, so that segments leave it in their order: what
// comes back after a crash is the oldest one, and everything that happened to its records is still in younger ones.
func (l *Log) remove(name string) bool {
	l.leftover = name
	err := l.folder.FS.Remove(l.folder.Path(name))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = l.folder.FS.SyncDir(l.folder.Dir)
	}
	if err != nil {
		l.log("a segment that was given back could not be removed", "segment", name, "error", err)
		return false
	}
	l.leftover = ""
	return true
}

// Tidy gives back at once what may be given back, and returns when that is done or ctx ends. The log does so by itself
// whenever it begins a new segment; a terminal may call it when the time of records has come.
func (l *Log) Tidy(ctx context.Context) error {
	l.mu.Lock()
	defer l.unlock()
	if err := l.ensureWritableLocked(); err != nil {
		return withOp("journal.Tidy", err)
	}
	l.compactSoonLocked()
	return l.waitWhileLocked(ctx, &l.compacting)
}
