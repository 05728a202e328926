package journal_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// FuzzOpen opens a journal whose first file is arbitrary bytes under a name that fits them, and uses what opens.
func FuzzOpen(f *testing.F) {
	name := ""
	for _, version := range globbed(f, filepath.Join("testdata", "v*")) {
		for _, file := range globbed(f, filepath.Join(unpackGolden(f, version), "*.journal")) {
			b, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			if name == "" {
				name = filepath.Base(file)
			}
			f.Add(b, []byte(nil))
			f.Add(b[:len(b)/2], b[1000:])
		}
	}
	f.Add([]byte{}, []byte("OLJSNAP2"))
	f.Fuzz(func(t *testing.T, b, snapshot []byte) {
		fs := &vfs.Memory{}
		fs.Put("j/"+name, b)
		if len(snapshot) > 0 {
			fs.Put("j/index.snapshot", snapshot)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		l, err := journal.Open(vfs.WithFS(context.Background(), fs), "j", goldenConfig())
		runtime.ReadMemStats(&after)
		// All that was allocated is more than its peak.
		if got, size := after.TotalAlloc-before.TotalAlloc, uint64(len(b)+len(snapshot)); got > 2*size+16<<20 {
			t.Fatalf("opening %d bytes allocates %d", size, got)
		}
		if err != nil {
			return
		}
		useAll(t, l)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func globbed(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatal("nothing matches ", pattern)
	}
	return files
}

// useAll calls everything that reads, and appends.
func useAll(t *testing.T, l *journal.Log) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_ = l.Verify(ctx)
	_, _ = l.Pending(1000, 1<<20)
	var ids []journal.ID
	for s := range l.History() {
		_, _, _ = l.Get(s.ID)
		ids = append(ids, s.ID)
	}
	for range l.Evidence(ids...) {
		continue
	}
	for range l.Verdicts() {
		continue
	}
	e := redemption(1 << 20)
	err := l.Append(ctx, func(v *journal.View) ([]journal.Entry, error) {
		_, _ = v.Find("sale 1")
		v.Uses("offer 1")
		if _, ok := v.State(e.ID); ok {
			return nil, nil
		}
		return []journal.Entry{e}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := l.Get(e.ID); !ok || err != nil {
		t.Fatal("what was appended is not there", err)
	}
}
