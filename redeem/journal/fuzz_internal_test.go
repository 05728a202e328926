package journal

import (
	"bytes"
	"testing"

	"github.com/offlane/offlane/redeem/internal/vfs"
)

// FuzzSegment walks arbitrary bytes; what is taken for a frame must be one, byte for byte.
func FuzzSegment(f *testing.F) {
	h := header{major: major, id: [16]byte{1}, size: minSegment}
	b := h.appendTo(nil)
	env := envelope{id: ID{1}, hashes: [][16]byte{{2}}, counted: 1, uses: 1, payload: []byte("payload")}
	for n := range 3 {
		b = appendFrame(b, h.seed(), int64(len(b)), &frame{kind: KindRecord, flags: flagFirst | flagLast, place: 1, seq: uint64(n + 1),
			number: uint64(n + 1), content: env.appendTo(nil)})
	}
	f.Add(b)
	f.Add(append(b[:1100:1100], b[1104:]...))
	f.Fuzz(func(t *testing.T, b []byte) {
		walk(b, bodyStart, h.seed(), &rewriter{t: t, b: b, seed: h.seed()})
	})
}

type rewriter struct {
	t    *testing.T
	b    []byte
	seed uint32
	end  int64
}

func (r *rewriter) frame(off int64, f frame, padded bool) {
	if off < r.end || off%8 != 0 {
		r.t.Fatal("frames overlap")
	}
	again := appendFrame(nil, r.seed, off, &f)
	r.end = off + int64(len(again))
	if padded && r.end <= int64(len(r.b)) && !bytes.Equal(again, r.b[off:r.end]) {
		r.t.Fatal("a frame is not what it was read from")
	}
}

func (r *rewriter) junk(from, to int64) {
	if from >= to || to > int64(len(r.b)) || r.b[to-1] == 0 {
		r.t.Fatal("junk is out of place", from, to)
	}
}

// FuzzHeader and the name: what parses must be written the same again.
func FuzzHeader(f *testing.F) {
	h := header{major: major, id: [16]byte{1}, journal: [16]byte{2}, ordinal: 3, epoch: 4, first: 5, size: minSegment}
	f.Add(h.appendTo(nil), h.name())
	f.Fuzz(func(t *testing.T, b []byte, name string) {
		if h, ok := parseName(name); ok && h.name() != name {
			t.Fatal("a name is not what it was read from")
		}
		if h, ok := parseHeader(b); ok && !bytes.Equal(h.appendTo(nil)[:96], b[:96]) && isZero(b[12:16]) {
			t.Fatal("a header is not what it was read from")
		}
	})
}

// FuzzContent parses arbitrary contents of every kind.
func FuzzContent(f *testing.F) {
	c := carried{seq: 1, number: 2, payload: []byte("p"), verdict: []byte("v")}
	env := envelope{id: ID{1}, hashes: [][16]byte{{2}}, payload: c.appendTo(nil)}
	f.Add(uint8(kindCarried), env.appendTo(nil))
	env.attachment = []byte("a")
	f.Add(uint8(kindCarried), env.appendTo(nil))
	covering := evidenceEntry{ids: env.id[:], data: []byte("e")}
	f.Add(uint8(kindEvidence), (&envelope{payload: covering.appendTo(nil)}).appendTo(nil))
	f.Add(uint8(KindNote), (&envelope{payload: notePayload("slot", []byte("value"))}).appendTo(nil))
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		st := &state{fs: &vfs.Memory{}, notes: map[string]note{}, verdicts: map[uint64]uint32{}}
		st.add(&segment{header: header{size: minSegment}})
		for seq := range uint64(3) {
			_ = st.apply(128, &frame{kind: Kind(kind), place: 1, seq: seq + 1, number: 1, content: bytes.Clone(b)})
		}
		var e envelope
		if e.parse(b) == nil && !bytes.Equal(e.appendTo(nil), b) {
			t.Fatal("an envelope is not what it was read from")
		}
		if covering, err := parseEvidence(b); err == nil && !bytes.Equal(covering.appendTo(nil), b) {
			t.Fatal("evidence is not what it was read from")
		}
	})
}

// FuzzSnapshot loads arbitrary blocks whose checksums fit.
func FuzzSnapshot(f *testing.F) {
	good := &state{notes: map[string]note{"s": {value: []byte("v")}}, verdicts: map[uint64]uint32{}}
	good.add(&segment{header: header{size: minSegment}, end: bodyStart})
	_ = good.apply(128, &frame{kind: KindRecord, place: 1, seq: 1, number: 1, content: (&envelope{id: ID{1}}).appendTo(nil)})
	file := &vfs.Memory{}
	seed, _ := file.Open("s", vfs.Create)
	w := &blockWriter{to: seed}
	good.write(w)
	f.Add(w.buf)
	f.Fuzz(func(t *testing.T, b []byte) {
		file := &vfs.Memory{}
		to, _ := file.Open("s", vfs.Create)
		w := &blockWriter{to: to}
		w.bytes(b)
		if err := w.close(); err != nil {
			t.Fatal(err)
		}
		st := &state{fs: file, notes: map[string]note{}, verdicts: map[uint64]uint32{}}
		st.segments = []*segment{{header: header{size: minSegment}}, {header: header{size: minSegment, ordinal: 1}}}
		r := &blockReader{from: to}
		if st.read(r) == 0 || r.end() != nil || !st.sound() {
			return
		}
		st.uses("key")
		st.named(keyHash(st.journal, "key"))
		st.find(ID{1})
		_ = st.apply(uint32(st.top-1), &frame{kind: KindRecord, place: 1, seq: 9, number: 9, content: (&envelope{id: ID{1}}).appendTo(nil)})
	})
}
