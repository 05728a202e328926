package index

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// filled is an index with something of everything.
func filled(t *testing.T) *Index {
	l := newLog(t)
	for n := byte(1); n <= 6; n++ {
		l.add(format.KindRecord, record(n, 1))
	}
	l.add(format.KindSettled, format.Envelope{Ref: id(2), Status: uint8(format.FlagDue), Written: 9})
	l.add(format.KindQuarantined, format.Envelope{Ref: id(3)})
	l.add(format.KindSettled, format.Envelope{Ref: id(1)})
	l.add(format.KindNote, format.Envelope{Payload: format.NotePayload("slot", []byte("value"))})
	l.add(format.KindLogStart, format.Envelope{Payload: format.LogStart{First: 2, Number: 1}.Payload()})
	e := record(5, 1)
	l.x.Remove(4, &e)
	for _, s := range l.x.All {
		s.End = segmentSize
	}
	l.x.All[0].End = format.BodyStart
	return l.x
}

// headers are the segments as their headers alone tell.
func headers(x *Index) (all []*Segment) {
	for _, s := range x.All {
		all = append(all, &Segment{Header: s.Header, End: format.BodyStart})
	}
	return all
}

func TestSnapshotsGiveBackTheIndex(t *testing.T) {
	want := filled(t)
	later := &Segment{Header: format.Header{ID: [16]byte{8}, Size: segmentSize, Ordinal: 3}}
	for name, more := range map[string][]*Segment{"all is covered": nil, "a later segment": {later}} {
		got, covered := Read(reader(blocks(t, want.Write)), want.Journal, append(headers(want), more...))
		require.Equal(t, 3, covered, name)
		assert.Equal(t, want.Seq, got.Seq)
		assert.Equal(t, want.Number, got.Number)
		assert.Equal(t, want.Counts, got.Counts)
		assert.Equal(t, want.LogStart, got.LogStart)
		assert.Equal(t, want.verdicts, got.verdicts)
		assert.Equal(t, want.notes, got.notes)
		assert.Equal(t, want.Head.Number, got.Head.Number)
		assert.Equal(t, want.Head.At, got.Head.At)
		assert.Equal(t, want.records, got.records)
		assert.Equal(t, want.OldestPending(), got.OldestPending())
		assert.Len(t, got.All, 3+len(more), name)
		for i, s := range want.All {
			assert.Equal(t, *s, *got.All[i], "segment %d", i)
		}
		assert.Equal(t, want.Top+uint64(len(more)*segmentSize/8), got.Top, name)
		for n := byte(1); n <= 6; n++ {
			was, there := want.Find(id(n))
			is, here := got.Find(id(n))
			assert.Equal(t, there, here, "record %d", n)
			assert.Equal(t, was, is, "record %d", n)
			assert.Equal(t, want.Uses(hash(n)), got.Uses(hash(n)), "record %d", n)
		}
	}
}

func TestSnapshotsThatDoNotFitAreRefused(t *testing.T) {
	for name, change := range map[string]func(x *Index, segments []*Segment) []*Segment{
		"no segment is covered":    func(x *Index, s []*Segment) []*Segment { x.All = nil; return s },
		"more than there are":      func(_ *Index, s []*Segment) []*Segment { return s[:2] },
		"another segment":          func(_ *Index, s []*Segment) []*Segment { s[1].ID[0] = 77; return s },
		"an end in the header":     func(x *Index, s []*Segment) []*Segment { x.All[0].End = format.BodyStart - 1; return s },
		"an end behind the file":   func(x *Index, s []*Segment) []*Segment { x.All[1].End = segmentSize + 1; return s },
		"segments that overlap":    func(x *Index, s []*Segment) []*Segment { x.All[1].Base--; return s },
		"a segment behind the top": func(x *Index, s []*Segment) []*Segment { x.Top--; return s },
		"a later one that does not fit": func(_ *Index, s []*Segment) []*Segment {
			return append(s, &Segment{Header: format.Header{Size: 8 * MaxTop}})
		},
		"a record in no state":    func(x *Index, s []*Segment) []*Segment { *x.records.status(1) |= 3; return s },
		"a record behind the top": func(x *Index, s []*Segment) []*Segment { *x.records.at(1) = uint32(x.Top); return s },
		"a head behind the top":   func(x *Index, s []*Segment) []*Segment { x.Head.At = uint32(x.Top) + 1; return s },
		"a verdict too late":      func(x *Index, s []*Segment) []*Segment { x.verdicts[x.Next()] = 1; return s },
		"a verdict too early":     func(x *Index, s []*Segment) []*Segment { x.records.base++; return s },
		"a slot of no record":     func(x *Index, s []*Segment) []*Segment { x.table.insert(7, roleID, 6); return s },
		"a slot twice": func(x *Index, s []*Segment) []*Segment {
			x.table.insert(hashOfID(id(2)), roleID, 1)
			return s
		},
	} {
		x := filled(t)
		if name == "a verdict too early" {
			x.verdicts = map[uint64]uint32{0: 1}
			x.table = hashTable{}
		}
		segments := change(x, headers(x))
		got, covered := Read(reader(blocks(t, x.Write)), x.Journal, segments)
		assert.Nil(t, got, name)
		assert.Zero(t, covered, name)
	}
}

func TestSnapshotsAtTheirBoundsAreRead(t *testing.T) {
	for name, change := range map[string]func(x *Index, segments []*Segment) []*Segment{
		"a gap between segments": func(x *Index, s []*Segment) []*Segment { x.All[2].Base++; x.Top++; return s },
		"a record at the top":    func(x *Index, s []*Segment) []*Segment { *x.records.at(5) = uint32(x.Top) - 1; return s },
		"a head at the top":      func(x *Index, s []*Segment) []*Segment { x.Head.At = uint32(x.Top); return s },
		"a verdict of the last":  func(x *Index, s []*Segment) []*Segment { x.verdicts[x.Next()-1] = 1; return s },
		"a verdict of the first": func(x *Index, s []*Segment) []*Segment { x.verdicts[0] = 1; return s },
		"a slot of the last":     func(x *Index, s []*Segment) []*Segment { x.table.insert(7, roleID, 5); return s },
		"up to the last address": func(x *Index, s []*Segment) []*Segment {
			return append(s, &Segment{Header: format.Header{Size: 8 * (MaxTop - int64(x.Top))}})
		},
	} {
		x := filled(t)
		segments := change(x, headers(x))
		_, covered := Read(reader(blocks(t, x.Write)), x.Journal, segments)
		assert.Equal(t, 3, covered, name)
	}
}

func TestSnapshotsThatEndTooSoonAreRefused(t *testing.T) {
	x := filled(t)
	whole := blocks(t, x.Write)
	size, _ := whole.Size()
	b := make([]byte, size-16) // what the one block holds
	_, err := whole.ReadAt(b, 8)
	require.NoError(t, err, "the whole block is there")
	for n := range b {
		short := blocks(t, func(w *format.BlockWriter) { w.Bytes(b[:n]) })
		_, covered := Read(reader(short), x.Journal, headers(x))
		require.Zero(t, covered, "only %d bytes of %d are there", n, len(b))
	}
	long := blocks(t, func(w *format.BlockWriter) { w.Bytes(append(b, 0)) })
	_, covered := Read(reader(long), x.Journal, headers(x))
	assert.Zero(t, covered, "one byte too many")
}
