package journal

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
	"github.com/offlane/offlane/redeem/journal/internal/recovery"
)

// adoptLocked makes what was loaded the log's index.
func (l *Log) adoptLocked(r *recovery.Result) error {
	x := r.Index
	if err := recovery.LoadHead(l.folder, x); err != nil {
		return err
	}
	x.IDAt = l.idAtLocked
	l.index, l.damage, l.durable = x, r.Damage, x.Seq
	l.number.Store(max(l.number.Load(), x.Number))
	l.ordinal = r.NextOrdinal
	l.epoch = max(l.epoch, x.LastEpoch())
	if l.cfg.ReadOnly {
		return nil
	}
	if err := l.adoptPreallocatedLocked(r.Preallocated); err != nil {
		return err
	}
	return l.openLastLocked()
}

// idAtLocked reads the id of a record for the index.
func (l *Log) idAtLocked(at uint32) (format.ID, bool) {
	r := folder.Reader{Folder: l.folder}
	defer r.Close()
	c, err := l.readLocked(&r, at)
	if err != nil {
		return format.ID{}, false
	}
	return c.Envelope.ID, true
}

// adoptPreallocatedLocked keeps one segment that was made ahead and removes others, the last one first: a hole before a
// segment means that one was deleted. So does one between two files that were in use, be the last one readable or not,
// which therefore stays: its first group was never flushed.
func (l *Log) adoptPreallocatedLocked(headers []format.Header) error {
	for i := len(headers) - 1; i >= 0; i-- {
		h := headers[i]
		if l.preallocating || l.preallocated != nil && l.preallocated.ID == h.ID {
			continue // it is the one that is kept, or may be the one that is just being made
		}
		if len(l.index.All) > 0 && l.index.All[0].Ordinal < h.Ordinal && h.Ordinal+1 < l.ordinal {
			continue
		}
		if ok, err := l.adoptOneLocked(h); !ok {
			return err
		}
	}
	return nil
}

// adoptOneLocked reports false where the file is still there and is not used. Its error is fault.InUse.
func (l *Log) adoptOneLocked(h format.Header) (bool, error) {
	h.Major, h.Minor = format.Major, format.Minor
	file, err := l.folder.FS.Open(l.folder.Path(h.Name()), vfs.Write)
	if isHeld(err) {
		return false, l.useError(err)
	}
	if err != nil {
		return false, nil
	}
	seg := &index.Segment{Header: h, File: file}
	usable := h.Size == l.cfg.SegmentSize && h.Epoch == l.epoch && l.preallocated == nil && h.Ordinal == l.ordinal &&
		h.Journal == l.index.Journal
	if usable && file.Sync() == nil && l.folder.FS.SyncDir(l.folder.Dir) == nil {
		vfs.HoldInPages(file)
		l.preallocated = seg
		return true, nil
	}
	err = l.removePreallocated(seg)
	if err != nil {
		l.logLocked(notRemoved, "error", err)
	}
	return err == nil, nil
}

// openLastLocked opens the last segment for writing, where it can be written to.
func (l *Log) openLastLocked() error {
	seg := l.index.Last()
	l.rotate = true
	if seg == nil {
		return nil
	}
	file, err := l.folder.FS.Open(l.folder.Path(seg.Name()), vfs.Write)
	if isHeld(err) {
		return l.useError(err)
	}
	if err != nil {
		return fault.New(fault.DiskFailed, "", "open %s for writing: %w", seg.Name(), err)
	}
	vfs.HoldInPages(file)
	seg.File = file
	current := format.KeyID{}
	if s := l.sealer(); s != nil {
		current = s.ID
	}
	l.rotate = seg.Key != current || seg.Minor != format.Minor
	return nil
}
