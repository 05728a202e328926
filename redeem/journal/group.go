package journal

import (
	"errors"
	"runtime"
	"syscall"

	"github.com/offlane/offlane/redeem/fault"
)

// A group is what is written with one write and one flush: the entries of all calls that came while the group before
// was being flushed. The first caller that waits for it leads; the others follow.
type group struct {
	seg     *segment
	off     int64
	buf     []byte
	frames  int
	callers int
	last    uint64
	number  uint64        // of the last record in the chain
	sealed  bool          // it is being written
	turn    chan struct{} // nil as long as nobody waits for the group
	done    chan struct{}
	err     error
}

// awaited returns the group, made fit to be waited for. It is called with the log's lock.
func (g *group) awaited() *group {
	if g.done == nil {
		g.turn, g.done = make(chan struct{}, 1), make(chan struct{})
	}
	return g
}

// end tells those who wait. It is called with the log's lock.
func (g *group) end() {
	if g.done != nil {
		close(g.done)
	}
}

// maxFrames is how many frames a group can number.
const maxFrames = 1<<16 - 1

// at returns the group's bytes from an offset in the segment on, or nil where it has none there.
func (g *group) at(seg *segment, off int64) []byte {
	if g.seg != seg || off < g.off || off >= g.off+int64(len(g.buf)) {
		return nil
	}
	return g.buf[off-g.off:]
}

// openGroup returns the group that takes n more frames into the last segment.
func (l *Log) openGroup(n int) *group {
	st := l.st
	seg := st.segments[len(st.segments)-1]
	if k := len(st.queue); k > 0 {
		if g := st.queue[k-1]; !g.sealed && g.seg == seg && g.frames+n <= maxFrames {
			return g
		}
	}
	g := l.idle
	if l.idle = nil; g == nil {
		g = new(group)
	}
	*g = group{seg: seg, off: seg.end, buf: l.buffer()}
	if seg.end == 0 {
		g.buf = seg.appendTo(g.buf)
		seg.end = bodyStart
	}
	st.queue = append(st.queue, g)
	return g
}

func (l *Log) buffer() []byte {
	if n := len(l.free); n > 0 {
		b := l.free[n-1]
		l.free = l.free[:n-1]
		return b[:0]
	}
	return nil
}

// await returns when the group is on the medium or has failed. Whoever gets the turn writes it.
func (l *Log) await(g staged) error {
	if g.leads {
		return l.lead(g.group)
	}
	select {
	case <-g.turn:
		return l.lead(g.group)
	case <-g.done:
		return g.err
	}
}

// lead writes the group, which is the first in the queue, and hands the turn on.
func (l *Log) lead(g *group) error {
	if !g.sealed {
		l.gather(g)
	}
	began, err := g.write()
	if err == nil {
		err = l.stillOurs(g)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.failed(g, began, err)
	} else {
		l.flushed(g)
	}
	g.end()
	l.handOn()
	if g.done == nil {
		l.idle = g // nobody else knows it
	}
	return g.err
}

// gather lets others join before the group is written: those who were just answered come back at once.
func (l *Log) gather(g *group) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.crowd > 1 {
		l.mu.Unlock()
		runtime.Gosched()
		l.mu.Lock()
	}
	l.seal(g)
}

// seal lets nobody join any more.
func (l *Log) seal(g *group) { g.sealed, l.crowd = true, g.callers }

// write reports whether it came to the flush, and the error.
func (g *group) write() (flushing bool, err error) {
	if _, err := g.seg.file.WriteAt(g.buf, g.off); err != nil {
		return false, err
	}
	return true, g.seg.file.Sync()
}

func (l *Log) flushed(g *group) {
	l.flushes++
	l.durable = g.last
	l.number.Store(g.number)
	n := copy(l.st.queue, l.st.queue[1:])
	l.st.queue[n] = nil
	l.st.queue = l.st.queue[:n]
	if len(l.free) < 4 && cap(g.buf) <= 1<<20 {
		l.free = append(l.free, g.buf)
	}
	g.buf = nil
	l.retire(g.seg)
}

// retire closes a segment that nothing more will be written to.
func (l *Log) retire(seg *segment) {
	st := l.st
	if seg == st.segments[len(st.segments)-1] || len(st.queue) > 0 && st.queue[0].seg == seg || seg.file == nil {
		return
	}
	seg.file.Close()
	seg.file = nil
}

// handOn gives the turn to the next group.
func (l *Log) handOn() {
	if len(l.st.queue) > 0 {
		l.st.queue[0].turn <- struct{}{}
	} else {
		l.writing = false
	}
	l.changed.Broadcast()
}

// failed undoes a group and all that were built on it. The file is not trusted again after a failed flush; after a write
// that found no room it is, if what was written of the group can be taken back.
func (l *Log) failed(g *group, flushing bool, err error) {
	waiting := l.st.queue[1:]
	l.st.queue = nil
	epoch := l.epoch + 1
	g.err = fault.New(fault.OutcomeUnknown, "", "the write began and failed; look for the entry before it is written again: %w", err)
	if !flushing && isFull(err) && g.cutBack() == nil {
		epoch = l.epoch
		g.err = fault.New(fault.DiskFull, "", "nothing was written; make room and call again: %w", err)
	}
	l.log("a group could not be written", "error", err, "segment", g.seg.name())
	if errors.Is(err, fault.FolderGone) {
		l.gone = err
	} else {
		l.readAgain(epoch)
	}
	for _, w := range waiting {
		w.err = errRolledBack
		w.end()
	}
}

// cutBack makes the place of a group zeros again and flushes that.
func (g *group) cutBack() error {
	if _, err := g.seg.file.WriteAt(make([]byte, len(g.buf)), g.off); err != nil {
		if err := g.seg.file.Truncate(g.off); err != nil {
			return err
		}
	}
	return g.seg.file.Sync()
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || isFullHere(err)
}

func (l *Log) log(text string, args ...any) {
	if l.cfg.Logger != nil {
		l.cfg.Logger.Warn("journal: "+text, args...)
	}
}
