package recovery

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// A Survey is what the headers of a folder's files say.
type Survey struct {
	// Journal is the journal's id; zero: there is no segment.
	Journal [16]byte
	// Segments are those in use, by ordinal.
	Segments []*index.Segment
	// Preallocated are the files that were made ahead and are all zeros, by ordinal.
	Preallocated []format.Header
	// Damage is what is wrong with the headers.
	Damage []Damage

	keys   format.Keyring
	empty  []uint64 // ordinals of those files and of files of which nothing can be read, each once
	dead   uint64   // the ordinal behind files of which nothing can be read
	reject error    // why the folder is no journal, where no segment turns up
}

// survey reads the headers and puts the segments in order. Errors: fault.DiskFailed, fault.Foreign, fault.WrongKey and
// fault.UnsupportedVersion.
func survey(in folder.Folder, keys format.Keyring) (*Survey, error) {
	names, err := in.FS.List(in.Dir)
	if err != nil {
		return nil, fault.New(fault.DiskFailed, "", "list the journal's folder: %w", err)
	}
	s := &Survey{keys: keys}
	for _, name := range names {
		if !strings.HasSuffix(name, format.Suffix) {
			continue
		}
		if err := s.addFile(in, name); err != nil {
			return nil, err
		}
	}
	return s, s.order()
}

