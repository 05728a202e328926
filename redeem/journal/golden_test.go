package journal_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
)

var update = flag.Bool("update", false, "write the golden files of the current format anew")

// goldenNow is when the journals in testdata were closed.
var goldenNow = time.Unix(1_800_000_000, 0).UTC()

// goldenConfig is what the journals in testdata were written with.
func goldenConfig() journal.Config {
	return journal.Config{SegmentSize: 16 << 10, Key: []byte("0123456789abcdef0123456789abcdef"),
		Now: func() time.Time { return goldenNow }}
}

// goldens says, for each folder in testdata, how it was written and what is in it.
var goldens = map[string]struct {
	write func(t *testing.T, dir string)
	check func(t *testing.T, l *journal.Log)
}{
	"v1.0":          {writeGolden, checkGolden},
	"v1.0-returned": {writeReturned, checkReturned},
	"v1.0-settled":  {writeSettled, checkSettled},
	"v1.0-evidence": {writeEvidence, checkEvidence},
	"v1.0-skipped":  {writeSkipped, checkSkipped},
}

// writeGolden writes a journal with every kind of entry, an unencrypted segment first.
func writeGolden(t *testing.T, dir string) {
	cfg := goldenConfig()
	cfg.Key = nil
	l := open(t, dir, cfg)
	put(t, l, redemption(1), journal.Entry{Slot: "cursor", Payload: []byte("7")})
	put(t, l, redemption(2))
	put(t, l, redemption(3))
	put(t, l, journal.Entry{ID: id(4), Ref: id(1), CountedKeys: []string{"offer 1"}, Uses: -1, Payload: []byte("void")})
	require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(1)}, {Ref: id(2), HandOver: true,
		Payload: []byte("duplicate")},
		{Ref: id(3), Quarantine: true, Payload: []byte("?")}}, nil))
	require.NoError(t, l.HandOver(t.Context(), id(2)))
	require.NoError(t, l.Requeue(t.Context(), id(3)))
	require.NoError(t, l.Close())
	l = open(t, dir, goldenConfig())
	put(t, l, redemption(5))
	require.NoError(t, l.Close())
}

// TestJournalsOfEveryFormatVersionOpen holds the format: a folder of testdata a version, one gzip file a segment.
func TestJournalsOfEveryFormatVersionOpen(t *testing.T) {
	if *update {
		updateGolden(t)
	}
	versions, err := filepath.Glob(filepath.Join("testdata", "v*"))
	require.NoError(t, err)
	require.Len(t, versions, len(goldens))
	kinds := map[journal.Kind]int{}
	for _, version := range versions {
		t.Run(filepath.Base(version), func(t *testing.T) {
			golden, ok := goldens[filepath.Base(version)]
			require.True(t, ok, "the version has golden values")
			dir := unpackGolden(t, version)
			maps.Copy(kinds, journal.CountKinds(t, dir))
			l := open(t, dir, goldenConfig())
			require.NoError(t, l.Verify(t.Context()))
			assert.Empty(t, l.Damage())
			golden.check(t, l)
			put(t, l, redemption(6))
			require.NoError(t, l.Close())
		})
	}
	for kind := journal.FirstKind; kind <= journal.LastKind; kind++ {
		assert.Contains(t, kinds, kind, "no golden file holds an entry of this kind")
	}
}

func checkGolden(t *testing.T, l *journal.Log) {
	want := map[journal.ID]journal.Status{
		id(1): {State: journal.Settled, Voided: true},
		id(2): {State: journal.Settled, HandedOver: true, Uses: 1},
		id(3): {State: journal.Pending, Uses: 1},
		id(4): {State: journal.Pending},
		id(5): {State: journal.Pending, Uses: 1},
	}
	got := map[journal.ID]journal.Status{}
	for s, err := range l.History() {
		require.NoError(t, err)
		got[s.ID] = s.Status
		assert.Equal(t, goldenNow, s.Written)
	}
	assert.Equal(t, want, got)
	see(t, l, func(v *journal.View) {
		assert.Equal(t, 0, v.Uses("offer 1"))
		assert.Equal(t, 1, v.Uses("offer 5"))
		number, prev := v.Next()
		assert.Equal(t, uint64(6), number)
		s, ok, err := v.Get(id(5))
		require.NoError(t, err)
		assert.True(t, ok, "the journal has the record")
		assert.Equal(t, s.Hash(), prev)
	})
	value, _ := l.Note("cursor")
	assert.Equal(t, "7", string(value))
}

