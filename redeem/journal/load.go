package journal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
)

// A loader reads a folder into a state.
type loader struct {
	*state
	spares []header // files that were made ahead and are all zeros
	empty  []uint64 // ordinals of those and of files of which nothing can be read, each once
	// atStart says that frames at the beginning of the oldest segment, of which some before were given back, are missing.
	atStart bool
	dead    uint64          // the ordinal behind files of which nothing can be read
	vacant  uint64          // the ordinal behind one that is missing
	limit   uint64          // no frame above it counts: it was not flushed
	keep    map[uint64]bool // but these
	first   map[*segment]uint64
	tail    tail

	snapshot bool // a snapshot may be used
	covered  int  // segments that one covers
	check    bool // frames are not taken in, only looked at

	seg    *segment
	before uint64 // number of the last record before the first frame
	below  uint64 // frames at or above it are overridden by a later epoch
	buf    []byte
	expect uint64 // next sequence number
	open   int    // index of the damage that the next frame can explain, or -1
	err    error
}

// A tail is how the log ends.
type tail struct {
	group   []placed // frames of the last group
	vouched uint64   // last sequence number that a later frame names as flushed
	marked  bool     // the log was closed
	junk    bool     // something that is no frame stands behind the end
}

type placed struct {
	frame
	seg *segment
	off int64
}

// maxSegment is the largest file that is taken for a segment.
const maxSegment = MaxCall + 1<<20

func newLoader(fs vfs.FS, dir string, keys keyring) *loader {
	l := &loader{limit: math.MaxUint64, open: -1, first: map[*segment]uint64{}}
	l.state = &state{fs: fs, dir: dir, keys: keys, notes: map[string]note{}, verdicts: map[uint64]uint32{}}
	return l
}

func (l *loader) load(ctx context.Context) (*loader, error) {
	if err := l.survey(); err != nil {
		return nil, err
	}
	if err := l.readAll(ctx); err != nil {
		return nil, err
	}
	l.finish()
	return l, nil
}

// survey reads the headers and puts the segments in order.
func (l *loader) survey() error {
	names, err := l.fs.List(l.dir)
	if err != nil {
		return fault.New(fault.DiskFailed, "", "list the journal's folder: %w", err)
	}
	for _, name := range names {
		if !strings.HasSuffix(name, suffix) {
			continue
		}
		if err := l.surveyFile(name); err != nil {
			return err
		}
	}
	sort.Slice(l.segments, func(i, j int) bool { return l.segments[i].ordinal < l.segments[j].ordinal })
	ascending(l.empty)
	l.empty = slices.Compact(l.empty)
	sort.Slice(l.spares, func(i, j int) bool { return l.spares[i].ordinal < l.spares[j].ordinal })
	segments := l.segments
	l.segments = nil
	for _, s := range segments {
		if l.add(s); s.journal != segments[0].journal {
			return fault.New(fault.Foreign, "", "%s belongs to another journal: %w", s.name(), errForeign)
		}
		l.journal = s.journal
	}
	if l.top > maxTop {
		return fault.New(fault.TooLarge, "", "the journal is larger than 32 GiB")
	}
	return nil
}

func (l *loader) surveyFile(name string) error {
	named, ok := parseName(name)
	if !ok {
		return fault.New(fault.Foreign, "", "%s has a segment's ending but not its name: %w", name, errForeign)
	}
	head, size, err := l.head(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was made ahead and is just being removed again
	}
	if err != nil {
		return err
	}
	h, err := chooseHeader(head, &named)
	if err != nil {
		return l.surveyHeadless(name, named, size, err)
	}
	return l.take(name, h, head)
}

// head reads the two copies of the header.
func (l *loader) head(name string) ([]byte, int64, error) {
	b, size, err := l.contents(name, make([]byte, 0, bodyStart), bodyStart)
	if err == nil && size > maxSegment {
		err = fault.New(fault.Foreign, "", "%s has %d bytes: %w", name, size, errForeign)
	}
	return b, size, err
}

// contents reads at most limit bytes of a file into b, which is made larger where it has to be.
func (l *loader) contents(name string, b []byte, limit int64) ([]byte, int64, error) {
	f, err := l.fs.Open(filepath.Join(l.dir, name), vfs.Read)
	if err != nil {
		return nil, 0, fault.New(fault.DiskFailed, "", "open %s: %w", name, err)
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, 0, fault.New(fault.DiskFailed, "", "size of %s: %w", name, err)
	}
	n := int(min(size, limit))
	b = slices.Grow(b[:0], n)[:n]
	got, err := f.ReadAt(b, 0)
	if err != nil && !(errors.Is(err, io.EOF) && got == n) {
		return nil, 0, fault.New(fault.DiskFailed, "", "read %s: %w", name, err)
	}
	return b, size, nil
}

