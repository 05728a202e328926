package journal

import (
	"crypto/rand"
	"path/filepath"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
)

// makeRoom sees to it that need bytes fit into the last segment. Where it had to wait it returns errAgain. As long as no
// segment could be made ahead, the second half of the last one is kept for what is not plain.
func (l *Log) makeRoom(need int64, plain bool) error {
	seg := l.last()
	fits := seg != nil && !l.rotate && seg.end+need <= seg.size
	if fits && (!plain || l.spare != nil || seg.end+need <= seg.size/2) {
		return nil
	}
	if !fits && l.spare != nil && bodyStart+need <= l.spare.size {
		return l.advance()
	}
	if l.making {
		l.changed.Wait()
		return errAgain
	}
	if err := l.makeSpare(max(l.cfg.SegmentSize, align(bodyStart+need))); err != nil {
		return noRoom(err)
	}
	return errAgain
}

func noRoom(err error) error {
	if isFull(err) {
		return fault.New(fault.DiskFull, "", "nothing was written; make room and call again: %w", err)
	}
	return fault.New(fault.DiskFailed, "", "nothing was written; no new segment could be made: %w", err)
}

func (l *Log) last() *segment {
	if n := len(l.st.segments); n > 0 {
		return l.st.segments[n-1]
	}
	return nil
}

// advance makes the spare the last segment and has the next one made.
func (l *Log) advance() error {
	if l.st.top+uint64(l.spare.size/8) > maxTop {
		return l.renumber()
	}
	before, seg := l.last(), l.spare
	l.spare, l.rotate, l.ordinal = nil, false, seg.ordinal+1
	seg.first, seg.end = l.st.seq+1, 0
	if len(l.keys) > 0 && l.cfg.Key != nil {
		seg.sealer, seg.key = l.keys[0], l.keys[0].id
	}
	l.st.add(seg)
	if before != nil && len(l.st.queue) == 0 {
		l.retire(before)
	}
	l.prepare()
	return nil
}

// renumber reads the state anew, so that addresses begin at zero again.
func (l *Log) renumber() error {
	if len(l.st.queue) > 0 {
		l.changed.Wait()
		return errAgain
	}
	l.reload(l.durable, l.epoch)
	return errAgain
}

// prepare has the next segment made and old ones given back, in the background.
func (l *Log) prepare() {
	if !l.making && l.spare == nil {
		l.making = true
		go l.makeAhead()
	}
	l.reclaimSoon()
}

func (l *Log) makeAhead() {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Close waits for it: the next segment shows that the one before was begun. The error is kept in spareErr and told to the
	// first who needs the room.
	_ = l.makeSpare(l.cfg.SegmentSize)
}

// makeSpare makes the next segment, without the lock while it is at it. One that is too small is replaced.
func (l *Log) makeSpare(size int64) error {
	l.making = true
	h := header{major: major, minor: minor, journal: l.st.journal, epoch: l.epoch, ordinal: l.ordinal, size: size}
	rand.Read(h.id[:])
	old := l.spare
	l.spare = nil
	l.mu.Unlock()
	l.discard(old)
	file, err := createSegment(l.fs, l.dir, &h)
	l.mu.Lock()
	defer l.changed.Broadcast()
	defer func() { l.making = false }()
	l.spareErr = err
	if err != nil {
		l.log("no segment could be made ahead", "error", err)
		return err
	}
	l.made++
	seg := &segment{header: h, file: file}
	if h.epoch == l.epoch && h.ordinal == l.ordinal {
		l.spare = seg
		return nil
	}
	l.mu.Unlock()
	l.discard(seg)
	l.mu.Lock()
	return nil
}

// discard removes a segment that was made ahead, and reports whether that is on the medium.
func (l *Log) discard(seg *segment) bool {
	if seg == nil {
		return true
	}
	seg.file.Close()
	err := l.fs.Remove(filepath.Join(l.dir, seg.name()))
	if err == nil {
		err = l.fs.SyncDir(l.dir)
	}
	if err != nil {
		l.log("a segment that was made ahead could not be removed", "error", err)
	}
	return err == nil
}

// createSegment makes a file of zeros: create, write, flush, flush the folder. The zeros are written, so that the room is
// there and later flushes have no more to do than to write. One large write keeps it at one operation; that it leaves the file in
// memory as one large piece is put right.
func createSegment(fs vfs.FS, dir string, h *header) (vfs.File, error) {
	name := filepath.Join(dir, h.name())
	f, err := fs.Open(name, vfs.Create)
	if err != nil {
		return nil, err
	}
	_, err = f.WriteAt(make([]byte, h.size), 0)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = fs.SyncDir(dir)
	}
	if err != nil {
		f.Close()
		fs.Remove(name)
		return nil, err
	}
	vfs.InPages(f)
	return f, nil
}
