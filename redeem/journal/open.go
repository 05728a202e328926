package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
)

const (
	lockName = "LOCK"
	openOp   = "journal.Open"
)

// Open opens the journal in dir, which is made where it is missing.
//
// What a crash left is put in order: a torn tail is passed over, the last group is flushed again, and damage is kept, noted
// in Damage and told to the logger. Errors, after which nothing was changed: fault.InUse (the detail says who has it),
// fault.Foreign, fault.Damaged (no record of any segment can be read), fault.UnsupportedVersion, fault.WrongKey,
// fault.NetworkFileSystem, fault.InvalidRequest for a Config out of range, and fault.DiskFailed.
func Open(ctx context.Context, dir string, cfg Config) (*Log, error) {
	l, err := newLog(ctx, dir, cfg)
	if err == nil {
		err = l.openFolder(ctx)
	}
	if err != nil {
		return nil, named(openOp, err)
	}
	return l, nil
}

func newLog(ctx context.Context, dir string, cfg Config) (*Log, error) {
	if cfg.SegmentSize == 0 {
		cfg.SegmentSize = defaultSegment
	}
	if cfg.SegmentSize < minSegment || cfg.SegmentSize > largestSegment {
		return nil, fault.New(fault.InvalidRequest, openOp, "SegmentSize is %d: give %d to %d, or 0", cfg.SegmentSize, minSegment,
			largestSegment)
	}
	cfg.SegmentSize = align(cfg.SegmentSize)
	if cfg.KeepReported == 0 {
		cfg.KeepReported = defaultKeep
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	keys, err := newKeyring(&cfg)
	if err != nil {
		return nil, err
	}
	l := &Log{fs: vfs.From(ctx), dir: dir, cfg: cfg, keys: keys}
	l.changed = sync.NewCond(&l.mu)
	return l, nil
}

func (l *Log) openFolder(ctx context.Context) (err error) {
	if !l.cfg.ReadOnly {
		if err := l.takeFolder(); err != nil {
			return err
		}
		defer func() {
			if err != nil {
				l.giveBack()
			}
		}()
	}
	ld := newLoader(l.fs, l.dir, l.keys)
	ld.snapshot = !l.cfg.ReadOnly
	loaded, err := ld.load(ctx)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cfg.ReadOnly {
		return l.look(ctx, loaded)
	}
	covered := loaded.coveredTo() // mending may read the state anew and give segments back
	if err := l.mend(loaded); err != nil {
		l.stop() // mending may have had segments made ahead or given back
		return err
	}
	l.afterwards(ctx, covered)
	return nil
}

// takeFolder makes the folder and locks it.
func (l *Log) takeFolder() error {
	if err := l.fs.MakeDir(l.dir); err != nil {
		return fault.New(fault.DiskFailed, "", "make the journal's folder: %w", err)
	}
	kind, err := l.fs.Network(l.dir)
	if err == nil && kind != "" && !l.cfg.AllowNetworkFileSystem {
		return fault.New(fault.NetworkFileSystem, "", "%s lies on a network file system (%s), whose flushes and locks cannot be "+
			"relied on: move it to a local disk", l.dir, kind)
	}
	host, _ := os.Hostname()
	l.lock, err = l.fs.Lock(filepath.Join(l.dir, lockName), fmt.Sprintf("process %d on %s, opened %s", os.Getpid(), host,
		time.Now().UTC().Format(time.RFC3339)))
	if isHeld(err) {
		return l.inUse(err)
	}
	if err != nil {
		return fault.New(fault.DiskFailed, "", "lock the journal's folder: %w", err)
	}
	if err := l.fs.SyncDir(filepath.Dir(filepath.Clean(l.dir))); err != nil {
		l.log("the folder above the journal could not be flushed", "error", err)
	}
	return nil
}

func isHeld(err error) bool {
	_, held := errors.AsType[*vfs.Held](err)
	return held
}

func (l *Log) inUse(err error) error {
	return fault.New(fault.InUse, "", "the journal in %s is open already: %w", l.dir, err)
}

// look adopts what was loaded for reading only.
func (l *Log) look(ctx context.Context, ld *loader) error {
	if keep := kept(ld.tail.group); len(keep) < len(ld.tail.group) {
		which := map[uint64]bool{}
		for _, p := range keep {
			which[p.seq] = true
		}
		again := newLoader(l.fs, l.dir, l.keys)
		again.limit, again.keep = ld.tail.vouched, which
		again, err := again.load(ctx)
		if err != nil {
			return err
		}
		again.damage = ld.damage
		ld = again
	}
	return l.adopt(ld)
}

// mend brings what a crash left into a state that can be written to.
func (l *Log) mend(ld *loader) error {
	if ld.journal == ([16]byte{}) {
		rand.Read(ld.journal[:])
	}
	for _, d := range ld.damage {
		l.log("damage", "what", d.String())
	}
	l.removeUnfinished()
	if err := l.adopt(ld); err != nil {
		return err
	}
	t := ld.tail
	keep := kept(t.group)
	if len(keep) < len(t.group) || !t.unbroken() || l.rewrite(t.group) != nil {
		if err := l.writeAgain(ld, keep); err != nil {
			return err
		}
	}
	if t.junk {
		l.epoch, l.rotate = l.st.lastEpoch()+1, true
		if !t.marked {
			// The junk may have been a record that was reported: its number must not be given again.
			l.st.number++
		}
	}
	for l.making { // what was written again has begun a segment, and has the next one made
		l.changed.Wait()
	}
	if l.spare != nil && l.spare.epoch != l.epoch {
		l.discard(l.spare)
		l.spare = nil
	}
	if l.spare == nil && l.makeSpare(l.cfg.SegmentSize) != nil && l.last() == nil {
		return noRoom(l.spareErr)
	}
	l.reclaimSoon()
	return nil
}

// unbroken reports whether no sequence number is missing in the last group.
func (t *tail) unbroken() bool {
	n := len(t.group)
	return n == 0 || t.group[n-1].seq == t.vouched+uint64(n)
}

// kept returns the frames of the last group that count although not all of it is there: calls that are whole, and
// records, which stand for themselves.
func kept(group []placed) []placed {
	var keep, call []placed
	flush := func(whole bool) {
		for _, p := range call {
			if whole || p.kind == KindRecord {
				keep = append(keep, p)
			}
		}
		call = nil
	}
	for i, p := range group {
		if p.flags&flagFirst != 0 || i > 0 && group[i-1].seq+1 != p.seq {
			flush(false)
		}
		call = append(call, p)
		if p.flags&flagLast != 0 {
			flush(call[0].flags&flagFirst != 0)
		}
	}
	flush(false)
	return keep
}

// rewrite writes the last group once more in its place and flushes it: it may stand in the system's memory alone, and a
// flush that failed before would not fail again.
func (l *Log) rewrite(group []placed) error {
	if len(group) == 0 {
		return nil
	}
	seg, from := group[0].seg, group[0].off
	if from == bodyStart {
		from = 0
	}
	if seg.file == nil || group[len(group)-1].seg != seg {
		return errDamaged
	}
	b := make([]byte, seg.end-from)
	if _, err := seg.file.ReadAt(b, from); err != nil {
		return err
	}
	if _, err := seg.file.WriteAt(b, from); err != nil {
		return err
	}
	return seg.file.Sync()
}

// writeAgain writes frames of the last group into a new segment of a higher epoch, which overrides that group.
func (l *Log) writeAgain(ld *loader, keep []placed) error {
	var drafts []draft
	for _, p := range keep {
		var r reader
		f, err := r.readAt(ld.state, p.seg, p.off)
		if err == nil {
			d := draft{kind: f.kind, content: append([]byte(nil), f.content...), number: f.number}
			d.payload = append([]byte(nil), f.env.payload...)
			drafts = append(drafts, d)
		}
		r.close()
	}
	l.reload(ld.tail.vouched, l.epoch+1)
	if l.broken != nil || len(drafts) == 0 {
		return l.broken
	}
	g, err := l.place(drafts)
	for errors.Is(err, errAgain) {
		g, err = l.place(drafts)
	}
	if err != nil {
		return err
	}
	l.st.queue = nil
	if err := l.writeAside(g); err != nil {
		return fault.New(fault.DiskFailed, "", "the last records could not be written again: %w", err)
	}
	l.durable = g.last
	return nil
}

// writeAside writes the first group of a segment under a name that no loader reads, and gives the segment its own name when
// all of it is on the medium. A header alone would override records that were acknowledged.
func (l *Log) writeAside(g *group) error {
	name := filepath.Join(l.dir, g.seg.name())
	g.seg.file.Close()
	err := l.rename(name, name+unfinished)
	if err == nil {
		g.seg.file, err = l.fs.Open(name+unfinished, vfs.Write)
	}
	if err != nil {
		g.seg.file = nil
		return err
	}
	_, err = g.write()
	g.seg.file.Close()
	g.seg.file = nil
	if err == nil {
		err = l.rename(name+unfinished, name)
	}
	if err == nil {
		g.seg.file, err = l.fs.Open(name, vfs.Write)
	}
	return err
}

// unfinished follows the name of a segment that is not to be read yet.
const unfinished = ".new"

func (l *Log) rename(from, to string) error {
	if err := l.fs.Rename(from, to); err != nil {
		return err
	}
	return l.fs.SyncDir(l.dir)
}

// removeUnfinished removes segments that a crash or a failure left under such a name: what they repeat stands elsewhere.
func (l *Log) removeUnfinished() {
	names, _ := l.fs.List(l.dir)
	for _, name := range names {
		if !strings.HasSuffix(name, suffix+unfinished) {
			continue
		}
		if err := l.fs.Remove(filepath.Join(l.dir, name)); err != nil {
			l.log("an unfinished segment could not be removed", "segment", name, "error", err)
		}
	}
}

// adopt makes what was loaded the log's state.
func (l *Log) adopt(ld *loader) error {
	st := ld.state
	if err := st.findHead(); err != nil {
		return err
	}
	l.st, l.durable = st, st.seq
	l.number.Store(max(l.number.Load(), st.number))
	l.ordinal = ld.nextOrdinal()
	l.epoch = max(l.epoch, st.lastEpoch())
	if l.cfg.ReadOnly {
		return nil
	}
	if err := l.adoptSpares(ld.spares); err != nil {
		return err
	}
	return l.openLast()
}

func (st *state) lastEpoch() uint64 {
	epoch := uint64(0)
	for _, s := range st.segments {
		epoch = max(epoch, s.epoch)
	}
	return epoch
}

// findHead reads the last record of the chain for its hash.
func (st *state) findHead() error {
	if st.headNumber == 0 {
		return nil
	}
	var r reader
	defer r.close()
	f, err := r.read(st, st.headAt)
	if err != nil {
		return damagedRecord(err)
	}
	var s Stored
	f.stored(&s)
	st.head.hash = s.Hash()
	return nil
}

// adoptSpares keeps one segment that was made ahead and removes others, the last one first: a hole before a segment means
// that one was deleted. So does one between two files that were in use, be the last one readable or not, which therefore
// stays: its first group was never flushed.
func (l *Log) adoptSpares(spares []header) error {
	for i := len(spares) - 1; i >= 0; i-- {
		h := spares[i]
		if l.making || l.spare != nil && l.spare.id == h.id {
			continue // it is the spare, or may be the one that is just being made
		}
		if len(l.st.segments) > 0 && l.st.segments[0].ordinal < h.ordinal && h.ordinal+1 < l.ordinal {
			continue
		}
		if ok, err := l.adoptSpare(h); !ok {
			return err
		}
	}
	return nil
}

// adoptSpare reports false where the spare is still there and is not used. Its error is fault.InUse.
func (l *Log) adoptSpare(h header) (bool, error) {
	h.major, h.minor = major, minor
	file, err := l.fs.Open(filepath.Join(l.dir, h.name()), vfs.Write)
	if isHeld(err) {
		return false, l.inUse(err)
	}
	if err != nil {
		return false, nil
	}
	seg := &segment{header: h, file: file}
	usable := h.size == l.cfg.SegmentSize && h.epoch == l.epoch && l.spare == nil && h.ordinal == l.ordinal &&
		h.journal == l.st.journal
	if usable && file.Sync() == nil && l.fs.SyncDir(l.dir) == nil {
		vfs.InPages(file)
		l.spare = seg
		return true, nil
	}
	return l.discard(seg), nil
}

// openLast opens the last segment for writing, where it can be written to.
func (l *Log) openLast() error {
	seg := l.last()
	l.rotate = true
	if seg == nil {
		return nil
	}
	file, err := l.fs.Open(filepath.Join(l.dir, seg.name()), vfs.Write)
	if isHeld(err) {
		return l.inUse(err)
	}
	if err != nil {
		return fault.New(fault.DiskFailed, "", "open %s for writing: %w", seg.name(), err)
	}
	vfs.InPages(file)
	seg.file = file
	current := keyID{}
	if l.cfg.Key != nil {
		current = l.keys[0].id
	}
	l.rotate = seg.key != current || seg.minor != minor
	return nil
}

// reload reads the state again after a failure, up to the last sequence number that was flushed, and goes on in the epoch.
func (l *Log) reload(limit, epoch uint64) {
	l.closeFiles()
	damage := l.st.damage
	journal := l.st.journal
	ld := newLoader(l.fs, l.dir, l.keys)
	ld.limit = limit
	ld, err := ld.load(context.Background())
	if err == nil {
		ld.journal = journal
		if ld.damage = ld.moreLost(damage); len(ld.damage) > len(damage) {
			l.shrunk.Add(1)
		}
		raised := epoch > l.epoch
		l.epoch = max(l.epoch, epoch)
		if l.spare != nil && (raised || l.spare.ordinal != ld.nextOrdinal()) {
			if !l.discard(l.spare) {
				ld.spares = nil // they must not go before this one
			}
			l.spare = nil
		}
		err = l.adopt(ld)
		l.rotate = l.rotate || raised
	}
	if l.broken = err; err != nil {
		l.log("the journal could not be read again after a failure", "error", err)
	}
}

// readAgain reads the state again after a failure, up to what was flushed. Where that is not all there any more, what is
// missing at the end is damage, and its numbers are not given again.
func (l *Log) readAgain(epoch uint64) {
	durable, number := l.durable, l.number.Load()
	l.reload(durable, epoch)
	st := l.st
	if l.broken != nil || st.seq >= durable {
		return
	}
	d := Damage{First: st.seq + 1, Last: durable, Certainty: Lost, What: "records that were flushed and cannot be read any more"}
	if seg := l.last(); seg != nil {
		d.File, d.Offset = seg.name(), seg.end
	}
	if number > st.number {
		d.FirstNumber, d.LastNumber = st.number+1, number
	}
	st.damage = append(st.damage, d)
	st.seq, st.number, l.durable = durable, max(st.number, number), durable
	l.shrunk.Add(1)
	l.log("damage", "what", d.String())
}

// moreLost returns the damage that was known, and what was lost since of that which had been flushed.
func (l *loader) moreLost(known []Damage) []Damage {
	all := slices.Clip(known)
	for _, d := range l.damage {
		covers := func(k Damage) bool { return k.First <= d.First && d.Last <= k.Last }
		if d.First != 0 && d.Last <= l.limit && !slices.ContainsFunc(known, covers) {
			d.Certainty = Lost
			all = append(all, d)
		}
	}
	return all
}

// closeFiles closes the segments that are open for writing, and the one that Pending keeps open.
func (l *Log) closeFiles() {
	l.lent.close()
	if l.st == nil {
		return
	}
	for _, s := range l.st.segments {
		if s.file != nil {
			s.file.Close()
			s.file = nil
		}
	}
}

// Close waits for what is being written, marks the end as clean and gives the folder back. Calling it again does nothing.
// No other call may be made afterwards: they fail with fault.Closed.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		for !l.closed {
			l.changed.Wait()
		}
		return nil
	}
	l.stop()
	err := errors.Join(l.mark(), l.giveBack())
	l.closed = true
	l.changed.Broadcast()
	return err
}

