package recovery

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// folderOf has files of these names and contents.
func folderOf(t *testing.T, files map[string][]byte) folder.Folder {
	t.Helper()
	in := folder.Folder{FS: &vfs.Memory{}, Dir: "j"}
	require.NoError(t, in.FS.MakeDir("j"), "a folder in memory")
	for name, b := range files {
		f, err := in.FS.Open(in.Path(name), vfs.Create)
		require.NoError(t, err, name)
		_, err = f.WriteAt(b, 0)
		require.NoError(t, err, name)
	}
	return in
}

// filesOf are the files of segments.
func filesOf(segments ...*segment) map[string][]byte {
	files := map[string][]byte{}
	for _, s := range segments {
		files[s.Name()] = s.file()
	}
	return files
}

func load(t *testing.T, files map[string][]byte) (*Result, error) {
	t.Helper()
	return Load(context.Background(), Options{Folder: folderOf(t, files), Limit: NoLimit})
}

func TestSegmentsAreReadInTheirOrder(t *testing.T) {
	files := filesOf(newSegment(2, 0, 4).records(4, 5), newSegment(0, 0, 1).records(1, 2), newSegment(1, 0, 3).records(3,
		3))
	for _, n := range []uint64{5, 3, 4} {
		ahead := newSegment(n, 0, 0)
		files[ahead.Name()] = make([]byte, segmentSize)
	}
	files["LOCK"], files["x.journal.new"] = []byte("x"), []byte("x")
	r, err := load(t, files)
	require.NoError(t, err)
	assert.Empty(t, r.Damage)
	assert.Equal(t, uint64(5), r.Index.Seq)
	assert.Equal(t, [16]byte{9}, r.Index.Journal)
	assert.Equal(t, uint64(3), r.NextOrdinal)
	var ahead []uint64
	for _, h := range r.Preallocated {
		ahead = append(ahead, h.Ordinal)
		assert.Equal(t, int64(segmentSize), h.Size)
	}
	assert.Equal(t, []uint64{3, 4, 5}, ahead)
}

func TestAFileIsTakenForWhatItShows(t *testing.T) {
	good := newSegment(0, 0, 1).records(1, 2)
	name := good.Name()
	whole := func(change func(b []byte) []byte) map[string][]byte {
		return map[string][]byte{name: change(bytes.Clone(good.file()))}
	}
	header := func(change func(h *format.Header)) map[string][]byte {
		return whole(func(b []byte) []byte {
			h := good.Header
			change(&h)
			return append(h.AppendTo(nil), b[format.BodyStart:]...)
		})
	}
	damaged := func(at ...int) map[string][]byte {
		return whole(func(b []byte) []byte {
			for _, i := range at {
				b[i] ^= 1
			}
			return b
		})
	}
	for what, c := range map[string]struct {
		files  map[string][]byte
		err    error
		damage []string
		seq    uint64
	}{
		"as it was":  {damaged(), nil, []string{}, 2},
		"one header": {damaged(9), nil, []string{"harmless 0:0+512 one of the two copies of the header"}, 2},
		"the other header": {damaged(600), nil, []string{"harmless 0:512+512 one of the two copies of the header"},
			2},
		"both headers": {damaged(9, 600), nil,
			[]string{"harmless 0:0+1024 both copies of the header are damaged"}, 2},
		"both headers and a record": {damaged(9, 600, 1100), nil,
			[]string{"harmless 0:0+1024 both copies of the header are damaged", "harmless 0:1024+85 bytes that are no record",
				"lost 0:0+0 a segment before this one is missing, 1-1, chain 1-1"}, 2},
		"everything":              {damaged(9, 600, 1100, 1180), fault.Damaged, nil, 0},
		"a later version":         {header(func(h *format.Header) { h.Major++ }), fault.UnsupportedVersion, nil, 0},
		"a later minor version":   {header(func(h *format.Header) { h.Minor++ }), nil, []string{}, 2},
		"another name":            {header(func(h *format.Header) { h.Ordinal++ }), fault.Foreign, nil, 0},
		"a size below the header": {header(func(h *format.Header) { h.Size = format.BodyStart - 1 }), fault.Foreign, nil, 0},
		"a size above the largest": {header(func(h *format.Header) { h.Size = format.MaxSegment + 1 }), fault.Foreign, nil,
			0},
		"the largest size": {header(func(h *format.Header) { h.Size = format.MaxSegment }), nil,
			[]string{"possibly 0:16384+17809408 the end of the file is cut off"}, 2},
		"the smallest size": {header(func(h *format.Header) { h.Size = format.BodyStart }), nil, []string{}, 0},
		"another key":       {header(func(h *format.Header) { h.Key[0] = 1 }), fault.WrongKey, nil, 0},
		"a file that is too large": {whole(func(b []byte) []byte {
			return append(b, make([]byte, format.MaxSegment-len(b)+
				1)...)
		}), fault.Foreign, nil, 0},
		"the largest file": {whole(func(b []byte) []byte { return append(b, make([]byte, format.MaxSegment-len(b))...) }),
			nil, []string{}, 2},
		"half a header": {whole(func(b []byte) []byte { return b[:400] }), fault.Damaged, nil, 0},
		"one header alone": {whole(func(b []byte) []byte { return b[:512] }), nil,
			[]string{"harmless 0:512+512 one of the two copies of the header",
				"possibly 0:512+15872 the end of the file is cut off"}, 0},
		"nothing":           {whole(func([]byte) []byte { return nil }), nil, []string{}, 0},
		"something else":    {whole(func([]byte) []byte { return []byte("something else") }), fault.Foreign, nil, 0},
		"no segment's name": {map[string][]byte{"a.journal": nil}, fault.Foreign, nil, 0},
		"no files":          {nil, nil, []string{}, 0},
	} {
		r, err := load(t, c.files)
		require.ErrorIs(t, err, c.err, what)
		if c.err == nil {
			assert.Equal(t, c.damage, lines(r.Damage), what)
			assert.Equal(t, c.seq, r.Index.Seq, what)
		}
	}
	other := newSegment(1, 0, 3)
	other.Journal[0]++
	files := filesOf(good)
	files[other.Name()] = other.AppendTo(nil)
	_, err := load(t, files)
	assert.ErrorIs(t, err, fault.Foreign, "a segment of another journal")
	files = filesOf(good)
	files[newSegment(1, 0, 3).Name()] = []byte("something else")
	r, err := load(t, files)
	require.NoError(t, err, "beside others it is a damage")
	assert.Equal(t, []string{"possibly 1:0+14 a file of which nothing can be read"}, lines(r.Damage))
	assert.Equal(t, uint64(2), r.NextOrdinal)
	assert.Equal(t, uint64(2), r.Index.Seq)
}

