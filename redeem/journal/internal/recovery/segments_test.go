package recovery

import (
	"fmt"
	"strings"

	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

const (
	segmentSize = 16 << 10
	frameSize   = 88 // of a frame with an envelope alone, and with one byte of payload
)

// A segment is one that a test makes, byte by byte.
type segment struct {
	format.Header
	b      []byte
	sealer *format.Sealer
	size   int // of the file; 0: as the header says
}

func newSegment(ordinal, epoch, first uint64) *segment {
	h := format.Header{Major: format.Major, ID: [16]byte{byte(ordinal + 1)}, Journal: [16]byte{9},
		Epoch: epoch, Ordinal: ordinal,
		First: first, Size: segmentSize}
	return &segment{Header: h, b: h.AppendTo(nil)}
}

// frame appends a frame of any kind, whose payload is one byte.
func (s *segment) frame(kind format.Kind, seq uint64, pos int, number uint64, flags uint8) *segment {
	e := format.Envelope{ID: format.ID{byte(seq), 1}, Payload: []byte{byte(seq)}}
	f := format.Frame{Kind: kind, Flags: flags, PosInGroup: uint16(pos), Seq: seq, Number: number,
		Content: e.AppendTo(nil)}
	switch kind {
	case format.KindNote:
		e.Payload = format.NotePayload("s", nil)
		f.Content = e.AppendTo(nil)
	case format.KindCleanShutdown, format.KindSkipped:
		f.Content = (&format.Envelope{}).AppendTo(nil)
	}
	s.sealer.Seal(s.ID, &f)
	s.b = format.AppendFrame(s.b, s.Seed(), int64(len(s.b)), &f)
	return s
}

// records appends records, each with its own number in the chain and in a group of its own.
func (s *segment) records(from, to uint64) *segment {
	for seq := from; seq <= to; seq++ {
		s.frame(format.KindRecord, seq, 1, seq, format.FlagFirst|format.FlagLast)
	}
	return s
}

// spoil changes a byte of the frame that starts at an offset behind the header.
func (s *segment) spoil(off int) *segment {
	s.b[format.BodyStart+off+40] ^= 1
	return s
}

// wipe makes bytes behind the header zeros.
func (s *segment) wipe(from, to int) *segment {
	clear(s.b[format.BodyStart+from : format.BodyStart+to])
	return s
}

// junk appends bytes that are no frame.
func (s *segment) junk(n int) *segment {
	s.b = append(s.b, []byte(strings.Repeat("x", n))...)
	return s
}

// file is the whole file.
func (s *segment) file() []byte {
	n := s.size
	if n == 0 {
		n = segmentSize
	}
	return append(s.b, make([]byte, max(n-len(s.b), 0))...)[:n]
}

// surveyOf is what the headers of segments say.
func surveyOf(segments ...*segment) *Survey {
	s := &Survey{Journal: [16]byte{9}}
	for _, seg := range segments {
		s.Segments = append(s.Segments, &index.Segment{Header: seg.Header, End: format.BodyStart, Sealer: seg.sealer})
	}
	return s
}

// judged has a judge and a builder read segments.
func judged(s *Survey, limit uint64, keep map[uint64]bool, segments ...*segment) *Result {
	x := index.New(s.Journal)
	for _, seg := range s.Segments {
		x.Add(seg)
	}
	j := newJudge(s, limit)
	j.keep, j.take = keep, builder{x}.take
	for i, seg := range segments {
		j.read(i, seg.file())
	}
	j.finish(x.LogStart)
	return j.result(x)
}

// lines are damages in short: certainty, ordinal of the file, offset and length, what it is,
// sequence and chain numbers.
func lines(all []Damage) []string {
	text := []string{}
	for _, d := range all {
		h, _ := format.ParseName(d.File)
		certainty, _, _ := strings.Cut(d.Certainty.String(), " ")
		line := fmt.Sprintf("%s %d:%d+%d %s", certainty, h.Ordinal, d.Offset, d.Length, d.What)
		if d.First != 0 {
			line += fmt.Sprintf(", %d-%d", d.First, d.Last)
		}
		switch {
		case d.Unknown:
			line += fmt.Sprintf(", chain %d-?", d.FirstNumber)
		case d.FirstNumber != 0:
			line += fmt.Sprintf(", chain %d-%d", d.FirstNumber, d.LastNumber)
		}
		text = append(text, line)
	}
	return text
}

// start appends the entry that says where the log starts.
func (s *segment) start(seq, first, number uint64) *segment {
	e := format.Envelope{Payload: format.LogStart{First: first, Number: number}.Payload()}
	f := format.Frame{Kind: format.KindLogStart, PosInGroup: 1, Seq: seq, Number: seq - 1, Content: e.AppendTo(nil)}
	s.b = format.AppendFrame(s.b, s.Seed(), int64(len(s.b)), &f)
	return s
}

// cut says how long the file is.
func (s *segment) cut(size int) *segment {
	s.size = size
	return s
}