// giveBack closes all files, the folder's lock last.
func (l *Log) giveBack() error {
	l.closeFiles()
	if l.spare != nil {
		l.spare.file.Close()
	}
	if l.lock == nil {
		return nil
	}
	return l.lock.Close()
}

// stop lets nothing begin any more and waits for what goes on in the background.
func (l *Log) stop() {
	l.closing = true
	if l.stopCheck != nil {
		l.stopCheck()
	}
	for l.writing || l.making || l.reclaiming || l.checking {
		l.changed.Wait()
	}
}

// mark writes that everything before was flushed. Without it nothing is lost: the next Open only knows less.
func (l *Log) mark() error {
	seg := l.last()
	if l.cfg.ReadOnly || l.broken != nil || l.gone != nil || seg == nil || l.rotate || seg.end+frameHead > seg.size || seg.end == 0 {
		return nil
	}
	g := l.openGroup(1)
	l.put(g, &draft{kind: kindMark}, true, true)
	l.st.queue = nil
	if _, err := g.write(); err != nil {
		return fault.New(fault.DiskFailed, "journal.Close", "everything is stored, but the end could not be marked: %w", err)
	}
	if len(l.st.segments) >= snapshotSegments {
		if err := l.saveSnapshot(); err != nil {
			l.log("no snapshot could be written; the next start takes longer", "error", err)
		}
	}
	return nil
}