func chooseHeader(head []byte, named *header) (header, error) {
	for _, copy := range [][]byte{head, head[min(headerSize, len(head)):]} {
		h, ok := parseHeader(copy)
		if !ok {
			continue
		}
		if h.major != major {
			return h, fault.New(fault.UnsupportedVersion, "", "%s is of version %d.%d, this release reads %d.x: use a newer release",
				named.name(), h.major, h.minor, major)
		}
		if h.name() != named.name() {
			return h, fault.New(fault.Foreign, "", "%s is a renamed %s: %w", named.name(), h.name(), errForeign)
		}
		return h, nil
	}
	return header{}, errHeader
}

// take adds a segment with a header.
func (l *loader) take(name string, h header, head []byte) error {
	if h.size < bodyStart || h.size > maxSegment {
		return fault.New(fault.Foreign, "", "%s says that it has %d bytes: %w", name, h.size, errForeign)
	}
	s := &segment{header: h, end: bodyStart}
	sealer, ok := l.keys.find(h.key)
	if !ok {
		return fault.New(fault.WrongKey, "", "%s is encrypted with another key than those given", name)
	}
	s.sealer = sealer
	for i := range 2 {
		at := i * headerSize
		if _, ok := parseHeader(head[min(at, len(head)):]); !ok {
			l.damage = append(l.damage, Damage{File: name, Offset: int64(at), Length: headerSize, Certainty: Harmless,
				What: "one of the two copies of the header"})
		}
	}
	l.first[s] = h.first
	l.segments = append(l.segments, s)
	return nil
}

// surveyHeadless takes a file without a readable header for what its contents show it to be.
func (l *loader) surveyHeadless(name string, named header, size int64, err error) error {
	if !errors.Is(err, errHeader) {
		return err
	}
	b, _, err := l.contents(name, nil, maxSegment)
	if err != nil {
		return err
	}
	if isZero(b) {
		l.empty = append(l.empty, named.ordinal)
		l.spares = append(l.spares, withSize(named, size))
		return nil
	}
	pos := resync(b, named.seed(), bodyStart)
	if pos == int64(len(b)) {
		l.empty, l.dead = append(l.empty, named.ordinal), max(l.dead, named.ordinal+1)
		return l.unreadable(name, b)
	}
	first, _ := parseFrame(b[pos:], named.seed(), pos)
	return l.takeHeadless(name, withSize(named, align(size)), first)
}

func withSize(h header, size int64) header {
	h.size = size
	return h
}

// takeHeadless adds a segment of which the name and the frames say enough.
func (l *loader) takeHeadless(name string, h header, f frame) error {
	s := &segment{header: h, end: bodyStart}
	s.major, s.minor, s.first = major, minor, f.seq
	if f.flags&flagSealed != 0 {
		i := slices.IndexFunc(l.keys, func(k *sealer) bool {
			try := f
			try.content = slices.Clone(f.content)
			return k.open(s.id, &try)
		})
		if i < 0 {
			return fault.New(fault.WrongKey, "", "%s is encrypted with another key than those given", name)
		}
		s.sealer, s.key = l.keys[i], l.keys[i].id
	}
	l.damage = append(l.damage, Damage{File: name, Length: bodyStart, Certainty: Harmless, What: errHeader.Error()})
	l.first[s] = f.seq
	l.segments = append(l.segments, s)
	return nil
}

// unreadable is for a file of which nothing can be read. Beside others it is a damage, alone it is no journal, unless its first
// write was cut short: then no call that wrote to it ever returned.
func (l *loader) unreadable(name string, b []byte) error {
	l.damage = append(l.damage, Damage{File: name, Length: int64(len(b)), Certainty: PossiblyAcknowledged,
		What: "a file of which nothing can be read"})
	if cutShort(b) {
		return nil
	}
	l.err = fault.New(fault.Foreign, "", "%s: %w", name, errForeign)
	if strings.Contains(string(b[:min(len(b), bodyStart)]), headerMagic) {
		l.err = fault.New(fault.Damaged, "", "%s: %w, and no record can be read", name, errHeader)
	}
	return nil
}

// cutShort reports whether the power went, or the disk was full, while the header and the first group of a new segment were
// written: neither copy of the header got as far as its checksum, which stands at its end, and where the first frame begins there
// is nothing, or as much of a frame as was written. Of what stands behind, a disk may have kept any sectors.
func cutShort(b []byte) bool {
	const sum = 4
	if len(b) < bodyStart+len(frameMagic) || !isZero(b[headerSize-sum:headerSize]) || !isZero(b[bodyStart-sum:bodyStart]) {
		return false
	}
	begun := bytes.TrimRight(b[bodyStart:bodyStart+len(frameMagic)], "\x00")
	return bytes.HasPrefix([]byte(frameMagic), begun)
}

