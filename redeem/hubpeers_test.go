package redeem_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// The client of a hub learns from the bundle in force which terminals its store has, and who may host.
func TestALanesPeersAreThoseOfTheBundle(t *testing.T) {
	shop, hub, terminal := withBell(t, nil)
	assert.Empty(t, hub.lane.Peers(), "the bundle names none")
	store := terminal.Status().Place.Store
	peer := func(n byte) trust.Lane {
		return trust.Lane{Terminal: record.TerminalID{n}, Store: store, Name: "1", Key: key(n).Public().(ed25519.PublicKey)}
	}
	host, other, elsewhere := peer(1), peer(2), peer(3)
	host.MayHost, other.OutOfService, elsewhere.Store = true, true, "elsewhere"
	b := bundleWith(t, 2, noon)
	b.Lanes = []trust.Lane{host, other, elsewhere}
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, b)))
	want := []record.HubPeer{
		{Terminal: record.TerminalID{1}, Name: "1", Key: host.Key, MayHost: true},
		{Terminal: record.TerminalID{2}, Name: "1", Key: other.Key, OutOfService: true},
	}
	assert.Equal(t, want, hub.lane.Peers(), "those of its store")
	assert.Equal(t, want, hub.lane.Peers(), "and again")

	b.Sequence, b.Lanes = 3, []trust.Lane{host}
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, b)))
	assert.Equal(t, want[:1], hub.lane.Peers(), "a newer bundle counts at once")
	require.NoError(t, terminal.Close())
	hub.lane = nil
	shop.open(t)
	assert.Equal(t, want[:1], hub.lane.Peers(), "also after a restart, without the internet")
}

func TestALaneTellsItsHubTheEarliestMoment(t *testing.T) {
	_, hub, terminal := withBell(t, nil)
	assert.WithinRange(t, hub.lane.Earliest(), noon.Add(-time.Hour), noon.Add(time.Hour), "the backend's signed time")
	require.NoError(t, terminal.Close())
}
