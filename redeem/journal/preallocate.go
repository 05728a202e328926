package journal

import (
	"crypto/rand"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// preallocation is the part of a Log that makes segments ahead of need.
type preallocation struct {
	epoch          uint64
	ordinal        uint64         // of the next segment that is made
	rotate         bool           // the last segment is not to be written to any more
	preallocated   *index.Segment // the next one, or nil
	preallocating  bool           // it is being made
	preallocateErr error          // why it could not be made
	made           uint64
}

const notRemoved = "a segment that was made ahead could not be removed"

// makeRoomLocked sees to it that need bytes fit into the last segment. Where it had to wait it returns errAgain. As
// long as no segment could be made ahead, the second half of the last one is kept for what is not plain.
func (l *Log) makeRoomLocked(need int64, plain bool) error {
	seg := l.index.Last()
	fits := seg != nil && !l.rotate && seg.End+need <= seg.Size
	if fits && (!plain || l.preallocated != nil || seg.End+need <= seg.Size/2) {
		return nil
	}
	if !fits && l.preallocated != nil && format.BodyStart+need <= l.preallocated.Size {
		return l.advanceLocked()
	}
	if l.preallocating {
		l.changed.Wait()
		return errAgain
	}
	if err := l.preallocateLocked(max(l.cfg.SegmentSize, format.Align(format.BodyStart+need))); err != nil {
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

// advanceLocked makes the segment that was made ahead the last one and has the next one made.
func (l *Log) advanceLocked() error {
	x, seg := l.index, l.preallocated
	if !x.Fits(seg) {
		x.Rebase()
	}
	if !x.Fits(seg) {
		return fault.New(fault.TooLarge, "", "the journal is larger than 32 GiB")
	}
	before := x.Last()
	l.preallocated, l.rotate, l.ordinal = nil, false, seg.Ordinal+1
	seg.First, seg.End = x.Seq+1, 0
	if s := l.sealer(); s != nil {
		seg.Sealer, seg.Key = s, s.ID
	}
	x.Add(seg)
	if before != nil && len(l.queue) == 0 {
		l.retireLocked(before)
	}
	if !l.preallocating && l.preallocated == nil {
		l.preallocating = true
		go l.preallocate()
	}
	l.compactSoonLocked()
	return nil
}

func (l *Log) preallocate() {
	l.mu.Lock()
	defer l.unlock()
	// Close waits for it: the next segment shows that the one before was begun. The error is kept in preallocateErr and
	// told to the first who needs the room.
	_ = l.preallocateLocked(l.cfg.SegmentSize)
}

// preallocateLocked makes the next segment, and lets go of the lock while it is at it. One that is too small is
// replaced.
func (l *Log) preallocateLocked(size int64) error {
	l.preallocating = true
	h := format.Header{Major: format.Major, Minor: format.Minor, Journal: l.index.Journal, Epoch: l.epoch,
		Ordinal: l.ordinal,
		Size:    size}
	rand.Read(h.ID[:])
	old := l.preallocated
	l.preallocated = nil
	l.unlock()
	l.discard(old)
	file, err := l.createSegment(&h)
	l.mu.Lock()
	defer l.changed.Broadcast()
	defer func() { l.preallocating = false }()
	l.preallocateErr = err
	if err != nil {
		l.logLocked("no segment could be made ahead", "error", err)
		return err
	}
	l.made++
	seg := &index.Segment{Header: h, File: file}
	if h.Epoch == l.epoch && h.Ordinal == l.ordinal {
		l.preallocated = seg
		return nil
	}
	l.unlock()
	l.discard(seg)
	l.mu.Lock()
	return nil
}

// discard removes a segment that was made ahead and is not needed. It is called without the lock.
func (l *Log) discard(seg *index.Segment) {
	if err := l.removePreallocated(seg); err != nil {
		l.log(notRemoved, "error", err)
	}
}

// dropPreallocatedLocked removes the segment that was made ahead, and reports whether that is on the medium.
func (l *Log) dropPreallocatedLocked() bool {
	err := l.removePreallocated(l.preallocated)
	l.preallocated = nil
	if err != nil {
		l.logLocked(notRemoved, "error", err)
	}
	return err == nil
}

// removePreallocated closes and removes a segment that was made ahead, if there is one. It needs no lock.
func (l *Log) removePreallocated(seg *index.Segment) error {
	if seg == nil {
		return nil
	}
	seg.File.Close()
	if err := l.folder.FS.Remove(l.folder.Path(seg.Name())); err != nil {
		return err
	}
	return l.folder.FS.SyncDir(l.folder.Dir)
}

// createSegment makes a file of zeros: create, write, flush, flush the folder. The zeros are written, so that the room
// is there and later flushes have no more to do than to write. One large write keeps it at one operation; that it
// leaves the file in memory as one large piece is put right.
func (l *Log) createSegment(h *format.Header) (vfs.File, error) {
	fs, name := l.folder.FS, l.folder.Path(h.Name())
	f, err := fs.Open(name, vfs.Create)
	if err != nil {
		return nil, err
	}
	_, err = f.WriteAt(make([]byte, h.Size), 0)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = fs.SyncDir(l.folder.Dir)
	}
	if err != nil {
		f.Close()
		fs.Remove(name)
		return nil, err
	}
	vfs.HoldInPages(f)
	return f, nil
}
