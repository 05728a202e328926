package journal

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
	"github.com/offlane/offlane/redeem/journal/internal/recovery"
)

// Reseal sets the version in a segment's header and mends its checksums, for tests of formats to come.
func Reseal(b []byte, major, minor uint16) []byte {
	h, _ := format.ParseHeader(b)
	h.Major, h.Minor = major, minor
	return append(h.AppendTo(nil), b[format.BodyStart:]...)
}

// AppendUnknown appends a frame of a kind that this release does not know, as a later one would.
func (l *Log) AppendUnknown(t *testing.T, content []byte) {
	t.Helper()
	err := l.commit(t.Context(), "", func(*View) ([]draft, error) { return []draft{{kind: 77, content: content}}, nil })
	if err != nil {
		t.Fatal(err)
	}
}

// CountUnknown counts those frames in the files of a folder.
func CountUnknown(t *testing.T, dir string) int { return CountKinds(t, dir)[77] }

// A Kind is what a frame is.
type Kind = format.Kind

// The first and the last kind that this release writes.
const (
	FirstKind = format.KindRecord
	LastKind  = format.LastKind
)

// CountKinds counts the frames of each kind in the files of a folder.
func CountKinds(t *testing.T, dir string) map[Kind]int {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*"+format.Suffix))
	v := counter{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		h, _ := format.ParseName(filepath.Base(name))
		recovery.Scan(b, &index.Segment{Header: h, Sum: h.Seed(), End: int64(len(b))}, v)
	}
	return v
}

type counter map[Kind]int

func (c counter) Frame(_ int64, f *format.Frame, _ bool) { c[f.Kind]++ }
func (c counter) Junk(int64, int64)                      {}

// Quarantined returns the records that the backend cannot read, in order.
func (l *Log) Quarantined() iter.Seq2[Stored, error] {
	return l.each("journal.Quarantined", func(s format.Status) bool { return s.State() == Quarantined })
}

// Verify returns when everything that was on the medium at Open has been read, so that Damage is complete, or when ctx
// ends.
func (l *Log) Verify(ctx context.Context) error {
	l.mu.Lock()
	defer l.unlock()
	return l.waitWhileLocked(ctx, &l.checking)
}
