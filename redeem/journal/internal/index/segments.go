package index

import (
	"sort"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// A Segment is a file in use. Addresses count 8 bytes, through all segments.
type Segment struct {
	format.Header
	Base    uint32         // address of its first byte
	Sum     uint32         // Header.Seed
	End     int64          // offset behind the last frame
	Settled int64          // when the last of its records was, Unix milliseconds
	Sealer  *format.Sealer // nil: nothing is encrypted
	File    vfs.File       // open for writing, or nil
}

// Address is that of an offset.
func (s *Segment) Address(off int64) uint32 { return s.Base + uint32(off/8) }

// MaxTop is how far addresses reach: 32 GiB.
const MaxTop = 1<<32 - 1

// Segments are the files in use, in order; the last one is written to.
type Segments struct {
	All []*Segment
	Top uint64 // address behind the last segment
}

// Add adds a segment behind the others.
func (s *Segments) Add(seg *Segment) {
	seg.Base, seg.Sum = uint32(s.Top), seg.Seed()
	s.Top += addresses(seg)
	s.All = append(s.All, seg)
}

// Fits reports whether there are addresses for one more segment.
func (s *Segments) Fits(seg *Segment) bool { return s.Top+addresses(seg) <= MaxTop }

func addresses(seg *Segment) uint64 { return uint64(format.Align(seg.Size) / 8) }

// Last is the segment that is written to, or nil.
func (s *Segments) Last() *Segment {
	if n := len(s.All); n > 0 {
		return s.All[n-1]
	}
	return nil
}

// Locate returns the segment that an address lies in, or nil, and the offset there.
func (s *Segments) Locate(at uint32) (*Segment, int64) {
	i := sort.Search(len(s.All), func(i int) bool { return s.All[i].Base > at }) - 1
	if i < 0 {
		return nil, 0
	}
	seg := s.All[i]
	return seg, int64(at-seg.Base) * 8
}

// LastEpoch is the highest epoch of a segment.
func (s *Segments) LastEpoch() uint64 {
	epoch := uint64(0)
	for _, seg := range s.All {
		epoch = max(epoch, seg.Epoch)
	}
	return epoch
}

// Size is how many bytes the files have.
func (s *Segments) Size() int64 {
	size := int64(0)
	for _, seg := range s.All {
		size += seg.Size
	}
	return size
}

// Rebase has addresses start at zero again, which the index needs once in 32 GiB of segments.
func (x *Index) Rebase() {
	if len(x.All) == 0 {
		return
	}
	by := x.All[0].Base
	for _, seg := range x.All {
		seg.Base -= by
	}
	x.Top -= uint64(by)
	for record := x.records.base; record < x.records.next; record++ {
		*x.records.at(record) -= by
	}
	for record := range x.verdicts {
		x.verdicts[record] -= by
	}
	for slot, n := range x.notes {
		x.notes[slot] = Note{n.Value, n.At - by}
	}
	if x.Head.Number > 0 {
		x.Head.At -= by
	}
}
