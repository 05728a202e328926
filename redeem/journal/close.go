package journal

import (
	"errors"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/recovery"
)

// snapshotSegments is from how many segments on a snapshot is worth its writing.
const snapshotSegments = 8

// Close waits for what is being written, marks the end as clean and gives the folder back. Calling it again does
// nothing. No other call may be made afterwards: they fail with fault.Closed.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.unlock()
	if l.closing {
		for !l.closed {
			l.changed.Wait()
		}
		return nil
	}
	l.stopLocked()
	err := errors.Join(l.endCleanlyLocked(), l.closeAllLocked())
	l.closed = true
	l.changed.Broadcast()
	return err
}

func (l *Log) closeAll() {
	l.mu.Lock()
	defer l.unlock()
	_ = l.closeAllLocked() // of a log that was not opened: the error that stopped it is told
}

// closeAllLocked closes all files, the folder's lock last.
func (l *Log) closeAllLocked() error {
	l.closeFilesLocked()
	if l.preallocated != nil {
		l.preallocated.File.Close()
	}
	if l.lock == nil {
		return nil
	}
	return l.lock.Close()
}

// stopLocked lets nothing begin any more and waits for what goes on in the background.
func (l *Log) stopLocked() {
	l.closing = true
	if l.stopCheck != nil {
		l.stopCheck()
	}
	for l.writing || l.preallocating || l.compacting || l.checking {
		l.changed.Wait()
	}
}

// longestEnd is how many bytes the mark of an end has that is encrypted; as it is it has half of that.
const longestEnd = 2 * format.FrameHead

// endCleanlyLocked writes that everything before was flushed, and a snapshot where the log is long. Without them
// nothing is lost: the next Open only knows less.
func (l *Log) endCleanlyLocked() error {
	seg := l.index.Last()
	if l.cfg.ReadOnly || l.broken != nil || l.gone != nil || seg == nil || l.rotate || seg.End == 0 ||
		seg.End+longestEnd > seg.Size {
		return nil
	}
	g := l.openGroupLocked(1)
	l.putLocked(g, &draft{kind: format.KindCleanShutdown}, true, true)
	l.queue = nil
	if _, err := g.write(); err != nil {
		return fault.New(fault.DiskFailed, "journal.Close", "everything is stored, but the end could not be marked: %w", err)
	}
	if len(l.index.All) >= snapshotSegments {
		if err := recovery.SaveSnapshot(l.folder, l.index, l.sealer()); err != nil {
			l.logLocked("no snapshot could be written; the next start takes longer", "error", err)
		}
	}
	return nil
}
