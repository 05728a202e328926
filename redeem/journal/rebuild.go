package journal

import (
	"context"

	"github.com/offlane/offlane/redeem/journal/internal/recovery"
)

// rebuildLocked builds the index again after a failure, up to the last sequence number that was flushed, and goes on in
// the epoch. It reads all segments under the lock: nothing can be decided before it is known what is on the medium.
func (l *Log) rebuildLocked(limit, epoch uint64) {
	l.closeFilesLocked()
	r, err := recovery.Load(context.Background(), recovery.Options{Folder: l.folder, Keys: l.keys, Limit: limit})
	if err == nil {
		r.Index.Journal = l.index.Journal
		known := len(l.damage)
		if r.Damage = recovery.AddLost(l.damage, r.Damage, limit); len(r.Damage) > known {
			l.shrunk.Add(1)
		}
		raised := epoch > l.epoch
		l.epoch = max(l.epoch, epoch)
		if l.preallocated != nil && (raised || l.preallocated.Ordinal != r.NextOrdinal) && !l.dropPreallocatedLocked() {
			r.Preallocated = nil // they must not go before this one
		}
		err = l.adoptLocked(r)
		l.rotate = l.rotate || raised
	}
	if l.broken = err; err != nil {
		l.logLocked("the journal could not be read again after a failure", "error", err)
	}
}

// recoverLocked builds the index again after a failure, up to what was flushed. Where that is not all there any more,
// what is missing at the end is damage, and its numbers are not given again.
func (l *Log) recoverLocked(epoch uint64) {
	durable, number := l.durable, l.number.Load()
	l.rebuildLocked(durable, epoch)
	x := l.index
	if l.broken != nil || x.Seq >= durable {
		return
	}
	d := Damage{First: x.Seq + 1, Last: durable, Certainty: Lost,
		What: "records that were flushed and cannot be read any more"}
	if seg := x.Last(); seg != nil {
		d.File, d.Offset = seg.Name(), seg.End
	}
	if number > x.Number {
		d.FirstNumber, d.LastNumber = x.Number+1, number
	}
	x.Seq, x.Number, l.durable = durable, max(x.Number, number), durable
	l.shrunk.Add(1)
	l.addDamageLocked(d)
}

// closeFilesLocked closes the segments that are open for writing, and the one that Pending keeps open.
func (l *Log) closeFilesLocked() {
	l.cachedReader.Close()
	closeFiles(l.takeRetiredLocked())
	if l.index == nil {
		return
	}
	for _, s := range l.index.All {
		if s.File != nil {
			s.File.Close()
			s.File = nil
		}
	}
}