// order sorts what was found, and refuses segments of several journals.
func (s *Survey) order() error {
	slices.SortFunc(s.Segments, func(a, b *index.Segment) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	slices.SortFunc(s.Preallocated, func(a, b format.Header) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	slices.Sort(s.empty)
	s.empty = slices.Compact(s.empty)
	for _, seg := range s.Segments {
		if s.Journal = s.Segments[0].Journal; seg.Journal != s.Journal {
			return fault.New(fault.Foreign, "", "%s belongs to another journal: %w", seg.Name(), format.ErrForeign)
		}
	}
	return nil
}

func (s *Survey) addFile(in folder.Folder, name string) error {
	named, ok := format.ParseName(name)
	if !ok {
		return fault.New(fault.Foreign, "", "%s has a segment's ending but not its name: %w", name, format.ErrForeign)
	}
	head, size, err := in.Contents(name, make([]byte, 0, format.BodyStart), format.BodyStart)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was made ahead and is just being removed again
	}
	if err == nil && size > format.MaxSegment {
		err = fault.New(fault.Foreign, "", "%s has %d bytes: %w", name, size, format.ErrForeign)
	}
	if err != nil {
		return err
	}
	h, err := chooseHeader(head, &named)
	if err == nil {
		return s.add(h, head)
	}
	if !errors.Is(err, format.ErrHeader) {
		return err
	}
	b, _, err := in.Contents(name, nil, format.MaxSegment)
	if err != nil {
		return err
	}
	named.Size = size
	return s.addHeadless(named, b)
}

// chooseHeader returns the first copy of the header that can be read; named is what the file's name says. Errors:
// format.ErrHeader, fault.UnsupportedVersion and fault.Foreign.
func chooseHeader(head []byte, named *format.Header) (format.Header, error) {
	for _, one := range [][]byte{head, head[min(format.HeaderSize, len(head)):]} {
		h, ok := format.ParseHeader(one)
		if !ok {
			continue
		}
		if h.Major != format.Major {
			return h, fault.New(fault.UnsupportedVersion, "",
				"%s is of version %d.%d, this release reads %d.x: use a newer release",
				named.Name(), h.Major, h.Minor, format.Major)
		}
		if h.Name() != named.Name() {
			return h, fault.New(fault.Foreign, "", "%s is a renamed %s: %w", named.Name(), h.Name(), format.ErrForeign)
		}
		return h, nil
	}
	return format.Header{}, format.ErrHeader
}

// add adds a segment with a header.
func (s *Survey) add(h format.Header, head []byte) error {
	name := h.Name()
	if h.Size < format.BodyStart || h.Size > format.MaxSegment {
		return fault.New(fault.Foreign, "", "%s says that it has %d bytes: %w", name, h.Size, format.ErrForeign)
	}
	sealer, ok := s.keys.Find(h.Key)
	if !ok {
		return wrongKey(name)
	}
	for i := range 2 {
		at := i * format.HeaderSize
		if _, ok := format.ParseHeader(head[min(at, len(head)):]); !ok {
			s.Damage = append(s.Damage, Damage{File: name, Offset: int64(at), Length: format.HeaderSize, Certainty: Harmless,
				What: "one of the two copies of the header"})
		}
	}
	s.Segments = append(s.Segments, &index.Segment{Header: h, End: format.BodyStart, Sealer: sealer})
	return nil
}

func wrongKey(name string) error {
	return fault.New(fault.WrongKey, "", "%s is encrypted with another key than those given", name)
}

// addHeadless takes a file without a readable header for what its contents show it to be.
func (s *Survey) addHeadless(named format.Header, b []byte) error {
	if isZero(b) {
		s.empty = append(s.empty, named.Ordinal)
		s.Preallocated = append(s.Preallocated, named)
		return nil
	}
	pos := resync(b, named.Seed(), format.BodyStart)
	if pos == int64(len(b)) {
		s.empty, s.dead = append(s.empty, named.Ordinal), max(s.dead, named.Ordinal+1)
		s.addUnreadable(named.Name(), b)
		return nil
	}
	first, _ := format.ParseFrame(b[pos:], named.Seed(), pos)
	named.Size = format.Align(named.Size)
	return s.addByFrame(named, first)
}

// addByFrame adds a segment of which the name and the first frame say enough.
func (s *Survey) addByFrame(h format.Header, f format.Frame) error {
	name := h.Name()
	h.Major, h.Minor, h.First = format.Major, format.Minor, f.Seq
	seg := &index.Segment{Header: h, End: format.BodyStart}
	if f.Flags&format.FlagSealed != 0 {
		i := slices.IndexFunc(s.keys, func(k *format.Sealer) bool {
			try := f
			try.Content = slices.Clone(f.Content)
			return k.Open(h.ID, &try)
		})
		if i < 0 {
			return wrongKey(name)
		}
		seg.Sealer, seg.Key = s.keys[i], s.keys[i].ID
	}
	s.Damage = append(s.Damage, Damage{File: name, Length: format.BodyStart, Certainty: Harmless,
		What: format.ErrHeader.Error()})
	s.Segments = append(s.Segments, seg)
	return nil
}

// addUnreadable adds a file of which nothing can be read. Beside others it is a damage, alone it is no journal, unless
// its first write was cut short: then no call that wrote to it ever returned.
func (s *Survey) addUnreadable(name string, b []byte) {
	s.Damage = append(s.Damage, Damage{File: name, Length: int64(len(b)), Certainty: PossiblyAcknowledged,
		What: "a file of which nothing can be read"})
	switch {
	case cutShort(b):
	case bytes.Contains(b[:min(len(b), format.BodyStart)], []byte(format.HeaderMagic)):
		s.reject = fault.New(fault.Damaged, "", "%s: %w, and no record can be read", name, format.ErrHeader)
	default:
		s.reject = fault.New(fault.Foreign, "", "%s: %w", name, format.ErrForeign)
	}
}

// cutShort reports whether the power went, or the disk was full, while the header and the first group of a new segment
// were written: neither copy of the header got as far as its checksum, which stands at its end, and where the first
// frame begins there is nothing, or as much of a frame as was written. Of what stands behind, a disk may have kept any
// sectors.
func cutShort(b []byte) bool {
	const sum, magic = 4, len(format.FrameMagic)
	const head, body = format.HeaderSize, format.BodyStart
	if len(b) < body+magic || !isZero(b[head-sum:head]) || !isZero(b[body-sum:body]) {
		return false
	}
	begun := bytes.TrimRight(b[body:body+magic], "\x00")
	return bytes.HasPrefix([]byte(format.FrameMagic), begun)
}

// gap reports whether a file is missing whose ordinal is at least from and below to: they are given without a hole.
func (s *Survey) gap(from, to uint64) bool {
	there := uint64(0)
	for _, ordinal := range s.empty {
		if from <= ordinal && ordinal < to {
			there++
		}
	}
	return from < to && to-from > there
}

// nextOrdinal follows the ordinals of the segments.
func (s *Survey) nextOrdinal() uint64 {
	next := s.dead
	for _, seg := range s.Segments {
		next = max(next, seg.Ordinal+1)
	}
	return next
}