func updateGolden(t *testing.T) {
	for name, golden := range goldens {
		dir := vfstest.Folder(t)
		golden.write(t, dir)
		packGolden(t, dir, filepath.Join("testdata", name))
	}
}

func packGolden(t *testing.T, dir, to string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(to))
	require.NoError(t, os.MkdirAll(to, 0o755))
	for _, name := range files {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, err = z.Write(b)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		require.NoError(t, os.WriteFile(filepath.Join(to, filepath.Base(name)+".gz"), packed.Bytes(), 0o644))
	}
}

func unpackGolden(t testing.TB, version string) string {
	dir := vfstest.Folder(t)
	files, err := filepath.Glob(filepath.Join(version, "*.gz"))
	require.NoError(t, err)
	for _, name := range files {
		f, err := os.Open(name)
		require.NoError(t, err)
		z, err := gzip.NewReader(f)
		require.NoError(t, err)
		b, err := io.ReadAll(z)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.NoError(t, os.WriteFile(filepath.Join(dir, strings.TrimSuffix(filepath.Base(name), ".gz")), b, 0o600))
	}
	return dir
}

func TestFilesThatAreNoneOfOursEachGetTheirErrorAndStay(t *testing.T) {
	const name = "0000000000-000000-00112233445566778899aabbccddeeff-ffeeddccbbaa99887766554433221100.journal"
	damaged := make([]byte, 16<<10)
	copy(damaged, "OFFLANEJ")
	damaged[headerCopy-1], damaged[2*headerCopy-1] = 1, 1 // checksums that do not fit
	tooNew := futureSegment(t)
	for _, c := range []struct {
		name string
		file string
		b    []byte
		code fault.Code
	}{
		{"another program's file with our ending", "notes.journal", []byte("dear diary"), fault.Foreign},
		{"another program's file under our kind of name", name, bytes.Repeat([]byte("dear diary"), 500), fault.Foreign},
		{"a damaged header and nothing else", name, damaged, fault.Damaged},
		{"a later major version", filepath.Base(tooNew), nil, fault.UnsupportedVersion},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := vfstest.Folder(t)
			if c.b == nil {
				dir = filepath.Dir(tooNew)
			} else {
				require.NoError(t, os.WriteFile(filepath.Join(dir, c.file), c.b, 0o600))
			}
			before, err := os.ReadFile(filepath.Join(dir, c.file))
			require.NoError(t, err)
			_, err = journal.Open(t.Context(), dir, journal.Config{})
			assert.ErrorIs(t, err, c.code)
			after, err := os.ReadFile(filepath.Join(dir, c.file))
			require.NoError(t, err)
			assert.Equal(t, before, after)
			left, err := filepath.Glob(filepath.Join(dir, "*.journal"))
			require.NoError(t, err)
			assert.Len(t, left, 1)
		})
	}
}

// headerCopy is the length of one of the two copies of a header.
const headerCopy = 512

