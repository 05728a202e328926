package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/hub"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// childVariable has a test's program be the hub.
const childVariable = "OFFLANE_HUB_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// A shop is a backend, a hub in a program of its own, and lanes.
type shop struct {
	t       *testing.T
	backend *transporttest.Server
	code    string
	args    []string
	dir     string
	address string // where the hub takes lanes
	manage  string // where its metrics are
	cmd     *exec.Cmd
	ended   chan error
	lanes   []*redeem.Terminal
}

// openShop starts a hub that may host, and two lanes that are ready.
func openShop(t *testing.T, args ...string) *shop {
	t.Helper()
	s := &shop{t: t, backend: transporttest.NewServer(t, transporttest.Options{}), dir: t.TempDir(), args: args}
	s.backend.Campaign(t, wire.Campaign{ID: "spring", Title: "Spring"})
	s.code, s.address, s.manage = s.backend.Code(t, "s-1", 8), freeAddress(t), freeAddress(t)
	s.start()
	for _, name := range []string{"1", "2"} {
		s.lane(name)
	}
	s.backend.MayHost(t, s.standing().Terminal)
	s.cmd.Process.Kill() // it fetches the bundle when it starts
	s.wait()
	s.start()
	s.ready()
	return s
}

// freeAddress is one that the hub has again after a restart.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// start starts the program and waits until it listens.
func (s *shop) start(more ...string) {
	s.t.Helper()
	self, err := os.Executable()
	require.NoError(s.t, err)
	line := append(strings.Fields(os.Getenv("OFFLANE_EXEC")), self, "-dir", s.dir, "-backend", s.backend.URL,
		"-code", s.code, "-listen", s.address, "-manage", s.manage)
	line = slices.Concat(line, s.args, more)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(), childVariable+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, cmd.Start())
	s.cmd, s.ended = cmd, make(chan error, 1)
	lines := bufio.NewReader(out)
	for range 3 {
		_, err := lines.ReadString('\n')
		require.NoError(s.t, err, "the program says where it listens")
	}
	go func(ended chan error) {
		_, _ = io.Copy(io.Discard, lines)
		ended <- cmd.Wait()
	}(s.ended)
	s.t.Cleanup(func() { _ = cmd.Process.Kill() })
}

func (s *shop) wait() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(time.Minute):
		require.FailNow(s.t, "the program does not end")
		return nil
	}
}

// lane opens a lane of the store that asks the hub.
func (s *shop) lane(name string) {
	s.t.Helper()
	client, err := transport.New(transport.Config{URL: s.backend.URL})
	require.NoError(s.t, err)
	asks, err := hub.NewClient(hub.ClientConfig{Address: s.address, Timeout: 10 * time.Second,
		Every: 50 * time.Millisecond})
	require.NoError(s.t, err)
	terminal, err := redeem.Open(s.t.Context(), s.t.TempDir(), redeem.Config{Place: record.Place{Lane: name},
		EnrolmentCode: s.code, Reporter: client, Hub: asks, Reporting: redeem.Reporting{Manual: true}})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { terminal.Close(); client.Close() })
	require.NoError(s.t, terminal.ReportNow(s.t.Context()), "the lane is enrolled")
	s.lanes = append(s.lanes, terminal)
}

// ready has the lanes fetch the bundle and waits until the hub knows what they hold.
func (s *shop) ready() {
	s.t.Helper()
	for _, lane := range s.lanes {
		require.NoError(s.t, lane.ReportNow(s.t.Context()))
	}
	for i, lane := range s.lanes {
		require.Eventually(s.t, func() bool { h := lane.Status().Hub; return h.Ready && h.Untold == 0 }, time.Minute,
			10*time.Millisecond, "lane %d: %+v", i, lane.Status().Hub)
	}
	require.Eventually(s.t, func() bool { now := s.standing().Hub; return now.Epoch > 0 && len(now.Missing) == 0 },
		time.Minute, 10*time.Millisecond, "the hub knows what all lanes hold")
}

func (s *shop) get(path string) string {
	s.t.Helper()
	resp, err := http.Get("http://" + s.manage + path)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, resp.StatusCode, "%s", body)
	return string(body)
}

func (s *shop) standing() (now standing) {
	s.t.Helper()
	require.NoError(s.t, json.Unmarshal([]byte(s.get("/status")), &now))
	return now
}

// interrupt has the program end by itself, where the system has signals.
func (s *shop) interrupt() {
	s.t.Helper()
	if runtime.GOOS == "windows" {
		require.NoError(s.t, s.cmd.Process.Kill())
		s.wait()
		return
	}
	require.NoError(s.t, s.cmd.Process.Signal(os.Interrupt))
	assert.NoError(s.t, s.wait(), "it ends by itself, and without an error")
}

// redeem redeems a pass at a lane.
func (s *shop) redeem(lane int, pass, sale string) redeem.Decision {
	s.t.Helper()
	d, err := s.lanes[lane].Redeem(s.t.Context(), redeem.Request{Scanned: pass, SaleKey: sale})
	require.NoError(s.t, err)
	return d
}

