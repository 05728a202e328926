package journal

import (
	"errors"
	"io/fs"
	"iter"
	"slices"
	"sort"
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
		end, err := l.hold()
		defer l.letGo()
		s := search{folder: loader{state: &state{fs: l.fs, dir: l.dir}}, latest: map[ID]sighting{}}
		if err == nil && len(ids) > 0 {
			err = s.find(ids, l.extents(end))
			l.noteHoles(s.holes)
		}
		if err != nil {
			yield(Evidence{}, named(evidenceOp, err))
			return
		}
		l.yieldEvidence(&s, ids, yield)
	}
}

const evidenceOp = "journal.Evidence"

// extents returns the segments up to the end, each as far as it is part of the log. They are copies and need no lock.
func (l *Log) extents(end place) (segments []*segment) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.st.segments {
		if s.ordinal > end.ordinal {
			break
		}
		to := s.end
		if s.ordinal == end.ordinal {
			to = min(to, end.off)
		}
		segments = append(segments, &segment{header: s.header, sum: s.sum, end: to, sealer: s.sealer})
	}
	return segments
}

// A search finds the latest evidence of records.
type search struct {
	folder loader
	latest map[ID]sighting
	holes  []Damage // where no frame is

	seg   *segment // that is being read
	pos   int64    // behind its last frame so far
	found found
}

// A sighting is where evidence stands. The segment is nil where none was seen.
type sighting struct {
	origin uint64 // sequence number with which it was first written
	seg    *segment
	off    int64
	given  bool // to a piece
}

func (s *search) find(ids []ID, segments []*segment) error {
	for _, id := range ids {
		s.latest[id] = sighting{}
	}
	var buf []byte
	for _, seg := range segments {
		b, _, err := s.folder.contents(seg.name(), buf, seg.size)
		if errors.Is(err, fs.ErrNotExist) {
			continue // whoever writes to a journal that is open for reading only has given it back
		}
		if err != nil {
			return err
		}
		buf, s.seg, s.pos = b, seg, bodyStart
		walk(b[:min(int64(len(b)), seg.end)], bodyStart, seg.sum, s)
		s.reach(seg.end)
	}
	return nil
}

// reach notes a hole where the frames so far do not reach up to the offset.
func (s *search) reach(off int64) {
	if off > s.pos {
		s.holes = append(s.holes, Damage{File: s.seg.name(), Offset: s.pos, Length: off - s.pos, Certainty: Lost,
			What: "entries that cannot be read any more"})
	}
}

func (s *search) frame(off int64, f frame, _ bool) {
	s.reach(off)
	s.pos = off + frameSize(len(f.content))
	if f.kind != kindEvidence || s.found.unpack(s.seg, f) != nil {
		return
	}
	e, err := parseEvidence(s.found.env.payload)
	if err != nil {
		return
	}
	origin := s.found.since(&e)
	for i := range e.records() {
		id := e.id(i)
		if last, wanted := s.latest[id]; wanted && origin >= last.origin {
			s.latest[id] = sighting{origin: origin, seg: s.seg, off: off}
		}
	}
}

func (s *search) junk(int64, int64) {}

// since is the sequence number with which evidence was first written.
func (f *found) since(e *evidenceEntry) uint64 {
	if e.origin > 0 {
		return e.origin
	}
	return f.seq
}

// noteHoles notes the holes that were not known. What a snapshot has spared Open from reading may just be looked at:
// that finds them by itself.
func (l *Log) noteHoles(holes []Damage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, hole := range holes {
		known := slices.ContainsFunc(l.st.damage, func(d Damage) bool {
			return d.File == hole.File && d.Offset <= hole.Offset+hole.Length && hole.Offset <= d.Offset+d.Length
		})
		if !known && !l.checking {
			l.st.damage = append(l.st.damage, hole)
			l.log("damage", "what", hole.String())
		}
	}
}

// yieldEvidence reads what the search has found, one piece at a time.
func (l *Log) yieldEvidence(s *search, ids []ID, yield func(Evidence, error) bool) {
	var r reader
	defer r.close()
	for _, some := range s.pieces(ids) {
		at := s.latest[some[0]]
		e, err := r.evidence(s.folder.state, at)
		if err != nil {
			err = l.unreadable(&target{seg: at.seg, off: at.off}, err)
		}
		if err != nil {
			yield(Evidence{}, named(evidenceOp, err))
			return
		}
		if e.data != nil && !yield(Evidence{some, append([]byte(nil), e.data...)}, nil) {
			return
		}
	}
}

func (r *reader) evidence(st *state, at sighting) (evidenceEntry, error) {
	f, err := r.readAt(st, at.seg, at.off)
	if err != nil {
		return evidenceEntry{}, err
	}
	return parseEvidence(f.env.payload)
}

// pieces returns the records whose evidence was seen, those together that have the same, in the order in which that
// stands.
func (s *search) pieces(ids []ID) (pieces [][]ID) {
	which := map[place]int{}
	for _, id := range ids {
		at := s.latest[id]
		if at.seg == nil || at.given {
			continue
		}
		at.given = true
		s.latest[id] = at
		p := place{at.seg.ordinal, at.off}
		i, ok := which[p]
		if !ok {
			i = len(pieces)
			which[p], pieces = i, append(pieces, nil)
		}
		pieces[i] = append(pieces[i], id)
	}
	sort.Slice(pieces, func(i, j int) bool { return s.before(pieces[i][0], pieces[j][0]) })
	return pieces
}

func (s *search) before(a, b ID) bool {
	x, y := s.latest[a], s.latest[b]
	return x.seg.ordinal < y.seg.ordinal || x.seg.ordinal == y.seg.ordinal && x.off < y.off
}