// The disk was full, or the power went, when the first group was written: a till must open again, and say what it
// found.
func TestAFirstWriteThatWasCutShortIsNoObstacle(t *testing.T) {
	const name = "0000000000-000000-00112233445566778899aabbccddeeff-ffeeddccbbaa99887766554433221100.journal"
	for _, cut := range []int{8, 100, headerCopy - 4, headerCopy + 188} {
		dir := vfstest.Folder(t)
		half := make([]byte, 16<<10)
		for i := range cut % headerCopy {
			half[cut/headerCopy*headerCopy+i] = 0x5a
		}
		copy(half[cut/headerCopy*headerCopy:], "OFFLANEJ")
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), half, 0o600))
		l, err := journal.Open(t.Context(), dir, journal.Config{SegmentSize: 16 << 10})
		require.NoError(t, err, "cut after %d bytes", cut)
		assert.Len(t, l.Damage(), 1)
		put(t, l, redemption(1))
		require.NoError(t, l.Close())
		after, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, half, after, "the file is not touched")
		again := open(t, dir, journal.Config{SegmentSize: 16 << 10})
		assert.Equal(t, 1, again.Stats().Pending)
		require.NoError(t, again.Close())
	}
}

// The power goes while the first group is written: the disk keeps any of its sectors, and of each such file a till must
// open.
func TestAnySectorsOfAFirstWriteAreNoObstacle(t *testing.T) {
	t.Parallel()
	cfg := journal.Config{SegmentSize: 16 << 10}
	dir := vfstest.Folder(t)
	l := open(t, dir, cfg)
	first := redemption(1)
	first.Payload = bytes.Repeat([]byte{0x5a}, 1600)
	put(t, l, first)
	files := globbed(t, filepath.Join(dir, "0000000000-*.journal"))
	require.Len(t, files, 1)
	name := filepath.Base(files[0])
	written, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	const sectors = 6 // two for the header, and four
	require.Equal(t, sectors, (len(bytes.TrimRight(written, "\x00"))+headerCopy-1)/headerCopy)
	for kept := range 1 << sectors {
		dir := vfstest.Folder(t)
		b := make([]byte, len(written))
		for k := range sectors {
			if kept>>k&1 > 0 {
				copy(b[k*headerCopy:(k+1)*headerCopy], written[k*headerCopy:])
			}
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
		l, err := journal.Open(t.Context(), dir, cfg)
		require.NoError(t, err, "sectors %06b are kept", kept)
		pending := l.Stats().Pending
		assert.Equal(t, kept>>2 == 0b1111, pending == 1, "sectors %06b are kept", kept)
		put(t, l, redemption(2))
		require.NoError(t, l.Close())
		again := open(t, dir, cfg)
		assert.Equal(t, pending+1, again.Stats().Pending)
		require.NoError(t, again.Close())
	}
}

// futureSegment writes a journal of a major version to come and returns its file.
func futureSegment(t *testing.T) string {
	dir := vfstest.Folder(t)
	l := open(t, dir, journal.Config{SegmentSize: 16 << 10})
	put(t, l, redemption(1))
	require.NoError(t, l.Close())
	files, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	require.NoError(t, err)
	b, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files[0], journal.Reseal(b, 2, 0), 0o600))
	for _, ahead := range files[1:] {
		require.NoError(t, os.Remove(ahead))
	}
	return files[0]
}

func TestMinorVersionToComeIsReadAndItsKindsAreKept(t *testing.T) {
	dir := vfstest.Folder(t)
	now := time.Unix(1_800_000_000, 0)
	cfg := journal.Config{SegmentSize: 16 << 10, Now: func() time.Time { return now }}
	l := open(t, dir, cfg)
	put(t, l, redemption(1))
	l.AppendUnknown(t, []byte("something new"))
	require.NoError(t, l.Close())
	files, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	require.NoError(t, err)
	b, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files[0], journal.Reseal(b, 1, 9), 0o600))

	l = open(t, dir, cfg)
	assert.Empty(t, l.Damage())
	require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(1)}}, nil))
	for n := range 100 {
		e := redemption(n + 10)
		e.Payload = make([]byte, 1000)
		put(t, l, e)
	}
	now = now.Add(1000 * time.Hour)
	require.NoError(t, l.Tidy(t.Context()))
	assert.NotZero(t, l.Stats().Returned)
	require.NoError(t, l.Close())
	assert.NoFileExists(t, files[0])
	assert.Equal(t, 1, journal.CountUnknown(t, dir), "relocated")
}
