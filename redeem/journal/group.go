package journal

import (
	"errors"
	"runtime"
	"syscall"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// A group is what is written with one write and one flush: the entries of all calls that came while the group before
// was being flushed. The first caller that waits for it leads; the others follow.
type group struct {
	seg     *index.Segment
	off     int64
	buf     []byte
	frames  int
	callers int
	last    uint64
	number  uint64        // of the last record in the chain
	closed  bool          // no call joins it any more
	lead    chan struct{} // tells one of those who wait to write it; nil as long as nobody waits
	done    chan struct{} // is closed when it was written or has failed
	err     error
}

// shareLocked returns the group, made fit for several calls that wait for it.
func (g *group) shareLocked() *group {
	if g.done == nil {
		g.lead, g.done = make(chan struct{}, 1), make(chan struct{})
	}
	return g
}

// endLocked tells those who wait.
func (g *group) endLocked() {
	if g.done != nil {
		close(g.done)
	}
}

// maxFrames is how many frames a group can number.
const maxFrames = 1<<16 - 1

// at returns the group's bytes from an offset in the segment on, or nil where it has none there.
func (g *group) at(seg *index.Segment, off int64) []byte {
	if g.seg != seg || off < g.off || off >= g.off+int64(len(g.buf)) {
		return nil
	}
	return g.buf[off-g.off:]
}

// openGroupLocked returns the group that takes n more frames into the last segment.
func (l *Log) openGroupLocked(n int) *group {
	seg := l.index.Last()
	if k := len(l.queue); k > 0 {
		if g := l.queue[k-1]; !g.closed && g.seg == seg && g.frames+n <= maxFrames {
			return g
		}
	}
	g := &group{seg: seg, off: seg.End, buf: l.room}
	l.room = nil
	if seg.End == 0 {
		g.buf = seg.AppendTo(g.buf)
		seg.End = format.BodyStart
	}
	l.queue = append(l.queue, g)
	return g
}

// await returns when the group is on the medium or has failed. Whoever is told to lead writes it.
func (l *Log) await(g wait) error {
	if g.leads {
		return l.writeGroup(g.group)
	}
	select {
	case <-g.lead:
		return l.writeGroup(g.group)
	case <-g.done:
		return g.err
	}
}

// writeGroup writes the group, which is the first in the queue, and has the next one written. The leader calls it
// without the lock, which nobody needs for what it writes: a group that is closed is the leader's.
func (l *Log) writeGroup(g *group) error {
	if !g.closed {
		l.closeGroup(g)
	}
	began, err := g.write()
	if err == nil {
		err = l.checkNames(g)
	}
	l.mu.Lock()
	if err != nil {
		l.undoLocked(g, began, err)
	} else {
		l.finishFlushLocked(g)
	}
	g.endLocked()
	l.leadNextLocked()
	retired := l.takeRetiredLocked()
	l.unlock()
	closeFiles(retired)
	return g.err
}

// closeGroup lets others join before the group is written: those who were just answered come back at once. With 64
// callers a flush takes 43 records with it and 32 without it (BenchmarkDurableAppend).
func (l *Log) closeGroup(g *group) {
	l.mu.Lock()
	if l.lastGroupCallers > 1 {
		l.unlock()
		runtime.Gosched()
		l.mu.Lock()
	}
	l.closeGroupLocked(g)
	l.unlock()
}

// closeGroupLocked lets nobody join any more.
func (l *Log) closeGroupLocked(g *group) { g.closed, l.lastGroupCallers = true, g.callers }

// write reports whether it came to the flush, and the error.
func (g *group) write() (flushing bool, err error) {
	if _, err := g.seg.File.WriteAt(g.buf, g.off); err != nil {
		return false, err
	}
	return true, g.seg.File.Sync()
}

func (l *Log) finishFlushLocked(g *group) {
	l.flushes++
	l.durable = g.last
	l.number.Store(g.number)
	n := copy(l.queue, l.queue[1:])
	l.queue[n] = nil
	l.queue = l.queue[:n]
	if cap(g.buf) <= maxRoom {
		l.room = g.buf[:0]
	}
	g.buf = nil
	l.retireLocked(g.seg)
}

// maxRoom is the most bytes of a group that was written which are kept for the next one.
const maxRoom = 256 << 10

// retireLocked has the next leader close the file of a segment that nothing more will be written to.
func (l *Log) retireLocked(seg *index.Segment) {
	if seg == l.index.Last() || len(l.queue) > 0 && l.queue[0].seg == seg || seg.File == nil {
		return
	}
	l.retired = append(l.retired, seg.File)
	seg.File = nil
}

// takeRetiredLocked returns the files that are to be closed.
func (l *Log) takeRetiredLocked() []vfs.File {
	files := l.retired
	l.retired = nil
	return files
}

func closeFiles(files []vfs.File) {
	for _, f := range files {
		f.Close()
	}
}

// leadNextLocked has the next group written.
func (l *Log) leadNextLocked() {
	if len(l.queue) > 0 {
		l.queue[0].lead <- struct{}{}
	} else {
		l.writing = false
	}
	l.changed.Broadcast()
}

// undoLocked undoes a group and all that were built on it. The file is not trusted again after a failed flush; after
// a write that found no room it is, if what was written of the group can be taken back.
func (l *Log) undoLocked(g *group, flushing bool, err error) {
	waiting := l.queue[1:]
	l.queue = nil
	epoch := l.epoch + 1
	g.err = fault.New(fault.OutcomeUnknown, "",
		"the write began and failed; look for the entry before it is written again: %w", err)
	if !flushing && isFull(err) && g.cutBack() == nil {
		epoch = l.epoch
		g.err = fault.New(fault.DiskFull, "", "nothing was written; make room and call again: %w", err)
	}
	l.logLocked("a group could not be written", "error", err, "segment", g.seg.Name())
	if errors.Is(err, fault.FolderGone) {
		l.gone = err
	} else {
		l.recoverLocked(epoch)
	}
	for _, w := range waiting {
		w.err = errRolledBack
		w.endLocked()
	}
}

// cutBack makes the place of a group zeros again and flushes that.
func (g *group) cutBack() error {
	if _, err := g.seg.File.WriteAt(make([]byte, len(g.buf)), g.off); err != nil {
		if err := g.seg.File.Truncate(g.off); err != nil {
			return err
		}
	}
	return g.seg.File.Sync()
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || isFullHere(err)
}
