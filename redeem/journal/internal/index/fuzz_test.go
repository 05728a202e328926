package index

import (
	"bytes"
	"testing"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/format"
)

const segmentSize = 16 << 10

// FuzzApply applies arbitrary contents of every kind.
func FuzzApply(f *testing.F) {
	r := format.Relocated{Seq: 1, Number: 2, Payload: []byte("p"), Verdict: []byte("v")}
	env := format.Envelope{ID: format.ID{1}, Hashes: [][16]byte{{2}}, Payload: r.AppendTo(nil)}
	f.Add(uint8(format.KindRelocated), env.AppendTo(nil))
	env.Attachment = []byte("a")
	f.Add(uint8(format.KindRelocated), env.AppendTo(nil))
	covering := format.Evidence{IDs: env.ID[:], Data: []byte("e")}
	f.Add(uint8(format.KindEvidence), (&format.Envelope{Payload: covering.AppendTo(nil)}).AppendTo(nil))
	f.Add(uint8(format.KindNote), (&format.Envelope{Payload: format.NotePayload("slot", []byte("value"))}).AppendTo(nil))
	f.Fuzz(func(_ *testing.T, kind uint8, b []byte) {
		x := New([16]byte{})
		x.Add(&Segment{Header: format.Header{Size: segmentSize}})
		for seq := range uint64(3) {
			frame := format.Frame{Kind: format.Kind(kind), PosInGroup: 1, Seq: seq + 1, Number: 1, Content: bytes.Clone(b)}
			_ = x.Apply(128, &frame, nil)
		}
	})
}

// blocks writes to a file in memory and returns it and what was written.
func blocks(t testing.TB, write func(*format.BlockWriter)) vfs.File {
	t.Helper()
	to, err := (&vfs.Memory{}).Open("s", vfs.Create)
	if err != nil {
		t.Fatal(err)
	}
	w := format.NewBlockWriter(to, 0, nil, [16]byte{})
	write(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return to
}

func reader(from vfs.File) *format.BlockReader {
	return format.NewBlockReader(from, 0, nil, [16]byte{}, false)
}

// FuzzSnapshot reads arbitrary blocks whose checksums fit.
func FuzzSnapshot(f *testing.F) {
	good := New([16]byte{})
	good.Add(&Segment{Header: format.Header{Size: segmentSize}, End: format.BodyStart})
	record := func(seq uint64) *format.Frame {
		return &format.Frame{Kind: format.KindRecord, PosInGroup: 1, Seq: seq, Number: seq,
			Content: (&format.Envelope{ID: format.ID{1}}).AppendTo(nil)}
	}
	_ = good.Apply(128, record(1), nil)
	seed := blocks(f, good.Write)
	size, _ := seed.Size()
	b := make([]byte, size)
	_, _ = seed.ReadAt(b, 0)
	f.Add(b[8 : len(b)-8]) // one block, without its head and the empty block behind it
	f.Fuzz(func(t *testing.T, b []byte) {
		from := blocks(t, func(w *format.BlockWriter) { w.Bytes(b) })
		segments := []*Segment{{Header: format.Header{Size: segmentSize}},
			{Header: format.Header{Size: segmentSize, Ordinal: 1}}}
		x, covered := Read(reader(from), [16]byte{}, segments)
		if covered == 0 {
			return
		}
		x.Uses(format.KeyHash(x.Journal, "key"))
		x.WithKey(format.KeyHash(x.Journal, "key"))
		x.Find(format.ID{1})
		_ = x.Apply(uint32(x.Top-1), record(9), nil)
	})
}