// readAll reads the segments, the next one while one is taken in.
func (l *loader) readAll(ctx context.Context) error {
	if len(l.segments) == 0 {
		return l.err
	}
	l.expect = l.first[l.segments[0]]
	start := 0
	if l.snapshot && l.loadSnapshot() {
		start = l.covered - 1
		l.expect, l.tail.vouched, l.tail.marked = l.seq+1, l.seq, true
	}
	below := l.overridden()
	buffers := l.prefetch(l.segments[start:])
	defer buffers.stop()
	for i, s := range l.segments {
		if i < start {
			continue
		}
		if err := buffers.next(); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b := buffers.buf
		if l.check && i == len(l.segments)-1 {
			b = b[:min(int64(len(b)), s.end)]
		}
		from := l.begin(s, below[i], b)
		walk(b, from, s.seed(), l)
		l.end()
		if l.err = nil; l.ring.next-l.ring.base > maxRecords {
			return fault.New(fault.TooLarge, "", "the journal holds more than %d records", maxRecords)
		}
	}
	return nil
}

// overridden returns, for each segment, the sequence number from which on a later epoch overrides it.
func (l *loader) overridden() []uint64 {
	below := make([]uint64, len(l.segments))
	type start struct{ epoch, first uint64 }
	var later []start
	for i := len(l.segments) - 1; i >= 0; i-- {
		s := l.segments[i]
		below[i] = math.MaxUint64
		for _, x := range later {
			if x.epoch > s.epoch {
				below[i] = min(below[i], x.first)
			}
		}
		if n := len(later); n > 0 && later[n-1].epoch == s.epoch {
			later[n-1].first = min(later[n-1].first, l.first[s])
		} else {
			later = append(later, start{s.epoch, l.first[s]})
		}
	}
	return below
}

// begin starts a segment and returns the offset from which on it is to be read.
func (l *loader) begin(s *segment, below uint64, b []byte) int64 {
	if l.covered > 0 && s == l.segments[l.covered-1] {
		l.seg, l.below, l.buf = s, below, b
		return s.end
	}
	gone := l.seg != nil && l.gap(l.seg.ordinal+1, s.ordinal)
	first := min(l.first[s], below)
	if l.open >= 0 && l.seg.epoch == s.epoch && first == l.expect {
		l.damage[l.open].Certainty = Harmless
	}
	l.seg, l.below, l.buf = s, below, b
	if first > l.expect {
		l.missing(first, 0)
	} else if gone {
		l.report(Damage{What: missingSegment, FirstNumber: l.number + 1, Unknown: true})
	}
	l.expect = first
	l.tail.junk = false
	return bodyStart
}

// frame takes in one frame.
func (l *loader) frame(off int64, f frame, padded bool) {
	if f.seq >= l.below || (f.seq > l.limit && !l.keep[f.seq]) || f.seq < l.expect {
		return
	}
	if f.seq > l.expect && f.seq-l.expect < 1<<32 {
		l.missing(f.seq, off)
	}
	if l.seq == 0 {
		l.before = f.before()
	}
	l.holeBefore(&f)
	l.open = -1
	if !padded {
		l.report(Damage{Offset: off, Length: frameSize(len(f.content)), Certainty: Harmless, What: "the bytes behind a record"})
	}
	l.note(off, &f)
	l.expect = f.seq + 1
	if l.check {
		l.seq, l.number = f.seq, max(l.number, f.number)
		return
	}
	l.seg.end = off + frameSize(len(f.content))
	f.content = f.content[:len(f.content):len(f.content)]
	if !l.seg.sealer.open(l.seg.id, &f) || l.apply(l.seg.address(off), &f) != nil {
		l.report(Damage{Offset: off, Length: frameHead + int64(len(f.content)), First: f.seq, Last: f.seq, What: "a record that cannot be read"})
	}
}

// note keeps account of the last group.
func (l *loader) note(off int64, f *frame) {
	t := &l.tail
	if before := f.seq - uint64(f.place); before > t.vouched || len(t.group) == 0 || t.group[0].seq <= before {
		t.vouched = max(t.vouched, before)
		open := t.group[:0]
		for i := range t.group {
			if t.group[i].seq > t.vouched {
				open = append(open, t.group[i])
			}
		}
		t.group = open
	}
	p := placed{frame: *f, seg: l.seg, off: off}
	p.content = nil
	t.group = append(t.group, p)
	if t.marked = f.kind == kindMark; t.marked {
		// Everything before the mark was flushed; whether the mark was, nobody knows.
		t.vouched, t.group = f.seq-1, append(t.group[:0], p)
	}
}

// missing reports that sequence numbers up to before next did not turn up.
func (l *loader) missing(next uint64, at int64) {
	if l.open < 0 || l.damage[l.open].First != 0 {
		l.report(Damage{Offset: at, What: "records that are missing"})
		l.open = len(l.damage) - 1
	}
	l.damage[l.open].First, l.damage[l.open].Last = l.expect, next-1
}

