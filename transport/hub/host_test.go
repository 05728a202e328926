package hub_test

import (
	"crypto/ed25519"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// setPeers has lanes read in their bundle which terminals their store has.
func setPeers(lanes []*lane, peers ...record.HubPeer) {
	for _, l := range lanes {
		l.mu.Lock()
		l.peers = peers
		l.mu.Unlock()
	}
}

// listedHost is the lane as a bundle names one that may host.
func (l *lane) listedHost() record.HubPeer {
	peer := l.listed()
	peer.MayHost = true
	return peer
}

func hostConfig(t testing.TB) hub.HostConfig {
	return hub.HostConfig{Dir: t.TempDir(), Listen: "127.0.0.1:0",
		Client: hub.ClientConfig{Timeout: waitLong, Every: 20 * time.Millisecond}}
}

// startHost has a lane host until the test ends.
func startHost(t testing.TB, l *lane, cfg hub.HostConfig) *hub.Host {
	t.Helper()
	h, err := hub.NewHost(cfg)
	require.NoError(t, err)
	require.NoError(t, h.Start(t.Context(), l))
	t.Cleanup(h.Stop)
	return h
}

// startGuest has a lane ask the hub of another one, whose key its bundle names.
func startGuest(t testing.TB, l *lane, h *hub.Host) *hub.Client {
	t.Helper()
	c, err := hub.NewClient(hub.ClientConfig{Address: h.Addr().String(), Timeout: waitLong, Every: 20 * time.Millisecond})
	require.NoError(t, err)
	require.NoError(t, c.Start(t.Context(), l))
	t.Cleanup(c.Stop)
	return c
}

func TestALaneHostsTheHubOfItsStore(t *testing.T) {
	lanes := []*lane{newLane(1), newLane(2)}
	setPeers(lanes, lanes[0].listedHost(), lanes[1].listed())
	cfg := hostConfig(t)
	h := startHost(t, lanes[0], cfg)
	guest := startGuest(t, lanes[1], h)
	for _, l := range lanes {
		l.await(t, record.HubBack)
	}
	own, err := h.Claim(t.Context(), request("a", "pass"))
	require.NoError(t, err)
	assert.Equal(t, record.ClaimGranted, own.Result, "the host is a lane like others")
	other := claimed(t, guest, request("b", "pass"))
	assert.Equal(t, record.ClaimReserved, other.Result, "the host claimed it")
	assert.Equal(t, "1", other.Lane)
	assert.Empty(t, h.Server().Status().Missing, "both lanes told what they hold")

	h.Tell(lanes[0].write(record.Redemption, "a", "pass", record.ID{}))

	h.Stop()
	_, err = guest.Claim(t.Context(), request("c", "other"))
	assert.ErrorIs(t, err, fault.HubUnreachable, "the hub went with its lane")
	cfg.Listen = h.Addr().String()
	again := startHost(t, lanes[0], cfg)
	await(t, "both are there again", func() bool { return guest.Status().Ready && again.Client.Status().Ready })
	assert.Equal(t, record.ClaimTaken, claimed(t, guest, request("b", "pass")).Result, "the host's journal tells it")
	assert.Equal(t, uint64(1), again.Server().Status().Epoch, "it is the same epoch")
}

func TestTheBundleSaysWhomAHubTakes(t *testing.T) {
	host, guest, stranger := newLane(1), newLane(2), newLane(3)
	all := []*lane{host, guest, stranger}
	setPeers(all, host.listedHost(), guest.listed())
	h := startHost(t, host, hostConfig(t))
	c := startGuest(t, guest, h)
	guest.await(t, record.HubBack)
	_, err := startGuest(t, stranger, h).Claim(t.Context(), request("a", "pass"))
	assert.ErrorIs(t, err, fault.HubUnreachable, "the bundle names no such lane in this store")

	setPeers(all, host.listedHost())
	_, err = c.Claim(t.Context(), request("b", "pass"))
	assert.ErrorIs(t, err, fault.HubUnreachable, "the lane was blocked while it was connected")
	setPeers(all, host.listedHost(), guest.listed())
	await(t, "the lane works again", func() bool { return c.Status().Ready })
	assert.Equal(t, record.ClaimGranted, claimed(t, c, request("b", "pass")).Result)
}

func TestAHubOfALaneThatMayNotHostIsRefused(t *testing.T) {
	lanes := []*lane{newLane(1), newLane(2)}
	setPeers(lanes, lanes[0].listed(), lanes[1].listedHost())
	h := startHost(t, lanes[0], hostConfig(t))
	for what, ask := range map[string]func() error{
		"another lane": func() error {
			_, err := startGuest(t, lanes[1], h).Claim(t.Context(), request("a", "pass"))
			return err
		},
		"the lane itself": func() error { _, err := h.Claim(t.Context(), request("b", "pass")); return err },
	} {
		assert.ErrorIs(t, ask(), fault.HubUnreachable, what)
	}
	assert.Zero(t, h.Server().Status().Epoch, "nobody said hello to it")
}

func TestAHostThatCannotListenSaysSo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	cfg := hostConfig(t)
	cfg.Listen = taken.Addr().String()
	h, err := hub.NewHost(cfg)
	require.NoError(t, err)
	assert.ErrorIs(t, h.Start(t.Context(), newLane(1)), fault.Unavailable, "another program has the address")
	h.Stop()
	cfg.Listen = "127.0.0.1:0"
	l := newLane(1)
	setPeers([]*lane{l}, l.listedHost())
	started := startHost(t, l, cfg)
	assert.ErrorIs(t, started.Start(t.Context(), l), fault.Conflict, "it was started before")
}

func TestHostConfigsThatCannotBe(t *testing.T) {
	l := newLane(1)
	for what, change := range map[string]func(*hub.HostConfig){
		"no folder":       func(c *hub.HostConfig) { c.Dir = "" },
		"no address":      func(c *hub.HostConfig) { c.Listen = "7346" },
		"a key":           func(c *hub.HostConfig) { c.Server.Key = l.key },
		"lanes":           func(c *hub.HostConfig) { c.Server.Lanes = l.Peers },
		"a clock":         func(c *hub.HostConfig) { c.Server.SinceBoot = l.SinceBoot },
		"another hub":     func(c *hub.HostConfig) { c.Client.Address = "127.0.0.1:1" },
		"hosts":           func(c *hub.HostConfig) { c.Client.Hosts = func() []ed25519.PublicKey { return nil } },
		"a negative time": func(c *hub.HostConfig) { c.Client.Timeout = -1 },
	} {
		cfg := hostConfig(t)
		change(&cfg)
		_, err := hub.NewHost(cfg)
		assert.ErrorIs(t, err, fault.InvalidRequest, what)
	}
}
