package sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// simQueue is how many redemptions are queued in the benchmarks; without it 5,000.
const simQueue = "OFFLANE_SIM_QUEUE"

const usesOfOffer = 100

// A queue is a terminal whose journal is full of redemptions that were not reported, and the backend for them.
type queue struct {
	n        int
	dir      string
	server   *transporttest.Server
	passes   []string
	fresh    []string // offers that were not redeemed yet, for the sales that are timed
	sold     int      // of those
	answered atomic.Int64
	terminal *redeem.Terminal
}

// fastFolder is on tmpfs where there is one, so that no disk is measured.
func fastFolder(b *testing.B) string {
	b.Helper()
	if _, err := os.Stat("/dev/shm"); err != nil {
		return b.TempDir()
	}
	dir, err := os.MkdirTemp("/dev/shm", "offlane-sim-")
	require.NoError(b, err)
	b.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// newQueue redeems n offers with the network away. keep sees every request that is sent from then on.
func newQueue(b *testing.B, keep func(http.RoundTripper) http.RoundTripper) *queue {
	b.Helper()
	q := &queue{n: lengthOfQueue(b), dir: fastFolder(b)}
	store, err := boltstore.Open(b.Context(), filepath.Join(q.dir, "store"))
	require.NoError(b, err)
	b.Cleanup(func() { store.Close() })
	q.server = transporttest.NewServer(b, transporttest.Options{Store: store})
	q.server.Campaign(b, wire.Campaign{ID: campaignName, Title: "Spring", Uses: usesOfOffer, OfflineUses: usesOfOffer})
	q.passes = q.server.Accept(b, campaignName, 2*q.n/usesOfOffer+2)
	q.open(b, transport.Config{URL: q.server.URL, RoundTripper: keep(q.server.RoundTripper())}, q.server.Code(b, "s-1", 1),
		500)
	backUpTo(b, store, filepath.Join(q.dir, "empty"))
	q.fill(b)
	return q
}

func lengthOfQueue(b *testing.B) int {
	b.Helper()
	text := os.Getenv(simQueue)
	if text == "" {
		return 5000
	}
	n, err := strconv.Atoi(text)
	require.NoError(b, err)
	return n
}

// open opens the terminal, which reports when it is told, and enrols it.
func (q *queue) open(b *testing.B, cfg transport.Config, code string, batch int) {
	b.Helper()
	client, err := transport.New(cfg)
	require.NoError(b, err)
	q.terminal, err = redeem.Open(b.Context(), filepath.Join(q.dir, "till"), redeem.Config{
		Place: record.Place{Lane: "1"}, Reporter: client, EnrolmentCode: code, Reporting: redeem.Reporting{Manual: true,
			MaxRecords: batch},
		OnEvent: func(e redeem.Event) {
			if e.Kind == redeem.EventReported {
				q.answered.Add(int64(e.Count))
			}
		},
	})
	require.NoError(b, err)
	b.Cleanup(func() { q.terminal.Close() })
	require.NoError(b, q.terminal.ReportNow(b.Context()))
}

// fill queues the redemptions, several at a time as the journal likes it.
func (q *queue) fill(b *testing.B) {
	b.Helper()
	var group sync.WaitGroup
	next := make(chan int)
	for range 8 {
		group.Go(func() {
			for i := range next {
				if err := q.redeem(b.Context(), i); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range q.n {
		next <- i
	}
	close(next)
	group.Wait()
}

func (q *queue) redeem(ctx context.Context, i int) error {
	return q.sell(ctx, q.passes[i/usesOfOffer], i)
}

func (q *queue) sell(ctx context.Context, pass string, i int) error {
	d, err := q.terminal.Redeem(ctx, redeem.Request{
		Scanned: pass, SaleKey: fmt.Sprint("sale ", i), Given: record.Money{Amount: 100, Currency: "EUR"},
	})
	if err == nil && d.Outcome != redeem.Allow {
		err = fmt.Errorf("sale %d: %s", i, d)
	}
	return err
}

// A keeper writes the bodies of all reports to a file, so that they do not count as the terminal's memory.
type keeper struct {
	http.RoundTripper
	file  *os.File
	sizes []int
	token string
}

func (k *keeper) RoundTrip(r *http.Request) (*http.Response, error) {
	if k.token = r.Header.Get("Authorization"); r.URL.Path == wire.PathReports {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		n, err := io.Copy(k.file, body)
		if err != nil {
			return nil, err
		}
		k.sizes = append(k.sizes, int(n))
	}
	return k.RoundTripper.RoundTrip(r)
}

// BenchmarkDrain reports how fast a queue reaches the backend over loopback, beside the backend alone taking the very
// same batches from memory (1 would be as fast), and the heap of the terminal and all else in this process.
func BenchmarkDrain(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		bodies, err := os.CreateTemp(fastFolder(b), "bodies")
		require.NoError(b, err)
		keep := &keeper{file: bodies}
		q := newQueue(b, func(network http.RoundTripper) http.RoundTripper { keep.RoundTripper = network; return keep })
		q.server.Forget()
		keep.sizes = nil
		_, err = bodies.Seek(0, io.SeekStart)
		require.NoError(b, err)
		peak := watchMemory(b)
		b.StartTimer()
		begin := time.Now()
		require.NoError(b, q.terminal.ReportNow(b.Context()))
		drained := time.Since(begin)
		b.StopTimer()
		require.Zero(b, q.terminal.Status().Pending)
		peak().report(b)
		alone := q.alone(b, keep)
		b.ReportMetric(alone.Seconds()/drained.Seconds(), "of-backend-alone")
		b.ReportMetric(float64(q.n)/drained.Seconds(), "records/s")
		b.StartTimer()
	}
}

// alone measures the backend on the kept batches, from the state that it was in before them.
func (q *queue) alone(b *testing.B, keep *keeper) time.Duration {
	b.Helper()
	raw, err := os.ReadFile(keep.file.Name())
	require.NoError(b, err)
	store, err := boltstore.Open(b.Context(), filepath.Join(q.dir, "empty"))
	require.NoError(b, err)
	defer store.Close()
	require.NoError(b, q.server.Restart(transporttest.Change{Store: store}))
	handler := q.server.Handler()
	var requests []*http.Request
	for _, size := range keep.sizes {
		r := again(raw[:size])
		r.Header.Set("Authorization", keep.token)
		requests, raw = append(requests, r), raw[size:]
	}
	begin := time.Now()
	for _, r := range requests {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		require.Equal(b, http.StatusOK, answer.Code, answer.Body)
	}
	return time.Since(begin)
}

// A memory is what a process takes: its heap, and as far as the system tells what it has resident; in bytes.
type memory struct{ heap, resident uint64 }

func (m memory) report(b *testing.B) {
	b.ReportMetric(float64(m.heap)/(1<<20), "MB-heap")
	b.ReportMetric(float64(m.resident)/(1<<20), "MB-resident")
}

// watchMemory samples what this process takes and returns the peak.
func watchMemory(b *testing.B) (peak func() memory) {
	b.Helper()
	debug.FreeOSMemory()
	var most memory
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			metrics.Read(heap) // which stops nobody
			most = memory{max(most.heap, heap[0].Value.Uint64()), max(most.resident, resident())}
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() memory {
		close(stop)
		<-done
		return most
	}
}

// resident is the process's resident memory on Linux; 0 elsewhere.
func resident() uint64 {
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, pages uint64
	fmt.Sscan(string(raw), &size, &pages) // what is no number counts as none
	return pages * uint64(os.Getpagesize())
}

// BenchmarkRedeemWhileDraining reports the 99th percentile of Redeem while a queue drains to a backend in a process of
// its own, as a multiple of the idle terminal's, and what the terminal's process takes meanwhile:
//
//	OFFLANE_SIM_QUEUE=100000 go test ./redeem/internal/sim -run '^$' -bench RedeemWhileDraining -benchtime 1x
func BenchmarkRedeemWhileDraining(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		q := &queue{n: lengthOfQueue(b), dir: fastFolder(b)}
		p := startBackend(b, q.dir)
		var code string
		code, q.passes = p.prepare(b, q.n/usesOfOffer+1)
		q.open(b, transport.Config{URL: p.url}, code, 0)
		q.fill(b)
		q.fresh = p.offers(b, freshName, usesOfFresh, (measured/4+measured)/usesOfFresh)
		idle := q.p99(b, measured/4, nil)
		drained := make(chan error, 1)
		peak := watchMemory(b)
		b.StartTimer()
		go func() { drained <- q.terminal.ReportNow(b.Context()) }()
		begin := time.Now()
		busy := q.p99(b, measured, drained)
		answered := q.answered.Load()
		b.StopTimer()
		b.ReportMetric(float64(answered)/time.Since(begin).Seconds(), "answered/s")
		peak().report(b)
		b.ReportMetric(float64(idle.Microseconds()), "µs-idle-p99")
		b.ReportMetric(float64(busy.Microseconds()), "µs-draining-p99")
		b.ReportMetric(busy.Seconds()/idle.Seconds(), "of-idle")
		b.StartTimer()
	}
}

// measured is how many redemptions are timed while the queue drains.
const measured = 6000

// usesOfFresh is how often each of their offers is redeemed, one use after the other, so that the idle terminal and
// the draining one look up the same number of earlier uses. It is more than one since a backend bounds how many offers
// one address accepts.
const usesOfFresh = 4

// p99 redeems up to n fresh offers with a pause of a millisecond between, until done.
func (q *queue) p99(b *testing.B, n int, done <-chan error) time.Duration {
	b.Helper()
	var took []time.Duration
	for range n {
		select {
		case err := <-done:
			require.NoError(b, err)
			n = 0
		default:
		}
		if n == 0 {
			break
		}
		begin := time.Now()
		require.NoError(b, q.sell(b.Context(), q.fresh[q.sold/usesOfFresh], q.n+q.sold))
		took = append(took, time.Since(begin))
		q.sold++
		time.Sleep(time.Millisecond)
	}
	require.NotEmpty(b, took, "the queue is too short to redeem beside its drain")
	slices.Sort(took)
	return took[len(took)*99/100]
}

// again makes a request of a kept body.
func again(body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, wire.PathReports, bytes.NewReader(body))
	r.Header.Set("Content-Type", wire.RequestType)
	r.Header.Set("Content-Encoding", "gzip")
	return r
}