// holeBefore notes which chain numbers are missing before f.
func (l *loader) holeBefore(f *frame) {
	last := f.before()
	if f.kind == kindSkipped {
		return // how much of it was missing before, if any was, is not known
	}
	if first := l.first[l.segments[0]]; last <= l.number || l.seq == 0 && l.expect == first && (f.seq == first || first > 1) {
		l.atStart = l.seq == 0 && f.seq > l.expect
		return // where segments were given back, an entry that comes later tells what stood before
	}
	if l.open < 0 {
		l.report(Damage{Certainty: PossiblyAcknowledged, What: "a hole in the chain"})
		l.open = len(l.damage) - 1
	}
	l.damage[l.open].FirstNumber, l.damage[l.open].LastNumber = l.number+1, last
}

func (l *loader) report(d Damage) {
	d.File = l.seg.name()
	l.damage = append(l.damage, d)
}

// junk takes note of bytes that are no frame. What follows tells what they were.
func (l *loader) junk(from, to int64) {
	if l.limit != math.MaxUint64 {
		return
	}
	l.report(Damage{Offset: from, Length: to - from, Certainty: Harmless, What: "bytes that are no record"})
	l.open = len(l.damage) - 1
}

// end finishes a segment: whether junk at its end may have been a record depends on what comes behind it.
func (l *loader) end() {
	if cut := l.seg.size - int64(len(l.buf)); cut > 0 && l.limit == math.MaxUint64 && !(l.check && int64(len(l.buf)) == l.seg.end) {
		l.report(Damage{Offset: int64(len(l.buf)), Length: cut, What: "the end of the file is cut off"})
		l.open = len(l.damage) - 1
	}
	if l.tail.junk = l.open >= 0; !l.tail.junk {
		return
	}
	l.damage[l.open].Certainty = PossiblyAcknowledged
	if l.tail.marked {
		l.damage[l.open].Certainty = Harmless
	}
}

const missingSegment = "a segment before this one is missing"

// gap reports whether a file is missing whose ordinal is at least from and below to: they are given without a hole.
func (l *loader) gap(from, to uint64) bool {
	there := uint64(0)
	for _, ordinal := range l.empty {
		if from <= ordinal && ordinal < to {
			there++
		}
	}
	return from < to && to-from > there
}

// missingStart reports that the log does not begin where it should, be it at sequence number 1 or where it was after the
// last segment that was given back.
func (l *loader) missingStart() {
	if len(l.segments) == 0 || l.covered > 0 {
		return
	}
	s, from, first := l.segments[0], max(l.given.first, 1), uint64(math.MaxUint64)
	for _, start := range l.first {
		first = min(first, start)
	}
	if first > from {
		d := Damage{File: s.name(), First: from, Last: first - 1, What: missingSegment}
		if l.before > l.given.number {
			d.FirstNumber, d.LastNumber = l.given.number+1, l.before
		}
		l.damage = append(l.damage, d)
	}
}

// lostAtStart says which records are missing at the beginning of the oldest segment, where that is not the log's first.
func (l *loader) lostAtStart() {
	i := slices.IndexFunc(l.damage, func(d Damage) bool { return d.First == l.given.first && d.FirstNumber == 0 })
	if l.atStart && l.given.first > 0 && i >= 0 && l.before > l.given.number {
		l.damage[i].FirstNumber, l.damage[i].LastNumber = l.given.number+1, l.before
	}
}

// missingEnd reports that the last segment is missing: the next one is made only after it was begun.
func (l *loader) missingEnd() {
	next := l.nextOrdinal()
	for _, h := range l.spares {
		if l.gap(next, h.ordinal) {
			l.damage = append(l.damage, Damage{File: h.name(), What: missingSegment, FirstNumber: l.number + 1, Unknown: true})
			l.tail.junk, l.vacant = true, h.ordinal+1
		}
		next = max(next, h.ordinal+1)
	}
}

// nextOrdinal follows the ordinals of the segments, and leaves the hole of a missing one as it is.
func (l *loader) nextOrdinal() uint64 {
	next := max(l.vacant, l.dead)
	for _, s := range l.segments {
		next = max(next, s.ordinal+1)
	}
	return next
}

// finish reports what is missing at the ends, and gives every damage its certainty, now that it is known what was flushed.
func (l *loader) finish() {
	if l.limit == math.MaxUint64 {
		l.lostAtStart()
		l.missingStart()
		l.missingEnd()
	}
	for i := range l.damage {
		d := &l.damage[i]
		if d.First == 0 {
			continue
		}
		d.Certainty = Lost
		if d.Last > l.tail.vouched {
			d.Certainty = PossiblyAcknowledged
		}
	}
}
