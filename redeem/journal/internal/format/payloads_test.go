package format

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEnvelopesHaveBounds(t *testing.T) {
	full := Envelope{ID: ID{1}, Counted: MaxKeys, Hashes: make([][16]byte, MaxKeys), Payload: []byte{}}
	b := full.AppendTo(nil)
	var e Envelope
	require.NoError(t, e.Parse(b), "as many keys as there may be, all counted")
	assert.Equal(t, full, e)
	for n := range b {
		assert.ErrorIs(t, e.Parse(b[:n]), ErrContent, "only %d bytes are there", n)
	}
	for name, change := range map[string]func([]byte){
		"more keys":         func(b []byte) { b[50] = MaxKeys + 1 },
		"more counted ones": func(b []byte) { b[49] = MaxKeys + 1 },
	} {
		b := append(bytes.Clone(b), make([]byte, 64)...)
		change(b)
		assert.ErrorIs(t, e.Parse(b), ErrContent, name)
	}
	assert.NoError(t, e.Parse((&Envelope{}).AppendTo(nil)), "nothing but the head")
	for _, n := range []int{1, MaxAttachment} {
		want := Envelope{Hashes: [][16]byte{}, Attachment: make([]byte, n), Payload: []byte{}}
		require.NoError(t, e.Parse(want.AppendTo(nil)), "an attachment of %d bytes and nothing behind it", n)
		assert.Len(t, e.Attachment, n)
		assert.NotNil(t, e.Payload, "there is a payload, and it is empty")
	}
	assert.ErrorIs(t, e.Parse((&Envelope{Attachment: make([]byte, MaxAttachment+1)}).AppendTo(nil)), ErrContent)
}

func TestNotesAreASlotAndAValue(t *testing.T) {
	for _, slot := range []string{"s", strings.Repeat("s", MaxKey)} {
		for _, value := range []string{"", "value"} {
			b := NotePayload(slot, []byte(value))
			gotSlot, gotValue, err := ParseNote(b)
			require.NoError(t, err, "a note")
			assert.Equal(t, slot, gotSlot)
			assert.Equal(t, value, string(gotValue))
			for n := range len(b) - len(value) {
				_, _, err := ParseNote(b[:n])
				assert.ErrorIs(t, err, ErrContent, "only %d bytes are there", n)
			}
		}
	}
}

func TestTheLogStartsAtTheLatestStart(t *testing.T) {
	s := LogStart{First: 5, Number: 3}
	require.NoError(t, s.Advance(LogStart{First: 4, Number: 9}.Payload()), "an older one")
	require.NoError(t, s.Advance(LogStart{First: 5, Number: 9}.Payload()), "the same one")
	assert.Equal(t, LogStart{First: 5, Number: 3}, s)
	require.NoError(t, s.Advance(LogStart{First: 6, Number: 4}.Payload()), "a later one")
	assert.Equal(t, LogStart{First: 6, Number: 4}, s)
	for _, n := range []int{0, 15, 17} {
		assert.ErrorIs(t, s.Advance(make([]byte, n)), ErrContent, "%d bytes", n)
	}
}

func TestEvidenceCoversRecords(t *testing.T) {
	for _, n := range []int{1, 2, MaxCovered} {
		want := Evidence{Origin: 7, IDs: bytes.Repeat([]byte{1}, n*16), Data: []byte("d")}
		b := want.AppendTo(nil)
		got, err := ParseEvidence(b)
		require.NoError(t, err, "evidence of %d records", n)
		assert.Equal(t, want, got)
		assert.Equal(t, n, got.Records())
		_, err = ParseEvidence(b[:len(b)-1])
		assert.ErrorIs(t, err, ErrContent, "without data")
	}
	_, err := ParseEvidence((&Evidence{IDs: make([]byte, 16*(MaxCovered+1)), Data: []byte("d")}).AppendTo(nil))
	assert.ErrorIs(t, err, ErrContent, "more records than there may be")
	_, err = ParseEvidence((&Evidence{Data: []byte("d")}).AppendTo(nil))
	assert.ErrorIs(t, err, ErrContent, "of no record")
	for n := range evidenceHead {
		_, err := ParseEvidence(make([]byte, n))
		assert.ErrorIs(t, err, ErrContent, "%d bytes", n)
	}
}

