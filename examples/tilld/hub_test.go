package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// laneIn reads who the till in a folder is, as an enrolment tells a backend.
func laneIn(t *testing.T, dir, name string) record.HubPeer {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "terminal", "terminal.json"))
	require.NoError(t, err)
	var who struct {
		Terminal record.TerminalID `json:"terminal"`
		Seed     []byte            `json:"seed"`
	}
	require.NoError(t, json.Unmarshal(raw, &who))
	require.Len(t, who.Seed, ed25519.SeedSize)
	key := ed25519.NewKeyFromSeed(who.Seed)
	return record.HubPeer{Terminal: who.Terminal, Name: name, Key: key.Public().(ed25519.PublicKey)}
}

// serveHub opens a hub for lanes and serves it until the test ends, or stop is called.
func serveHub(t *testing.T, key ed25519.PrivateKey, l net.Listener, lanes []record.HubPeer) (stop func()) {
	t.Helper()
	server, err := hub.Open(t.Context(), t.TempDir(), hub.Config{Key: key,
		Lanes: func() []record.HubPeer { return lanes }})
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		assert.NoError(t, server.Close(), "the hub closes")
		assert.Error(t, <-ended, "Serve ends with it")
	})
	return func() { assert.NoError(t, server.Close(), "the hub stops") }
}

// awaitHub waits until a till's hub is ready, or is not.
func (d *daemon) awaitHub(t *testing.T, ready bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		status, _ := d.call(t, "status", object{})["hub"].(object)
		return status["ready"] == ready
	}, 20*time.Second, 10*time.Millisecond, "ready is %t: %s", ready, d.logs)
}

func TestTillsOfAStoreAgreeByItsHub(t *testing.T) {
	t.Parallel()
	backend := newBackend(t)
	passes := backend.Accept(t, "coffee", 2)
	code := backend.Code(t, "s-1", 2)
	public, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var tills []*daemon
	var lanes []record.HubPeer
	for _, name := range []string{"7", "8"} {
		d := start(t, t.TempDir(), "-backend", backend.URL, "-code", code, "-lane", name, "-manual",
			"-hub", l.Addr().String(), "-hubkeys", hex.EncodeToString(public), "-hubwait", "10s")
		d.call(t, "report", object{})
		tills, lanes = append(tills, d), append(lanes, laneIn(t, d.dir, name))
	}
	stop := serveHub(t, key, l, lanes)
	for _, d := range tills {
		d.awaitHub(t, true)
	}

	first := tills[0].call(t, "redeem", object{"scanned": passes[0], "saleKey": "1", "sale": basket(350)})
	assert.Equal(t, "allow", first["outcome"], "%v", first)
	assert.NotContains(t, first, "notes", "the hub granted it")
	second := tills[1].call(t, "redeem", object{"scanned": passes[0], "saleKey": "2", "sale": basket(350)})
	assert.Equal(t, "refuse", second["outcome"], "%v", second)
	text, err := json.Marshal(second["reasons"])
	require.NoError(t, err)
	assert.Contains(t, string(text), `"lane":"7"`, "the refusal names the lane")

	stop()
	tills[1].awaitHub(t, false)
	alone := tills[1].call(t, "redeem", object{"scanned": passes[1], "saleKey": "3", "sale": basket(350)})
	assert.Equal(t, "allow", alone["outcome"], "%v", alone)
	assert.Contains(t, alone["notes"], "hub-unreachable", "it was decided alone")
}

// A shop without a server: one of its tills is the hub, and the trust bundle tells both whom to trust.
func TestATillHostsTheHubOfItsStore(t *testing.T) {
	t.Parallel()
	backend := newBackend(t)
	passes := backend.Accept(t, "coffee", 1)
	code := backend.Code(t, "s-1", 2)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	args := func(lane string, more ...string) []string {
		return append([]string{"-backend", backend.URL, "-code", code, "-lane", lane, "-manual", "-hubwait", "10s"}, more...)
	}
	host := start(t, t.TempDir(), args("7", "-host", address)...)
	host.call(t, "report", object{})
	backend.MayHost(t, laneIn(t, host.dir, "7").Terminal)
	guest := start(t, t.TempDir(), args("8", "-hub", address)...)
	for _, d := range []*daemon{guest, host} {
		d.call(t, "report", object{})
	}
	for _, d := range []*daemon{host, guest} {
		d.awaitHub(t, true)
	}
	first := host.call(t, "redeem", object{"scanned": passes[0], "saleKey": "1", "sale": basket(350)})
	assert.Equal(t, "allow", first["outcome"], "%v", first)
	assert.NotContains(t, first, "notes", "the hub in its own program granted it")
	second := guest.call(t, "redeem", object{"scanned": passes[0], "saleKey": "2", "sale": basket(350)})
	assert.Equal(t, "refuse", second["outcome"], "%v", second)
}

func TestATillWithoutAHubHasNone(t *testing.T) {
	d := start(t, t.TempDir())
	assert.NotContains(t, d.call(t, "status", object{}), "hub", "nothing is said of a hub")
}

func TestHubOptionsThatCannotBeAreNamed(t *testing.T) {
	key := strings.Repeat("ab", ed25519.PublicKeySize)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no port":       {[]string{"-hub", "192.0.2.7", "-hubkeys", key}, "-hub 192.0.2.7"},
		"hub and host":  {[]string{"-hub", "192.0.2.7:1", "-host", ":1"}, "-hub and -host"},
		"no address":    {[]string{"-host", "7346"}, "-host 7346"},
		"a wait alone":  {[]string{"-hubwait", "1s"}, "-hubwait needs"},
		"a short key":   {[]string{"-hub", "192.0.2.7:1", "-hubkeys", key + ",abcd"}, "-hubkeys abcd"},
		"no hex":        {[]string{"-hub", "192.0.2.7:1", "-hubkeys", "zz"}, "-hubkeys zz"},
		"no time":       {[]string{"-hub", "192.0.2.7:1", "-hubkeys", key, "-hubwait", "soon"}, "-hubwait soon"},
		"negative time": {[]string{"-hub", "192.0.2.7:1", "-hubkeys", key, "-hubwait", "-1s"}, "-hubwait -1s"},
		"keys alone":    {[]string{"-hubkeys", key}, "-hubkeys needs"},
	} {
		var out bytes.Buffer
		assert.Equal(t, 1, run(t.Context(), append([]string{"-dir", t.TempDir()}, c.args...), nil, &out, &out), name)
		assert.Contains(t, out.String(), c.says, name)
	}
}

func TestTheHubIsNamedByTheFileAndTheEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tilld.json")
	key := strings.Repeat("ab", ed25519.PublicKeySize)
	require.NoError(t, os.WriteFile(file, []byte(`{"dir":"d","hub":"192.0.2.7:1","hubkeys":"`+key+`"}`), 0o600))
	t.Setenv("OFFLANE_TILLD_HUBWAIT", "300ms")
	o, err := readOptions([]string{"-config", file}, os.Stderr)
	require.NoError(t, err)
	cfg, err := o.hubConfig()
	require.NoError(t, err)
	assert.Equal(t, "192.0.2.7:1", cfg.Address)
	assert.Equal(t, 300*time.Millisecond, cfg.Timeout)
	require.Len(t, cfg.Hosts(), 1)
	assert.Equal(t, key, hex.EncodeToString(cfg.Hosts()[0]))
}
