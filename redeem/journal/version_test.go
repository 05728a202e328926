package journal

import (
	"os"
	"path/filepath"
	"testing"
)

// Reseal sets the version in a segment's header and mends its checksums, for tests of formats to come.
func Reseal(b []byte, major, minor uint16) []byte {
	h, _ := parseHeader(b)
	h.major, h.minor = major, minor
	return append(h.appendTo(nil), b[bodyStart:]...)
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

// LastKind is the last kind that this release writes.
const LastKind = lastKind

// CountKinds counts the frames of each kind in the files of a folder.
func CountKinds(t *testing.T, dir string) map[Kind]int {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*"+suffix))
	v := counter{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		h, _ := parseName(filepath.Base(name))
		walk(b, bodyStart, h.seed(), v)
	}
	return v
}

type counter map[Kind]int

func (c counter) frame(_ int64, f frame, _ bool) { c[f.kind]++ }
func (c counter) junk(int64, int64)              {}