func TestRelocatedRecordsKeepWhatTheirFrameSaid(t *testing.T) {
	for name, want := range map[string]Relocated{
		"all":             {Seq: 1, Number: 2, Settled: 3, Hash: Hash{4}, Payload: []byte("p"), Verdict: []byte("v")},
		"no verdict":      {Seq: 1, Payload: []byte("p"), Verdict: []byte{}},
		"an empty one":    {Seq: 1, Payload: []byte{}, Verdict: []byte{}},
		"no payload left": {Seq: 1, Verdict: []byte("v")},
	} {
		b := want.AppendTo(nil)
		got, err := ParseRelocated(b)
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
		for n := range relocatedHead + len(want.Payload) {
			_, err := ParseRelocated(b[:n])
			assert.ErrorIs(t, err, ErrContent, "%s: only %d bytes are there", name, n)
		}
	}
	huge := binary.LittleEndian.AppendUint32(make([]byte, relocatedHead-4), 1<<32-1)
	_, err := ParseRelocated(huge)
	assert.ErrorIs(t, err, ErrContent, "a length beyond the content")
}

func TestTimesAreStoredToTheirUnit(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(1_800_000_000, 0).UTC(), time.Unix(-5, 0).UTC()} {
		assert.Equal(t, at, FromMilliseconds(Milliseconds(at)))
		assert.Equal(t, at, FromSeconds(Seconds(at)))
	}
	assert.Zero(t, Milliseconds(time.Time{}), "the zero time")
	assert.Zero(t, Seconds(time.Time{}), "the zero time")
}

func TestContentsAreDecodedByTheirKind(t *testing.T) {
	keys := keyring(t, key(1))
	r := Relocated{Seq: 3, Hash: Hash{9}, Payload: []byte("old")}
	for name, c := range map[string]struct {
		frame   Frame
		want    error
		origin  uint64
		payload string
	}{
		"record": {Frame{Kind: KindRecord, Content: (&Envelope{Payload: []byte("p")}).AppendTo(nil)}, nil, 7, "p"},
		"relocated": {Frame{Kind: KindRelocated, Content: (&Envelope{Payload: r.AppendTo(nil)}).AppendTo(nil)}, nil, 3,
			"old"},
		"half of one":  {Frame{Kind: KindRelocated, Content: (&Envelope{}).AppendTo(nil)}, ErrContent, 0, ""},
		"half":         {Frame{Kind: KindRecord, Content: []byte("p")}, ErrContent, 0, ""},
		"unknown":      {Frame{Kind: LastKind + 1, Content: []byte("p")}, nil, 7, ""},
		"shutdown":     {Frame{Kind: KindCleanShutdown}, nil, 7, ""},
		"a note":       {Frame{Kind: KindNote, Content: (&Envelope{Payload: []byte("n")}).AppendTo(nil)}, nil, 7, "n"},
		"of last kind": {Frame{Kind: LastKind, Content: []byte("p")}, ErrContent, 0, ""},
	} {
		for _, sealer := range []*Sealer{nil, keys[0]} {
			f := c.frame
			f.Seq = 7
			sealer.Seal([16]byte{1}, &f)
			var got Contents
			require.ErrorIs(t, got.Decode([16]byte{1}, sealer, f), c.want, name)
			if c.want == nil {
				assert.Equal(t, c.origin, got.Origin(), name)
				assert.Equal(t, c.payload, string(got.Payload()), name)
			}
			if sealer != nil {
				assert.ErrorIs(t, got.Decode([16]byte{2}, sealer, f), ErrSealed, "%s in another segment", name)
			}
		}
	}
	moved := Contents{Frame: Frame{Kind: KindRelocated}, Relocated: r}
	assert.Equal(t, Hash{9}, moved.Hash(), "a relocated record says what its hash was")
	there := Contents{Frame: Frame{Kind: KindRecord}, Envelope: Envelope{Payload: []byte("p")}}
	assert.Equal(t, HashOf([]byte("p")), there.Hash())
}
