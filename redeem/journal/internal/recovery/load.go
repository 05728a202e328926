// Package recovery reads a journal's folder into an index, whatever a crash or a damage left of it. It takes three
// steps, each of which works on bytes or values alone: Scan finds the frames in a segment's bytes, a judge works out
// which of them count and what is damaged, and a builder puts those into an index. Load runs them over the files of a
// folder.
//
// Load and Check may be called by several goroutines at once. They start one goroutine, which reads ahead and has ended
// when they return.
package recovery

import (
	"context"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// Options say what Load reads.
type Options struct {
	// Folder is where the journal stands, Keys are those that its segments are encrypted with.
	Folder folder.Folder
	Keys   format.Keyring
	// Snapshot says that a snapshot may be used.
	Snapshot bool
	// Limit is the last sequence number that counts, with those in Keep. NoLimit: all count, and what is missing is
	// damage.
	Limit uint64
	Keep  map[uint64]bool
}

// A Result is what Load made of a folder.
type Result struct {
	// Index is what the frames amount to; its Journal is zero where there is no segment.
	Index *index.Index
	// Damage is what is not as it was written, in the order of the log.
	Damage []Damage
	// Tail is how the log ends.
	Tail Tail
	// Preallocated are the files that were made ahead, by ordinal.
	Preallocated []format.Header
	// NextOrdinal is that of the next segment. It leaves the hole of a missing one as it is.
	NextOrdinal uint64
	// Covered is the ordinal behind the last segment that a snapshot covers; 0: none was used.
	Covered uint64
}

// Load reads a folder. Errors: fault.DiskFailed, fault.Foreign, fault.Damaged, fault.WrongKey,
// fault.UnsupportedVersion, fault.TooLarge, and the context's.
func Load(ctx context.Context, o Options) (*Result, error) {
	s, err := survey(o.Folder, o.Keys)
	if err != nil {
		return nil, err
	}
	x := newIndex(o.Folder, s)
	if x.Top > index.MaxTop {
		return nil, fault.New(fault.TooLarge, "", "the journal is larger than 32 GiB")
	}
	if len(s.Segments) == 0 && s.reject != nil {
		return nil, s.reject
	}
	j := newJudge(s, o.Limit)
	j.keep = o.Keep
	if o.Snapshot {
		if from, covered := loadSnapshot(&o, s); from != nil {
			x = from
			s.Segments = x.All
			j.resume(x, covered)
		}
	}
	j.take = builder{x}.take
	if err := j.readAll(ctx, o.Folder, func() bool { return x.Len() <= index.MaxRecords }); err != nil {
		return nil, err
	}
	j.finish(x.LogStart)
	return j.result(x), nil
}

// newIndex returns an index without frames for the segments.
func newIndex(in folder.Folder, s *Survey) *index.Index {
	x := index.New(s.Journal)
	x.IDAt = idReader(in, x)
	for _, seg := range s.Segments {
		x.Add(seg)
	}
	return x
}

// idReader reads the ids of records for an index.
func idReader(in folder.Folder, x *index.Index) func(uint32) (format.ID, bool) {
	return func(at uint32) (format.ID, bool) {
		r := folder.Reader{Folder: in}
		defer r.Close()
		seg, off := x.Locate(at)
		if seg == nil {
			return format.ID{}, false
		}
		c, err := r.ReadAt(seg, off)
		if err != nil {
			return format.ID{}, false
		}
		return c.Envelope.ID, true
	}
}

func (j *judge) result(x *index.Index) *Result {
	r := &Result{Index: x, Damage: j.damage, Tail: j.tail, Preallocated: j.Preallocated,
		NextOrdinal: max(j.nextOrdinal(), j.vacant)}
	if j.covered > 0 {
		r.Covered = x.All[j.covered-1].Ordinal + 1
	}
	return r
}

// readAll reads the segments, the next one while one is taken in, as long as they fit.
func (j *judge) readAll(ctx context.Context, in folder.Folder, fits func() bool) error {
	if len(j.Segments) == 0 {
		return nil
	}
	from := max(j.covered-1, 0)
	buffers := prefetch(in, j.Segments[from:])
	defer buffers.stop()
	for i := from; i < len(j.Segments); i++ {
		if err := buffers.next(); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		j.read(i, buffers.buf)
		if !fits() {
			return fault.New(fault.TooLarge, "", "the journal holds more than %d records", index.MaxRecords)
		}
	}
	return nil
}

// read takes in one segment. The last one is only looked at as far as it was used.
func (j *judge) read(i int, b []byte) {
	s := j.Segments[i]
	if j.take == nil && i == len(j.Segments)-1 {
		b = b[:min(int64(len(b)), s.End)]
	}
	from := j.begin(i, int64(len(b)))
	scan(b, from, s.Seed(), j)
	j.end()
}

// Check reads segments that a snapshot has spared Load from reading, and returns their damage. The segments are copies
// that nobody changes; start is where the log is to begin.
func Check(ctx context.Context, in folder.Folder, segments []*index.Segment, start format.LogStart) ([]Damage, error) {
	j := newJudge(&Survey{Segments: segments}, NoLimit)
	err := j.readAll(ctx, in, func() bool { return true })
	j.tail.Durable = j.expect - 1
	j.finish(start)
	return j.damage, err
}

// AddLost returns the damage that was known, and what was lost since of that which had been flushed up to limit.
func AddLost(known, now []Damage, limit uint64) []Damage {
	all := known[:len(known):len(known)]
	for _, d := range now {
		if d.First != 0 && d.Last <= limit && !covers(known, d) {
			d.Certainty = Lost
			all = append(all, d)
		}
	}
	return all
}

func covers(known []Damage, d Damage) bool {
	for _, k := range known {
		if k.First <= d.First && d.Last <= k.Last {
			return true
		}
	}
	return false
}
