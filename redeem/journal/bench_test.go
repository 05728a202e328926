package journal_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
)

func BenchmarkAppend(b *testing.B) {
	l, err := journal.Open(vfs.WithFS(b.Context(), &vfs.Memory{}), "j", journal.Config{})
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

// BenchmarkDurableAppend appends to the machine's disk, from one goroutine and from 64.
func BenchmarkDurableAppend(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			l, err := journal.Open(b.Context(), vfstest.Folder(b), journal.Config{})
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			b.ReportAllocs()
			var n atomic.Int64
			b.SetParallelism(max(callers/runtime.GOMAXPROCS(0), 1))
			if callers == 1 {
				for b.Loop() {
					put(b, l, redemption(int(n.Add(1))))
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					put(b, l, redemption(int(n.Add(1))))
				}
			})
			b.ReportMetric(float64(b.N)/float64(l.Stats().Flushes), "records/flush")
		})
	}
}

func BenchmarkDrainBatch(b *testing.B) {
	l, err := journal.Open(b.Context(), vfstest.Folder(b), journal.Config{})
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
		answers := make([]journal.Settlement, len(batch))
		for i, s := range batch {
			answers[i] = journal.Settlement{Ref: s.ID, Payload: []byte("confirmed")}
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
func fill(b *testing.B, l *journal.Log, most int) {
	from := int(l.Stats().LastNumber)
	for n := 0; n < most; n += 100 {
		var entries []journal.Entry
		for i := range 100 {
			e := redemption(from + n + i + 1)
			e.Payload = make([]byte, 250)
			entries = append(entries, e)
		}
		put(b, l, entries...)
	}
}
