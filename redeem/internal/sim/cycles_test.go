package sim

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

var cycles = flag.Int("cycles", 90,
	"how many report cycles a till is held to leak nothing in; the whole test has 10000")

// What a process holds.
type held struct {
	goroutines, files int
	heap              uint64
}

// holds counts what the process holds when the connections that wait for use are closed. Where the system does not
// tell how many files are open it counts none.
func holds(t *testing.T, settle func()) (h held) {
	t.Helper()
	settle()
	for range 100 { // what was closed just now ends by itself
		runtime.GC()
		now := runtime.NumGoroutine()
		if h.goroutines == now {
			break
		}
		h.goroutines = now
		runtime.Gosched()
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err == nil {
		h.files = len(files)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	h.heap = memory.HeapAlloc
	return h
}

// A till reports again and again over TCP, with a record in every second report, while every tenth call fails in one
// way or another: neither goroutines nor files nor memory stay behind.
//
// All of it: go test ./redeem/internal/sim -run TestReportCyclesLeakNothing -v -args -cycles 10000
func TestReportCyclesLeakNothing(t *testing.T) {
	store, err := boltstore.Open(t.Context(), filepath.Join(t.TempDir(), "store"))
	require.NoError(t, err)
	t.Cleanup(func() { store.Close() })
	server := transporttest.NewServer(t, transporttest.Options{Store: store})
	server.Campaign(t, wire.Campaign{ID: campaignName, Title: "Spring"})
	passes := server.Accept(t, campaignName, *cycles/2+1)
	client, err := transport.New(transport.Config{URL: server.URL, RoundTripper: server.RoundTripper(), Attempts: 1})
	require.NoError(t, err)
	terminal, err := redeem.Open(t.Context(), vfstest.Folder(t), redeem.Config{
		Reporter: client, EnrolmentCode: server.Code(t, "s-1", 1), Reporting: redeem.Reporting{Manual: true},
	})
	require.NoError(t, err)
	defer terminal.Close()
	require.NoError(t, terminal.ReportNow(t.Context()))
	faults := []transporttest.Fault{transporttest.ResetBefore, transporttest.ResetAfter, transporttest.ServerError,
		transporttest.CutBody, transporttest.Portal, transporttest.FewerItems, transporttest.Duplicate}
	settle := func() {
		server.Clear()
		server.Forget()
		if round, ok := server.RoundTripper().(interface{ CloseIdleConnections() }); ok {
			round.CloseIdleConnections()
		}
	}
	var before held
	failed, begin := 0, time.Now()
	for n := range *cycles {
		switch {
		case n == *cycles/3:
			before = holds(t, settle)
		case n%100 == 0:
			server.Forget() // it keeps what arrived
		}
		if n%2 == 0 {
			req := redeem.Request{Scanned: passes[n/2], SaleKey: fmt.Sprint(n)}
			d, err := terminal.Redeem(t.Context(), req)
			require.NoError(t, err)
			if d.Because(fault.RedeemedElsewhere) { // the filter errs for 1 in 65536
				req.Override = &redeem.Override{Manager: "m", Why: "it is new"}
				d, err = terminal.Redeem(t.Context(), req)
				require.NoError(t, err)
			}
			require.Equal(t, redeem.Allow, d.Outcome, "%d: %s", n, d)
		}
		if n%10 == 5 {
			server.Inject(transporttest.Injection{Fault: faults[n/10%len(faults)]})
		}
		if terminal.ReportNow(t.Context()) != nil {
			failed++
		}
	}
	server.Clear()
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.Zero(t, terminal.Status().Pending, "all was answered")
	after := holds(t, settle)
	t.Logf("%d cycles in %v, %d failed: %+v, after a third %+v", *cycles, time.Since(begin).Round(time.Millisecond),
		failed, after, before)
	assert.Positive(t, failed, "some fail")
	assert.LessOrEqual(t, after.goroutines, before.goroutines+3, "goroutines")
	assert.LessOrEqual(t, after.files, before.files+3, "files")
	assert.LessOrEqual(t, after.heap, before.heap+4<<20, "bytes on the heap")
}
