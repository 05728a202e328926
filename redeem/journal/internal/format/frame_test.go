package format

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFramesStandWhereTheyWereWritten(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 100} {
		want := Frame{Kind: KindRecord, Flags: FlagFirst | FlagLast, PosInGroup: 2, Seq: 7, Number: 9,
			Content: bytes.Repeat([]byte{0xff}, n)}
		const off = 1<<33 + 8 // both halves of an offset count
		b := AppendFrame(nil, 5, off, &want)
		require.Len(t, b, int(FrameSize(n)), "%d bytes of content", n)
		got, ok := ParseFrame(b, 5, off)
		assert.True(t, ok, "what was written can be read")
		assert.Equal(t, want, got)
		_, ok = ParseFrame(b, 6, off)
		assert.False(t, ok, "it is of another segment")
		for _, other := range []int64{off + 8, off + 1<<32, off - 1<<32} {
			_, ok = ParseFrame(b, 5, other)
			assert.False(t, ok, "it was written at another offset than %d", other)
		}
		for i := range FrameHead + n {
			_, ok = ParseFrame(b[:i], 5, off)
			assert.False(t, ok, "only %d bytes are there", i)
			flipped := bytes.Clone(b)
			flipped[i] ^= 1
			_, ok = ParseFrame(flipped, 5, off)
			assert.False(t, ok, "byte %d is another one", i)
		}
		_, ok = ParseFrame(b[:FrameHead+n], 5, off)
		assert.True(t, ok, "the zeros behind it are no part of it")
	}
}

func TestFramesWithoutAPlaceInTheLogAreNone(t *testing.T) {
	for _, c := range []struct {
		pos  uint16
		seq  uint64
		want bool
	}{{0, 1, false}, {0, 0, false}, {1, 0, false}, {1, 1, true}, {2, 1, false}, {2, 2, true}, {1, 9, true}} {
		_, ok := ParseFrame(AppendFrame(nil, 1, 0, &Frame{Kind: KindRecord, PosInGroup: c.pos, Seq: c.seq}), 1, 0)
		assert.Equal(t, c.want, ok, "position %d, sequence %d", c.pos, c.seq)
	}
}

func TestFramesHaveABound(t *testing.T) {
	largest := AppendFrame(nil, 1, 0, &Frame{Kind: KindRecord, PosInGroup: 1, Seq: 1, Content: make([]byte, MaxContent)})
	_, ok := ParseFrame(largest, 1, 0)
	assert.True(t, ok, "the largest content")
	larger := AppendFrame(nil, 1, 0, &Frame{Kind: KindRecord, PosInGroup: 1, Seq: 1, Content: make([]byte, MaxContent+1)})
	_, ok = ParseFrame(larger, 1, 0)
	assert.False(t, ok, "one byte more")
	huge := bytes.Clone(larger)
	binary.LittleEndian.PutUint32(huge[8:], 1<<32-1)
	_, ok = ParseFrame(huge, 1, 0)
	assert.False(t, ok, "a length beyond the file")
}

func TestNumberBeforeAFrame(t *testing.T) {
	for _, c := range []struct {
		kind         Kind
		number, want uint64
	}{{KindRecord, 5, 4}, {KindRecord, 1, 0}, {KindRecord, 0, 0}, {KindNote, 5, 5}, {KindSkipped, 5, 5}} {
		f := Frame{Kind: c.kind, Number: c.number}
		assert.Equal(t, c.want, f.NumberBefore(), "kind %d, number %d", c.kind, c.number)
	}
}

func TestKindsWithAnEnvelope(t *testing.T) {
	for kind := Kind(1); kind <= LastKind+1; kind++ {
		assert.Equal(t, kind != KindCleanShutdown && kind != LastKind+1, HasEnvelope(kind), "kind %d", kind)
	}
}
