package outbox_test

import (
	"testing"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/outbox"
)

func BenchmarkAppend(b *testing.B) {
	l, err := outbox.Open(vfs.Into(b.Context(), &vfs.Memory{}), "j", outbox.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		put(b, l, redemption(n))
	}
}

func BenchmarkDrainBatch(b *testing.B) {
	l, err := outbox.Open(b.Context(), vfstest.Folder(b), outbox.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	const most = 20_000
	fill(b, l, most)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		batch, err := l.Pending(100, 1<<20)
		if err != nil || len(batch) == 0 {
			b.Fatal(err, n)
		}
		answers := make([]outbox.Settlement, len(batch))
		for i, s := range batch {
			answers[i] = outbox.Settlement{Ref: s.ID, Payload: []byte("confirmed")}
		}
		if err := l.Settle(b.Context(), answers, nil); err != nil {
			b.Fatal(err)
		}
		if n += len(batch); n == most {
			b.StopTimer()
			fill(b, l, most)
			b.StartTimer()
			n = 0
		}
	}
}

// fill appends records that are new to the log.
func fill(b *testing.B, l *outbox.Log, most int) {
	from := int(l.Stats().LastNumber)
	for n := 0; n < most; n += 100 {
		var entries []outbox.Entry
		for i := range 100 {
			e := redemption(from + n + i + 1)
			e.Payload = make([]byte, 250)
			entries = append(entries, e)
		}
		put(b, l, entries...)
	}
}