func TestTheHubOfAStoreAsAProgram(t *testing.T) {
	s := openShop(t)
	passes := s.backend.Accept(t, "spring", 2)
	first := s.redeem(0, passes[0], "a")
	require.Equal(t, redeem.Allow, first.Outcome, first.String())
	assert.Empty(t, first.Notes, "the hub granted it")
	second := s.redeem(1, passes[0], "b")
	assert.Equal(t, redeem.Refuse, second.Outcome, second.String())
	assert.Equal(t, "1", second.Reasons[0].Where.Lane, "the refusal names the lane")

	now := s.standing()
	assert.Equal(t, uint64(1), now.Hub.Epoch)
	assert.True(t, now.MayHost, "the bundle lets it host")
	assert.Equal(t, 3, now.Peers, "two lanes and the hub itself")
	metrics := s.get("/metrics")
	for _, line := range []string{"offlane_hub_epoch 1\n", "offlane_hub_may_host 1\n", "offlane_hub_lanes_missing 0\n",
		`offlane_hub_results_total{result="granted"} 1` + "\n", "# TYPE offlane_hub_flushes_total counter\n"} {
		assert.Contains(t, metrics, line)
	}

	s.interrupt()
	alone := s.redeem(1, passes[1], "c")
	assert.Equal(t, []record.Note{record.HubUnreachable}, alone.Notes, "the lane decides alone")
	s.start()
	s.ready()
	assert.True(t, s.redeem(0, passes[1], "d").Because(fault.RedeemedElsewhere), "the hub heard what was done alone")
}

func TestAHubThatIsKilledKeepsWhatItAcknowledged(t *testing.T) {
	s := openShop(t)
	const rounds = 3
	passes := s.backend.Accept(t, "spring", rounds)
	for round := range rounds {
		require.Equal(t, redeem.Allow, s.redeem(0, passes[round], passes[round][:40]).Outcome)
		s.ready() // it was told
		require.NoError(t, s.cmd.Process.Kill())
		require.Error(t, s.wait(), "it was killed")
		s.start()
		s.ready()
		for n := range round + 1 {
			d := s.redeem(1, passes[n], "again "+passes[n][:40])
			assert.True(t, d.Because(fault.RedeemedElsewhere), "round %d, pass %d: %s", round, n, d)
		}
	}
	assert.Equal(t, uint64(1), s.standing().Hub.Epoch, "it is the same epoch")
}

func TestABackupThatIsPutBackIsANewEpoch(t *testing.T) {
	backups := filepath.Join(t.TempDir(), "backups")
	s := openShop(t, "-backups", backups, "-every", "1h")
	passes := s.backend.Accept(t, "spring", 2)
	require.Equal(t, redeem.Allow, s.redeem(0, passes[0], "before").Outcome)
	var all []string
	require.Eventually(t, func() bool {
		var err error
		all, err = filepath.Glob(filepath.Join(backups, "hub-*"))
		return assert.NoError(t, err) && len(all) > 0
	}, time.Minute, 10*time.Millisecond, "the backup of a start, which is taken beside the first requests")
	require.Equal(t, redeem.Allow, s.redeem(0, passes[1], "after").Outcome)
	s.ready()

	require.NoError(t, s.cmd.Process.Kill())
	require.Error(t, s.wait(), "it was killed")
	folder := filepath.Join(s.dir, "hub")
	require.NoError(t, os.RemoveAll(folder))
	require.NoError(t, os.Rename(slices.Max(all), folder))
	before := s.lanesEpoch()
	s.start()
	s.ready()
	for i, pass := range passes {
		assert.True(t, s.redeem(1, pass, "again "+pass[:40]).Because(fault.RedeemedElsewhere), "pass %d", i)
	}
	assert.Equal(t, before+1, s.standing().Hub.Epoch, "the lanes knew the epoch of the hub that went on")
}

// lanesEpoch is the epoch that the lanes know.
func (s *shop) lanesEpoch() uint64 { return s.lanes[0].Status().Hub.Epoch }

func TestOptionsThatCannotBeAreNamed(t *testing.T) {
	for says, args := range map[string][]string{
		"-dir":     {"-backend", "https://offers.example"},
		"-backend": {"-dir", "d", "-backend", "offers.example"},
		"-every":   {"-dir", "d", "-backend", "https://offers.example", "-backups", "b", "-every", "0"},
		"x":        {"-dir", "d", "-backend", "https://offers.example", "x"},
	} {
		var out bytes.Buffer
		flags := flag.NewFlagSet("hub", flag.ContinueOnError)
		flags.SetOutput(&out)
		_, err := readOptions(flags, args)
		assert.ErrorContains(t, err, says)
	}
	t.Setenv("OFFLANE_HUB_BACKEND", "https://offers.example")
	o, err := readOptions(flag.NewFlagSet("hub", flag.ContinueOnError), []string{"-dir", "d", "-lease", "20s"})
	require.NoError(t, err)
	assert.Equal(t, "offers.example:443", o.config(nil).Backend)
	assert.Equal(t, 20*time.Second, o.config(nil).Lease)
}
