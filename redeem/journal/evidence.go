package journal

import (
	"cmp"
	"errors"
	"io/fs"
	"iter"
	"slices"

	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
	"github.com/offlane/offlane/redeem/journal/internal/recovery"
)

// Evidence is what Settle was given with the settlements of some records.
type Evidence struct {
	// IDs are those of the records asked for of which this is the latest evidence.
	IDs []ID
	// Data is what Settle was given.
	Data []byte
}

// Evidence returns the latest evidence of these records that is on the medium when it is called, in the order in which
// it stands there; each piece once, with all the records that it is the latest of. A record that is not there, or was
// never settled with evidence, is passed over; one that was requeued keeps the evidence that it had. What cannot be
// read any more is left out and noted in Damage.
//
// It reads through all files, which takes about as long as opening the journal without a snapshot, and holds one of
// them in memory at a time. The log may be used meanwhile, also by the loop itself; it gives no segment back until the
// loop ends.
func (l *Log) Evidence(ids ...ID) iter.Seq2[Evidence, error] {
	return func(yield func(Evidence, error) bool) {
		end, err := l.pinSegments()
		defer l.unpinSegments()
		s := search{folder: l.folder, latest: map[ID]sighting{}}
		if err == nil && len(ids) > 0 {
			err = s.find(ids, l.copySegments(end))
			l.addHoles(s.holes)
		}
		if err != nil {
			yield(Evidence{}, withOp(evidenceOp, err))
			return
		}
		l.yieldEvidence(&s, ids, yield)
	}
}

const evidenceOp = "journal.Evidence"

// A search finds the latest evidence of records.
type search struct {
	folder folder.Folder
	latest map[ID]sighting
	holes  []Damage // where no frame is

	seg      *index.Segment // that is being read
	pos      int64          // behind its last frame so far
	contents format.Contents
}

// A sighting is where evidence stands. The segment is nil where none was seen.
type sighting struct {
	origin uint64 // sequence number with which it was first written
	seg    *index.Segment
	off    int64
	listed bool // in a piece
}

func (s *search) find(ids []ID, segments []*index.Segment) error {
	for _, id := range ids {
		s.latest[id] = sighting{}
	}
	var buf []byte
	for _, seg := range segments {
		b, _, err := s.folder.Contents(seg.Name(), buf, seg.Size)
		if errors.Is(err, fs.ErrNotExist) {
			continue // whoever writes to a journal that is open for reading only has given it back
		}
		if err != nil {
			return err
		}
		buf, s.seg, s.pos = b, seg, format.BodyStart
		recovery.Scan(b, seg, s)
		s.addHole(seg.End)
	}
	return nil
}

// addHole notes a hole where the frames so far do not reach up to the offset.
func (s *search) addHole(off int64) {
	if off > s.pos {
		s.holes = append(s.holes, Damage{File: s.seg.Name(), Offset: s.pos, Length: off - s.pos, Certainty: Lost,
			What: "entries that cannot be read any more"})
	}
}

// Frame is called by Scan.
func (s *search) Frame(off int64, f *format.Frame, _ bool) {
	s.addHole(off)
	s.pos = off + format.FrameSize(len(f.Content))
	if f.Kind != format.KindEvidence || s.contents.Decode(s.seg.ID, s.seg.Sealer, *f) != nil {
		return
	}
	e, err := format.ParseEvidence(s.contents.Envelope.Payload)
	if err != nil {
		return
	}
	origin := evidenceOrigin(&e, f.Seq)
	for i := range e.Records() {
		id := e.ID(i)
		if last, wanted := s.latest[id]; wanted && origin >= last.origin {
			s.latest[id] = sighting{origin: origin, seg: s.seg, off: off}
		}
	}
}

// Junk is called by Scan.
func (s *search) Junk(int64, int64) {}

// evidenceOrigin is the sequence number with which evidence was first written that stands at seq now.
func evidenceOrigin(e *format.Evidence, seq uint64) uint64 {
	if e.Origin > 0 {
		return e.Origin
	}
	return seq
}

// addHoles notes the holes that were not known. What a snapshot has spared Open from reading may just be looked at:
// that finds them by itself.
func (l *Log) addHoles(holes []Damage) {
	l.mu.Lock()
	defer l.unlock()
	for _, hole := range holes {
		known := slices.ContainsFunc(l.damage, func(d Damage) bool {
			return d.File == hole.File && d.Offset <= hole.Offset+hole.Length && hole.Offset <= d.Offset+d.Length
		})
		if !known && !l.checking {
			l.addDamageLocked(hole)
		}
	}
}

// yieldEvidence reads what the search has found, one piece at a time.
func (l *Log) yieldEvidence(s *search, ids []ID, yield func(Evidence, error) bool) {
	r := folder.Reader{Folder: l.folder}
	defer r.Close()
	for _, some := range s.pieces(ids) {
		at := s.latest[some[0]]
		data, err := readEvidence(&r, at)
		if err != nil {
			err = l.passOver(at.seg, at.off, err)
		}
		if err != nil {
			yield(Evidence{}, withOp(evidenceOp, err))
			return
		}
		if data != nil && !yield(Evidence{some, append([]byte(nil), data...)}, nil) {
			return
		}
	}
}

func readEvidence(r *folder.Reader, at sighting) ([]byte, error) {
	c, err := r.ReadAt(at.seg, at.off)
	if err != nil {
		return nil, err
	}
	e, err := format.ParseEvidence(c.Envelope.Payload)
	return e.Data, err
}

// pieces returns the records whose evidence was seen, those together that have the same, in the order in which that
// stands.
func (s *search) pieces(ids []ID) (pieces [][]ID) {
	which := map[position]int{}
	for _, id := range ids {
		at := s.latest[id]
		if at.seg == nil || at.listed {
			continue
		}
		at.listed = true
		s.latest[id] = at
		p := position{at.seg.Ordinal, at.off}
		i, ok := which[p]
		if !ok {
			i = len(pieces)
			which[p], pieces = i, append(pieces, nil)
		}
		pieces[i] = append(pieces[i], id)
	}
	slices.SortFunc(pieces, func(a, b []ID) int { return s.compare(a[0], b[0]) })
	return pieces
}

// compare compares where the evidence of two records stands.
func (s *search) compare(a, b ID) int {
	x, y := s.latest[a], s.latest[b]
	return cmp.Or(cmp.Compare(x.seg.Ordinal, y.seg.Ordinal), cmp.Compare(x.off, y.off))
}
