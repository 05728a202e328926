package recovery

import (
	"bytes"
	"testing"

	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// FuzzScan scans arbitrary bytes; what is taken for a frame must be one, byte for byte.
func FuzzScan(f *testing.F) {
	h := format.Header{Major: format.Major, ID: [16]byte{1}, Size: 16 << 10}
	b := h.AppendTo(nil)
	env := format.Envelope{ID: format.ID{1}, Hashes: [][16]byte{{2}}, Counted: 1, Uses: 1, Payload: []byte("payload")}
	for n := range 3 {
		b = format.AppendFrame(b, h.Seed(), int64(len(b)), &format.Frame{Kind: format.KindRecord,
			Flags: format.FlagFirst | format.FlagLast, PosInGroup: 1, Seq: uint64(n + 1), Number: uint64(n + 1),
			Content: env.AppendTo(nil)})
	}
	f.Add(b)
	f.Add(append(b[:1100:1100], b[1104:]...))
	f.Fuzz(func(t *testing.T, b []byte) {
		scan(b, format.BodyStart, h.Seed(), &rewriter{t: t, b: b, seed: h.Seed()})
	})
}

type rewriter struct {
	t    *testing.T
	b    []byte
	seed uint32
	end  int64
}

func (r *rewriter) Frame(off int64, f *format.Frame, padded bool) {
	if off < r.end || off%8 != 0 {
		r.t.Fatal("frames overlap")
	}
	again := format.AppendFrame(nil, r.seed, off, f)
	r.end = off + int64(len(again))
	if padded && r.end <= int64(len(r.b)) && !bytes.Equal(again, r.b[off:r.end]) {
		r.t.Fatal("a frame is not what it was read from")
	}
}

func (r *rewriter) Junk(from, to int64) {
	if from >= to || to > int64(len(r.b)) || r.b[to-1] == 0 {
		r.t.Fatal("junk is out of place", from, to)
	}
}