func TestAFirstWriteThatWasCutShortIsNoForeignFile(t *testing.T) {
	good := newSegment(0, 0, 1).records(1, 3)
	written := func(n int, more ...int) []byte {
		b := append(bytes.Clone(good.file()[:n]), make([]byte, segmentSize-n)...)
		for _, i := range more {
			b[i] = 1
		}
		return b
	}
	for what, c := range map[string]struct {
		b   []byte
		err error
	}{
		"a part of the header":            {written(400), nil},
		"all but its checksum":            {written(508), nil},
		"a byte of its checksum":          {written(400, 508), fault.Damaged},
		"the last byte of its checksum":   {written(400, 511), fault.Damaged},
		"a byte of the second checksum":   {written(400, 1020), fault.Damaged},
		"the last of the second checksum": {written(400, 1023), fault.Damaged},
		"a sector behind":                 {written(400, 4096), nil},
		"half a magic":                    {append(append(written(400)[:1024], "OL"...), make([]byte, 100)...), nil},
		"a magic":                         {append(append(written(400)[:1024], "OLJ1"...), make([]byte, 100)...), nil},
		"another magic": {append(append(written(400)[:1024], "OLJ2"...), make([]byte, 100)...),
			fault.Damaged},
		"as much as a magic":               {written(400)[:1028], nil},
		"less than a magic":                {written(400)[:1027], fault.Damaged},
		"no header, and something behind":  {append(make([]byte, 4096), 'x'), nil},
		"no header, and something at once": {append(make([]byte, 1024), "xxxx"...), fault.Foreign},
	} {
		r, err := load(t, map[string][]byte{good.Name(): c.b})
		require.ErrorIs(t, err, c.err, what)
		if c.err == nil {
			assert.Len(t, r.Damage, 1, what)
			assert.Equal(t, uint64(1), r.NextOrdinal, what)
			assert.Zero(t, r.Index.Seq, what)
		}
	}
}

func TestSegmentsWithoutHeadersAreReadWithTheirKey(t *testing.T) {
	keys, err := format.NewKeyring(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32))
	require.NoError(t, err, "the keys have their size")
	s := newSegment(0, 0, 1)
	s.sealer = keys[1]
	s.records(1, 2)
	b := s.file()
	clear(b[:format.BodyStart])
	o := Options{Folder: folderOf(t, map[string][]byte{s.Name(): b}), Keys: keys, Limit: NoLimit}
	r, err := Load(context.Background(), o)
	require.NoError(t, err, "one of the keys fits")
	assert.Equal(t, 2, r.Index.Counts[format.Pending])
	assert.Equal(t, keys[1].ID, r.Index.All[0].Key)
	o.Keys = keys[1:]
	r, err = Load(context.Background(), o)
	require.NoError(t, err, "the one key fits")
	assert.Equal(t, 2, r.Index.Counts[format.Pending])
	o.Keys = keys[:1]
	_, err = Load(context.Background(), o)
	assert.ErrorIs(t, err, fault.WrongKey)
}

func TestGapsBetweenOrdinals(t *testing.T) {
	s := &Survey{empty: []uint64{2, 3, 7}, dead: 4}
	for _, c := range []struct {
		from, to uint64
		want     bool
	}{{1, 2, true}, {2, 2, false}, {3, 2, false}, {2, 3, false}, {2, 4, false}, {2, 5, true}, {1, 4, true}, {3, 4, false},
		{4, 7, true}, {7, 8, false}} {
		assert.Equal(t, c.want, s.gap(c.from, c.to), "from %d to %d", c.from, c.to)
	}
	assert.Equal(t, uint64(4), s.nextOrdinal())
	s.Segments = []*index.Segment{{Header: format.Header{Ordinal: 2}}}
	assert.Equal(t, uint64(4), s.nextOrdinal())
	s.Segments = append(s.Segments, &index.Segment{Header: format.Header{Ordinal: 4}})
	assert.Equal(t, uint64(5), s.nextOrdinal())
}

func TestIDsAreReadFromTheFiles(t *testing.T) {
	s := newSegment(0, 0, 1).records(1, 2)
	in := folderOf(t, filesOf(s))
	r, err := Load(context.Background(), Options{Folder: in, Limit: NoLimit})
	require.NoError(t, err)
	at := r.Index.At(1)
	id, ok := r.Index.IDAt(at)
	assert.True(t, ok, "the second record is there")
	assert.Equal(t, format.ID{2, 1}, id, "its id")
	_, ok = r.Index.IDAt(at + segmentSize)
	assert.False(t, ok, "no segment stands there")
	write(t, in, s.Name(), s.spoil(frameSize).file())
	_, ok = r.Index.IDAt(at)
	assert.False(t, ok, "what stands there is spoilt")
}
