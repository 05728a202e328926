package journal

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
)

// reclaimSoon has old segments given back in the background, where the oldest one may be.
func (l *Log) reclaimSoon() {
	if l.reclaiming || l.closing || !l.mayLeave() {
		return
	}
	l.reclaiming = true
	go func() {
		for l.reclaimOne() {
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.reclaiming = false
		l.changed.Broadcast()
	}()
}

// mayLeave reports whether nothing in the oldest segment is pending and may not be moved, or was reported too short a
// time ago.
func (l *Log) mayLeave() bool {
	st := l.st
	if l.closing || l.walking > 0 || l.checking || l.broken != nil || len(st.segments) < 2 {
		return false
	}
	if st.holdsPending() && !l.mayMovePending() {
		return false
	}
	settled := fromMilliseconds(st.segments[0].settled)
	return !l.cfg.Now().Before(settled.Add(l.cfg.KeepReported))
}

// holdsPending reports whether a record in the oldest segment is pending.
func (st *state) holdsPending() bool {
	st.skipReported()
	return st.oldest < st.ring.next && *st.ring.at(st.oldest) < st.segments[1].base
}

// LetMove names the pending records that need not stay where they are: all others keep their segment, since they are
// reported in their order. One that is named goes to the end of the log when its segment is given back, also behind
// younger ones. A call replaces what was named before; nothing of it is stored.
func (l *Log) LetMove(ids ...ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.movable = append([]ID(nil), ids...)
}

// mayMovePending reports whether all records in the oldest segment that are pending may be moved.
func (l *Log) mayMovePending() bool {
	if len(l.movable) == 0 {
		return false
	}
	st, movable := l.st, map[uint64]bool{}
	for _, id := range l.movable {
		if record, ok := st.find(id); ok {
			movable[record] = true
		}
	}
	for record := st.oldest; record < st.ring.next && *st.ring.at(record) < st.segments[1].base; record++ {
		if s := *st.ring.status(record); !s.is(statusGone) && s.state() == Pending && !movable[record] {
			return false
		}
	}
	return true
}

// skipReported moves oldest to the first record that is pending.
func (st *state) skipReported() {
	for st.oldest = max(st.oldest, st.ring.base); st.oldest < st.ring.next; st.oldest++ {
		if s := *st.ring.status(st.oldest); !s.is(statusGone) && s.state() == Pending {
			return
		}
	}
}

// A carrier moves what still lives in the oldest segment to the end of the log.
type carrier struct {
	l      *Log
	seg    *segment // as it was when it was read
	frames []placed
	number uint64 // of the last record in the chain up to its end
	now    int64
}

var errStale = errors.New("somebody reads the history, or the oldest segment is another one by now")

// reclaimOne gives the oldest segment back and reports whether it did.
func (l *Log) reclaimOne() bool {
	if l.leftover != "" && !l.remove(l.leftover) {
		return false
	}
	l.mu.Lock()
	if !l.mayLeave() {
		l.mu.Unlock()
		return false
	}
	seg, st := l.st.segments[0], l.st
	c := &carrier{l: l, seg: seg, now: seconds(l.cfg.Now())}
	l.mu.Unlock()
	if err := c.read(st); err != nil || !c.worthwhile() {
		return false
	}
	for len(c.frames) > 0 {
		n := min(len(c.frames), 64)
		err := l.commit(context.Background(), "journal.reclaim", func(v *View) ([]draft, error) { return c.drafts(v.st, c.frames[:n]) })
		if err != nil {
			l.log("a segment could not be given back yet", "segment", seg.name(), "error", err)
			return false
		}
		c.frames = c.frames[n:]
	}
	if err := l.commit(context.Background(), "journal.reclaim", c.returned); err != nil {
		l.log("a segment could not be given back yet", "segment", seg.name(), "error", err)
		return false
	}
	return c.release(st)
}

// read reads the whole segment.
func (c *carrier) read(st *state) error {
	ld := &loader{state: &state{fs: st.fs, dir: st.dir}}
	b, _, err := ld.contents(c.seg.name(), nil, c.seg.size)
	if err != nil {
		return err
	}
	walk(b, bodyStart, c.seg.seed(), c)
	return nil
}

func (c *carrier) frame(off int64, f frame, _ bool) {
	c.frames = append(c.frames, placed{frame: f, seg: c.seg, off: off})
	c.number = f.number
}

func (c *carrier) junk(int64, int64) {}

// worthwhile reports whether carrying costs less than half of what is given back. Where it does not, the segment is
// moved nevertheless when most of the log seems to be dead, since younger segments wait behind it.
func (c *carrier) worthwhile() bool {
	l := c.l
	l.mu.Lock()
	defer l.mu.Unlock()
	size := int64(0)
	if c.check(l.st) != nil {
		return false
	}
	for i := range c.frames {
		if d, ok := c.draft(l.st, &c.frames[i]); ok {
			size += frameSize(len(d.content) + sealedExtra)
		}
	}
	if !c.complete(l.st) {
		l.log("a segment is kept, since a record in it cannot be read any more", "segment", c.seg.name())
		return false
	}
	total := int64(0)
	for _, s := range l.st.segments {
		total += s.size
	}
	const carriedSize = 256
	live := int64(l.st.counts[0]+l.st.counts[1]+l.st.counts[2]) * carriedSize
	l.dense = min(l.dense, total)
	return size <= c.seg.size/2 || total > 4*live+8*l.cfg.SegmentSize && l.inRound(c.seg.ordinal, total)
}

// inRound reports whether a segment may be moved although that does not pay. How much of the log lives is only
// estimated, and without a bound what lives would be copied for ever. So such moves go through the log in rounds: a
// round ends where the log ended when it began, and the next one begins when the log is twice as large as this one left
// it.
func (l *Log) inRound(ordinal uint64, total int64) bool {
	if ordinal < l.round {
		return true
	}
	if l.round > 0 {
		l.round, l.dense = 0, total
	}
	if total <= 2*l.dense {
		return false
	}
	l.round = l.last().ordinal + 1
	return true
}

// complete reports whether every record that the index has in the segment was read.
func (c *carrier) complete(st *state) bool {
	held := 0
	for record := st.ring.base; record < st.ring.next && *st.ring.at(record) < st.segments[1].base; record++ {
		if !st.ring.status(record).is(statusGone) {
			held++
		}
	}
	for i := range c.frames {
		if _, _, ok := c.current(st, &c.frames[i]); ok {
			held--
		}
	}
	return held == 0
}

func (c *carrier) check(st *state) error {
	if c.l.walking > 0 || len(st.segments) < 2 || st.segments[0].id != c.seg.id {
		return errStale
	}
	return nil
}

// current returns the record that stands in this very frame.
func (c *carrier) current(st *state, p *placed) (record uint64, f found, ok bool) {
	if p.kind != KindRecord && p.kind != kindCarried {
		return 0, f, false
	}
	if f.unpack(c.seg, p.frame) != nil {
		return 0, f, false
	}
	record, ok = st.find(f.env.id)
	return record, f, ok && *st.ring.at(record) == st.segments[0].address(p.off)
}

// release takes out of the index what was not carried, and removes the file.
func (c *carrier) release(before *state) bool {
	l := c.l
	l.mu.Lock()
	st := l.st
	if st != before || c.check(st) != nil || !l.mayLeave() || st.holdsPending() {
		l.mu.Unlock()
		return false
	}
	again := &carrier{l: l, seg: c.seg}
	if err := again.read(st); err != nil || !again.complete(st) {
		l.mu.Unlock()
		return false
	}
	for i := range again.frames {
		if record, f, ok := again.current(st, &again.frames[i]); ok {
			st.leave(record, &f.env)
		}
	}
	st.segments = st.segments[1:]
	if l.lent.seg == c.seg {
		l.lent.close() // some systems remove no file that is open
	}
	l.returned++
	l.mu.Unlock()
	return l.remove(c.seg.name())
}

// remove removes a file that was given back and flushes the folder, so that segments leave it in their order: what comes
// back after a crash is the oldest one, and everything that happened to its records is still in younger ones.
func (l *Log) remove(name string) bool {
	l.leftover = name
	err := l.fs.Remove(filepath.Join(l.dir, name))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = l.fs.SyncDir(l.dir)
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
	defer l.mu.Unlock()
	if err := l.usable(); err != nil {
		return named("journal.Tidy", err)
	}
	l.reclaimSoon()
	return l.waitWhile(ctx, &l.reclaiming)
}
