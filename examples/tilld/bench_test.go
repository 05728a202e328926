package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/transporttest"
)

var entries = flag.Int("entries", 10_000, "how many offers are redeemed in the folder whose memory is measured")

// plain is the value of childVariable with which a test's program is a terminal without a daemon.
const plain = "plain"

// runPlain opens the terminal of a folder, says so, and waits until it is interrupted.
func runPlain(dir string) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	terminal, err := redeem.Open(ctx, filepath.Join(dir, "terminal"), redeem.Config{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer terminal.Close()
	_, _ = terminal.Check(ctx, redeem.Request{Scanned: offer.NewID().Code(), SaleKey: "1"}) // as a daemon was asked
	fmt.Println("tilld: listening on nothing")
	<-ctx.Done()
}

// interrupt has a process stop by itself.
func interrupt(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	require.NoError(b, cmd.Process.Signal(os.Interrupt))
	require.NoError(b, cmd.Wait())
}

// direct is a terminal in this process that the backend knows, in a folder as a daemon has it.
func direct(b *testing.B, backend *transporttest.Server, dir, lane string, policy redeem.Policy) *redeem.Terminal {
	b.Helper()
	client, err := transport.New(transport.Config{URL: backend.URL})
	require.NoError(b, err)
	terminal, err := redeem.Open(b.Context(), filepath.Join(dir, "terminal"), redeem.Config{Policy: policy,
		Place: record.Place{Lane: lane}, Reporter: client, EnrolmentCode: backend.Code(b, "s-1", 1),
		Reporting: redeem.Reporting{Manual: true}})
	require.NoError(b, err)
	require.NoError(b, terminal.ReportNow(b.Context()))
	return terminal
}

// BenchmarkRedeem is a redemption called directly and by the socket of a daemon, in turns.
func BenchmarkRedeem(b *testing.B) {
	backend := newBackend(b)
	terminal := direct(b, backend, b.TempDir(), "direct", redeem.Policy{})
	defer terminal.Close()
	d := start(b, b.TempDir(), "-backend", backend.URL, "-code", backend.Code(b, "s-1", 1), "-manual", "-lane", "served")
	d.call(b, "report", object{})
	client := overSocket(d.dir)
	defer client.CloseIdleConnections()
	passes := backend.Accept(b, "coffee", 2*b.N)
	sale := redeem.Sale{Currency: "EUR", Lines: []redeem.Line{{Amount: 350}}}
	var straight, served []time.Duration
	for i := range b.N {
		began := time.Now()
		decision, err := terminal.Redeem(b.Context(), redeem.Request{Scanned: passes[2*i], SaleKey: fmt.Sprint(i),
			Sale: sale})
		straight = append(straight, time.Since(began))
		require.NoError(b, err)
		require.Equal(b, redeem.Allow, decision.Outcome)
		began = time.Now()
		status, answer := post(b, client, "http://localhost", "redeem", object{"scanned": passes[2*i+1],
			"saleKey": fmt.Sprint(i), "sale": basket(350)})
		served = append(served, time.Since(began))
		require.Equal(b, 200, status)
		require.Equal(b, "allow", answer["outcome"])
	}
	slices.Sort(straight)
	slices.Sort(served)
	milliseconds := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(milliseconds(straight[b.N/2]), "direct-p50-ms")
	b.ReportMetric(milliseconds(served[b.N/2]), "socket-p50-ms")
	b.ReportMetric(milliseconds(served[b.N/2]-straight[b.N/2]), "more-p50-ms")
}

// filled is a folder in which offers were redeemed.
func filled(b *testing.B, n int) (dir string) {
	b.Helper()
	dir = b.TempDir()
	terminal := direct(b, newBackend(b), dir, "1", redeem.Policy{MaxAlone: -1,
		UnprovenPerDay: trust.Allowance{Number: 2 * n}})
	var next atomic.Int64
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				d, err := terminal.Redeem(b.Context(), redeem.Request{Scanned: offer.NewID().Code(), SaleKey: fmt.Sprint(i)})
				if err != nil || d.Outcome != redeem.Allow {
					b.Errorf("%v: %v", d, err)
					return
				}
			}
		})
	}
	callers.Wait()
	require.NoError(b, terminal.Close())
	return dir
}

// resident is how much memory a process has, in megabytes.
func resident(b *testing.B, cmd *exec.Cmd) (megabytes float64) {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	require.NoError(b, err)
	_, after, _ := bytes.Cut(status, []byte("VmRSS:"))
	var kilobytes float64
	_, err = fmt.Sscan(string(after), &kilobytes)
	require.NoError(b, err)
	return kilobytes / 1024
}

// BenchmarkFolder is how long a daemon takes from its start to its first answer, and how much memory it has beside a Go
// program with the same terminal.
func BenchmarkFolder(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("the memory of a process is read as on Linux")
	}
	dir := filled(b, *entries)
	var times, served, bare []float64
	for range b.N {
		began := time.Now()
		cmd := child(b, "1", "-dir", dir)
		(&daemon{dir: dir}).call(b, "check", object{"scanned": offer.NewID().Code(), "saleKey": "1"})
		times = append(times, float64(time.Since(began).Milliseconds()))
		served = append(served, resident(b, cmd))
		interrupt(b, cmd)
		cmd = child(b, plain, "-dir", dir)
		bare = append(bare, resident(b, cmd))
		interrupt(b, cmd)
	}
	for _, values := range [][]float64{times, served, bare} {
		slices.Sort(values)
	}
	b.ReportMetric(times[b.N/2], "start-ms")
	b.ReportMetric(served[b.N/2], "daemon-MB")
	b.ReportMetric(bare[b.N/2], "program-MB")
	b.ReportMetric(served[b.N/2]-bare[b.N/2], "more-MB")
}

// child runs this program as a daemon or as a terminal without one, until it is ready.
func child(t testing.TB, as string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, childVariable) }),
		childVariable+"="+as)
	logs := new(syncBuffer)
	cmd.Stderr = logs
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	readReady(t, stdout, 1, logs)
	return cmd
}
