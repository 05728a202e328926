package recovery

import (
	"math"
	"slices"

	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// NoLimit is the Limit of a judge for which all frames count.
const NoLimit = math.MaxUint64

// A judge is told what a scanner sees in the segments, one after another, and works out which frames count, what is
// damaged and how the log ends. It reads nothing itself.
type judge struct {
	*Survey
	limit uint64          // no frame above it counts: it was not flushed
	keep  map[uint64]bool // but these
	// take gets each frame that counts. It reports whether the frame could be decrypted, and an error where it could not
	// be read. Nil: frames are looked at alone, up to where their segments were read before.
	take func(seg *index.Segment, off int64, f *format.Frame) (decrypted bool, err error)

	damage  []Damage
	tail    Tail
	below   []uint64 // for each segment, the sequence number from which on a later epoch overrides it
	covered int      // segments that a snapshot covers

	seq, number  uint64 // of the last frame that was taken, and of the chain up to it
	numberBefore uint64 // of the last record before the first frame
	expect       uint64 // next sequence number
	atStart      bool   // frames are missing at the beginning of a segment before which others were given back
	vacant       uint64 // the ordinal behind a file that is missing
	open         int    // index of the damage that the next frame can explain, or -1

	i    int // of the segment that is read
	seg  *index.Segment
	size int64 // of its file
}

func newJudge(s *Survey, limit uint64) *judge {
	j := &judge{Survey: s, limit: limit, damage: s.Damage, open: -1}
	if j.below = overrideStarts(s.Segments); len(s.Segments) > 0 {
		j.expect = s.Segments[0].First
	}
	return j
}

// overrideStarts returns, for each segment, the sequence number from which on a later epoch overrides it.
func overrideStarts(segments []*index.Segment) []uint64 {
	below := make([]uint64, len(segments))
	type start struct{ epoch, first uint64 }
	var later []start
	for i := len(segments) - 1; i >= 0; i-- {
		s := segments[i]
		below[i] = math.MaxUint64
		for _, x := range later {
			if x.epoch > s.Epoch {
				below[i] = min(below[i], x.first)
			}
		}
		if n := len(later); n > 0 && later[n-1].epoch == s.Epoch {
			later[n-1].first = min(later[n-1].first, s.First)
		} else {
			later = append(later, start{s.Epoch, s.First})
		}
	}
	return below
}

// resume has the judge begin behind the frames that a snapshot covers, all of which were flushed.
func (j *judge) resume(x *index.Index, covered int) {
	j.covered, j.seq, j.number = covered, x.Seq, x.Number
	j.expect = x.Seq + 1
	j.tail.Durable, j.tail.CleanShutdown = x.Seq, true
}

// begin starts the i-th segment, whose file has that size, and returns the offset from which on it is to be read.
func (j *judge) begin(i int, size int64) int64 {
	before, s := j.seg, j.Segments[i]
	j.i, j.seg, j.size = i, s, size
	if j.covered > 0 && i == j.covered-1 {
		return s.End
	}
	first := min(s.First, j.below[i])
	if j.open >= 0 && before.Epoch == s.Epoch && first == j.expect {
		j.damage[j.open].Certainty = Harmless
	}
	if first > j.expect {
		j.addMissing(first, 0)
	} else if before != nil && j.gap(before.Ordinal+1, s.Ordinal) {
		j.report(Damage{What: missingSegment, FirstNumber: j.number + 1, Unknown: true})
	}
	j.expect = first
	j.tail.Junk = false
	return format.BodyStart
}

// Frame takes in one frame.
func (j *judge) Frame(off int64, f *format.Frame, padded bool) {
	if !j.counts(f) {
		return
	}
	if f.Seq > j.expect && f.Seq-j.expect < 1<<32 {
		j.addMissing(f.Seq, off)
	}
	if j.seq == 0 {
		j.numberBefore = f.NumberBefore()
	}
	j.addHole(f)
	j.open = -1
	if !padded {
		j.report(Damage{Offset: off, Length: format.FrameSize(len(f.Content)), Certainty: Harmless,
			What: "the bytes behind a record"})
	}
	j.tail.observe(j.seg, off, f)
	j.expect = f.Seq + 1
	j.pass(off, f)
}

// counts reports whether the frame is part of the log: flushed, not overridden, and not seen before.
func (j *judge) counts(f *format.Frame) bool {
	return f.Seq < j.below[j.i] && (f.Seq <= j.limit || j.keep[f.Seq]) && f.Seq >= j.expect
}

// pass gives a frame that counts to whoever takes it.
func (j *judge) pass(off int64, f *format.Frame) {
	decrypted, err := true, error(nil)
	if j.take != nil {
		decrypted, err = j.take(j.seg, off, f)
	}
	if decrypted {
		j.seq, j.number = f.Seq, max(j.number, f.Number)
	}
	if err != nil {
		j.report(Damage{Offset: off, Length: format.FrameHead + int64(len(f.Content)), First: f.Seq, Last: f.Seq,
			What: "a record that cannot be read"})
	}
}

// addMissing reports that sequence numbers up to before next did not turn up.
func (j *judge) addMissing(next uint64, at int64) {
	if j.open < 0 || j.damage[j.open].First != 0 {
		j.report(Damage{Offset: at, What: "records that are missing"})
		j.open = len(j.damage) - 1
	}
	j.damage[j.open].First, j.damage[j.open].Last = j.expect, next-1
}

// addHole reports which chain numbers are missing before f.
func (j *judge) addHole(f *format.Frame) {
	if f.Kind == format.KindSkipped {
		return // how much of it was missing before, if any was, is not known
	}
	last, first := f.NumberBefore(), j.Segments[0].First
	if j.seq == 0 {
		j.atStart = f.Seq > j.expect
	}
	if last <= j.number || j.seq == 0 && j.expect == first && (f.Seq == first || first > 1) {
		return // where segments were given back, an entry that comes later tells what stood before
	}
	if j.open < 0 {
		j.report(Damage{Certainty: PossiblyAcknowledged, What: "a hole in the chain"})
		j.open = len(j.damage) - 1
	}
	j.damage[j.open].FirstNumber, j.damage[j.open].LastNumber = j.number+1, last
}

func (j *judge) report(d Damage) {
	d.File = j.seg.Name()
	j.damage = append(j.damage, d)
}

// Junk takes in bytes that are no frame. What follows tells what they were.
func (j *judge) Junk(from, to int64) {
	if j.limit != NoLimit {
		return
	}
	j.report(Damage{Offset: from, Length: to - from, Certainty: Harmless, What: "bytes that are no record"})
	j.open = len(j.damage) - 1
}

// end finishes a segment: whether junk at its end may have been a record depends on what comes behind it.
func (j *judge) end() {
	cut := j.seg.Size - j.size
	if cut > 0 && j.limit == NoLimit && (j.take != nil || j.size != j.seg.End) {
		j.report(Damage{Offset: j.size, Length: cut, What: "the end of the file is cut off"})
		j.open = len(j.damage) - 1
	}
	if j.tail.Junk = j.open >= 0; !j.tail.Junk {
		return
	}
	j.damage[j.open].Certainty = PossiblyAcknowledged
	if j.tail.CleanShutdown {
		j.damage[j.open].Certainty = Harmless
	}
}

// finish reports what is missing at the ends, and gives every damage its certainty, now that it is known what was
// flushed. start is where the log is to begin.
func (j *judge) finish(start format.LogStart) {
	if j.limit == NoLimit {
		j.reportLostStart(start)
		j.reportMissingStart(start)
		j.reportMissingEnd()
	}
	for i := range j.damage {
		d := &j.damage[i]
		if d.First == 0 {
			continue
		}
		d.Certainty = Lost
		if d.Last > j.tail.Durable {
			d.Certainty = PossiblyAcknowledged
		}
	}
}

// reportLostStart says which records are missing at the beginning of the oldest segment, where that is not the log's
// first.
func (j *judge) reportLostStart(start format.LogStart) {
	i := slices.IndexFunc(j.damage, func(d Damage) bool { return d.First == start.First && d.FirstNumber == 0 })
	if j.atStart && start.First > 0 && i >= 0 && j.numberBefore > start.Number {
		j.damage[i].FirstNumber, j.damage[i].LastNumber = start.Number+1, j.numberBefore
	}
}

// reportMissingStart reports that the log does not begin where it should, be it at sequence number 1 or where it was
// after the last segment that was given back.
func (j *judge) reportMissingStart(start format.LogStart) {
	if len(j.Segments) == 0 || j.covered > 0 {
		return
	}
	from, first := max(start.First, 1), uint64(math.MaxUint64)
	for _, s := range j.Segments {
		first = min(first, s.First)
	}
	if first <= from {
		return
	}
	d := Damage{File: j.Segments[0].Name(), First: from, Last: first - 1, What: missingSegment}
	if j.numberBefore > start.Number {
		d.FirstNumber, d.LastNumber = start.Number+1, j.numberBefore
	}
	j.damage = append(j.damage, d)
}

// reportMissingEnd reports that the last segment is missing: the next one is made only after it was begun.
func (j *judge) reportMissingEnd() {
	next := j.nextOrdinal()
	for _, h := range j.Preallocated {
		if j.gap(next, h.Ordinal) {
			j.damage = append(j.damage, Damage{File: h.Name(), What: missingSegment, FirstNumber: j.number + 1, Unknown: true})
			j.tail.Junk, j.vacant = true, h.Ordinal+1
		}
		next = max(next, h.Ordinal+1)
	}
}

const missingSegment = "a segment before this one is missing"
