package outbox_test

import (
	"fmt"
	"testing"

	"github.com/offlane/offlane/redeem/internal/vfs"
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
	l, err := outbox.Open(b.Context(), folder(b), outbox.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	const most = 20_000
	for n := 0; n < most; n += 100 {
		var entries []outbox.Entry
		for i := range 100 {
			e := redemption(n + i + 1)
			e.Payload = make([]byte, 250)
			entries = append(entries, e)
		}
		put(b, l, entries...)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		batch, err := l.Pending(100, 1<<20)
		if err != nil || len(batch) == 0 {
			b.Fatal(err, n)
		}
		n += len(batch)
		if n > most-200 {
			b.Skip("drained")
		}
	}
	fmt.Fprint(b.Output(), "")
}
