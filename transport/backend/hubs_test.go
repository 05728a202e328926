package backend_test

import (
	"crypto/ed25519"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/wire"
)

// role says what a till is to the hub of its store.
func (t *till) role(role wire.NewHubRole) wire.Lane {
	t.t.Helper()
	return read[wire.Lane](t.t, t.manage("PUT", t.path("hub"), role), http.StatusOK)
}

// trusted is the till as a bundle names it.
func (t *till) trusted() trust.Lane {
	return trust.Lane{Terminal: t.id, Store: t.place.Store, Name: t.place.Lane,
		Key: t.key.Public().(ed25519.PublicKey)}
}

func TestABundleNamesTheLanesOfStoresWithAHub(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one, two, elsewhere := d.till("s-1", "1"), d.till("s-1", "2"), d.till("s-2", "1")
	assert.Empty(t, one.bundle().Lanes, "no store has a hub")

	answer := one.role(wire.NewHubRole{MayHost: true})
	assert.True(t, answer.MayHost, "the answer tells the terminal as it stands now")
	host := one.trusted()
	host.MayHost = true
	assert.ElementsMatch(t, []trust.Lane{host, two.trusted()}, one.bundle().LanesOf("s-1"), "both lanes of the store")
	assert.Empty(t, one.bundle().LanesOf("s-2"), "a store without a hub")
	assert.Equal(t, one.bundle().Lanes, elsewhere.bundle().Lanes, "the bundle is the merchant's")

	two.role(wire.NewHubRole{OutOfService: true})
	vouched := two.trusted()
	vouched.OutOfService = true
	assert.ElementsMatch(t, []trust.Lane{host, vouched}, one.bundle().LanesOf("s-1"), "a manager vouches for lane 2")

	two.block(true)
	d.set(d.now().Add(11 * time.Second))
	assert.Equal(t, []trust.Lane{host}, one.bundle().LanesOf("s-1"), "lane 2 is blocked")
	two.block(false)
	d.set(d.now().Add(11 * time.Second))
	assert.Len(t, one.bundle().LanesOf("s-1"), 2, "lane 2 works again")

	one.role(wire.NewHubRole{})
	assert.Empty(t, one.bundle().Lanes, "the store has no hub any more")
}

func TestADeltaTellsLanesOnlyWhereTheyChanged(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one := d.till("s-1", "1")
	one.role(wire.NewHubRole{MayHost: true})
	base := one.bundle()
	one.have = base
	d.revoke(d.phone().accept("coffee", false).Pass)
	d.set(d.now().Add(11 * time.Second))
	kept := one.bundle()
	assert.Greater(t, kept.Sequence, base.Sequence, "an offer was revoked since")
	assert.Equal(t, base.Lanes, kept.Lanes, "the lanes stand")
	before := len(kept.Data())
	two := d.till("s-1", "2")
	d.set(d.now().Add(11 * time.Second))
	changed := one.bundle()
	assert.Len(t, changed.LanesOf("s-1"), 2, "lane %s enrolled since", two.place.Lane)
	assert.Greater(t, len(changed.Data()), before, "the delta tells the lanes anew")
}

func TestATerminalThatMovesIsNoHostThere(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one := d.till("s-1", "1")
	one.role(wire.NewHubRole{MayHost: true, OutOfService: true})
	code := read[wire.Code](t, d.manage("POST", wire.PathCodes, wire.NewCode{Store: "s-2", Terminal: one.id}),
		http.StatusCreated)
	read[wire.Enrolled](t, one.enrol(code.Code), http.StatusOK)
	for _, lane := range read[wire.Lanes](t, d.manage("GET", wire.PathTerminalList, nil), http.StatusOK).Terminals {
		assert.Equal(t, "s-2", lane.Place.Store, "it moved")
		assert.False(t, lane.MayHost || lane.OutOfService, "both was said about another store: %+v", lane)
	}
}

func TestOnlyItsMerchantSaysWhatATerminalIsToAHub(t *testing.T) {
	d := newDesk(t)
	one := d.till("s-1", "1")
	assert.Equal(t, "not-found", codeOf(t, d.do(d.server.Management(), "PUT", one.path("hub"), otherKey,
		wire.NewHubRole{MayHost: true})), "another merchant's key")
	assert.Equal(t, "invalid-request", codeOf(t, d.manage("PUT", one.path("hub"), map[string]any{"host": true})),
		"a field that there is not")
}
