package journal

import (
	"crypto/rand"
	"errors"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/recovery"
)

// repairLocked brings what a crash left into a state that can be written to.
func (l *Log) repairLocked(r *recovery.Result) error {
	if r.Index.Journal == ([16]byte{}) {
		rand.Read(r.Index.Journal[:])
	}
	for _, d := range r.Damage {
		l.logLocked("damage", "what", d.String())
	}
	l.removeUnfinishedLocked()
	if err := l.adoptLocked(r); err != nil {
		return err
	}
	if err := l.repairTailLocked(&r.Tail); err != nil {
		return err
	}
	for l.preallocating { // what was written again has begun a segment, and has the next one made
		l.changed.Wait()
	}
	if l.preallocated != nil && l.preallocated.Epoch != l.epoch {
		l.dropPreallocatedLocked()
	}
	if l.preallocated == nil && l.preallocateLocked(l.cfg.SegmentSize) != nil && l.index.Last() == nil {
		return noRoom(l.preallocateErr)
	}
	l.compactSoonLocked()
	return nil
}

// repairTailLocked sees to it that the last group is on the medium, as far as it counts.
func (l *Log) repairTailLocked(t *recovery.Tail) error {
	keep := t.Countable()
	if len(keep) < len(t.Group) || !t.Whole() || rewrite(t.Group) != nil {
		if err := l.writeAgainLocked(t, keep); err != nil {
			return err
		}
	}
	if t.Junk {
		l.epoch, l.rotate = l.index.LastEpoch()+1, true
		if !t.CleanShutdown {
			// The junk may have been a record that was reported: its number must not be given again.
			l.index.Number++
		}
	}
	return nil
}

// rewrite writes the last group once more in its place and flushes it: it may stand in the system's memory alone, and a
// flush that failed before would not fail again.
func rewrite(group []recovery.FrameAt) error {
	if len(group) == 0 {
		return nil
	}
	seg, from := group[0].Segment, group[0].Offset
	if from == format.BodyStart {
		from = 0
	}
	if seg.File == nil || group[len(group)-1].Segment != seg {
		return folder.ErrDamaged
	}
	b := make([]byte, seg.End-from)
	if _, err := seg.File.ReadAt(b, from); err != nil {
		return err
	}
	if _, err := seg.File.WriteAt(b, from); err != nil {
		return err
	}
	return seg.File.Sync()
}

// writeAgainLocked writes frames of the last group into a new segment of a higher epoch, which overrides that group.
func (l *Log) writeAgainLocked(t *recovery.Tail, keep []recovery.FrameAt) error {
	drafts := l.copyDrafts(keep)
	l.rebuildLocked(t.Durable, l.epoch+1)
	if l.broken != nil || len(drafts) == 0 {
		return l.broken
	}
	g, err := l.enqueueLocked(drafts)
	for errors.Is(err, errAgain) {
		g, err = l.enqueueLocked(drafts)
	}
	if err != nil {
		return err
	}
	l.queue = nil
	if err := l.writeAside(g); err != nil {
		return fault.New(fault.DiskFailed, "", "the last records could not be written again: %w", err)
	}
	l.durable = g.last
	return nil
}

// copyDrafts reads frames that are to be written again.
func (l *Log) copyDrafts(frames []recovery.FrameAt) []draft {
	var drafts []draft
	for _, f := range frames {
		r := folder.Reader{Folder: l.folder}
		c, err := r.ReadAt(f.Segment, f.Offset)
		if err == nil {
			d := draft{kind: c.Kind, content: append([]byte(nil), c.Content...), number: c.Number}
			d.payload = append([]byte(nil), c.Envelope.Payload...)
			drafts = append(drafts, d)
		}
		r.Close()
	}
	return drafts
}

// writeAside writes the first group of a segment under a name that no recovery reads, and gives the segment its own
// name when all of it is on the medium. A header alone would override records that were acknowledged.
func (l *Log) writeAside(g *group) error {
	name := l.folder.Path(g.seg.Name())
	g.seg.File.Close()
	err := l.rename(name, name+unfinished)
	if err == nil {
		g.seg.File, err = l.folder.FS.Open(name+unfinished, vfs.Write)
	}
	if err != nil {
		g.seg.File = nil
		return err
	}
	_, err = g.write()
	g.seg.File.Close()
	g.seg.File = nil
	if err == nil {
		err = l.rename(name+unfinished, name)
	}
	if err == nil {
		g.seg.File, err = l.folder.FS.Open(name, vfs.Write)
	}
	return err
}

// unfinished follows the name of a segment that is not to be read yet.
const unfinished = ".new"

func (l *Log) rename(from, to string) error {
	if err := l.folder.FS.Rename(from, to); err != nil {
		return err
	}
	return l.folder.FS.SyncDir(l.folder.Dir)
}

// removeUnfinishedLocked removes segments that a crash or a failure left under such a name: what they repeat stands
// elsewhere.
func (l *Log) removeUnfinishedLocked() {
	names, _ := l.folder.FS.List(l.folder.Dir)
	for _, name := range names {
		if !strings.HasSuffix(name, format.Suffix+unfinished) {
			continue
		}
		if err := l.folder.FS.Remove(l.folder.Path(name)); err != nil {
			l.logLocked("an unfinished segment could not be removed", "segment", name, "error", err)
		}
	}
}
