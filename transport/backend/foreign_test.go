package backend_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/wire"
)

func TestAGS1NumberIsItsMerchants(t *testing.T) {
	const number, other = "9501234567891", "4012345000009"
	lends := func(prefixes ...string) func(*wire.NewAgreement) {
		return func(n *wire.NewAgreement) { n.Coupons = prefixes }
	}
	for name, c := range map[string]struct {
		before func(*desk)
		number string
		code   string
	}{
		"its own":                      {func(*desk) {}, other, ""},
		"nobody's":                     {func(*desk) {}, "5012345678900", "forbidden"},
		"another merchant's":           {func(*desk) {}, number, "forbidden"},
		"more than the number":         {func(*desk) {}, "40123450000091", "invalid-request"},
		"an agreement without numbers": {func(d *desk) { d.agree() }, number, "forbidden"},
		"lent by its owner":            {func(d *desk) { d.agree(lends("9501234")) }, number, ""},
		"another one lent":             {func(d *desk) { d.agree(lends("9501239")) }, number, "forbidden"},
		"lent by whoever has it not":   {func(d *desk) { d.agree(reversed, lends("9501234")) }, number, "forbidden"},
		"lent and taken back": {func(d *desk) { d.end("m-1", d.agree(lends("9501234")), false) }, number,
			"forbidden"},
		"lent, and in use at its tills": {func(d *desk) {
			d.agree(lends("9501234"))
			d.agree(reversed)
			d.campaign(wire.Campaign{ID: "paper", Coupon: number})
		}, number, "conflict"},
	} {
		d := newDesk(t)
		c.before(d)
		campaign := wire.Campaign{ID: "taken", Coupon: c.number}
		if c.code == "conflict" {
			campaign.Partners = []string{"m-1"}
		}
		w := d.campaignOf("m-2", campaign)
		if c.code == "" {
			assert.Equal(t, http.StatusCreated, w.Code, "%s: %s", name, w.Body)
			continue
		}
		assert.Equal(t, c.code, codeOf(t, w), name)
	}
	for name, merchants := range map[string][]backend.Merchant{
		"too short":    {{Name: "a", Prefixes: []string{"950"}}},
		"no digits":    {{Name: "a", Prefixes: []string{"95012x"}}},
		"the same":     {{Name: "a", Prefixes: []string{"950123"}}, {Name: "b", Prefixes: []string{"950123"}}},
		"longer":       {{Name: "a", Prefixes: []string{"950123"}}, {Name: "b", Prefixes: []string{"4012", "95012345"}}},
		"one key":      {{Name: "a", Key: managementKey}, {Name: "b", Key: managementKey}},
		"another name": {{Name: "a", Key: "short"}},
	} {
		_, err := backend.New(t.Context(), backend.Config{Store: newDesk(t).store, Merchants: merchants})
		assert.ErrorIs(t, err, fault.InvalidRequest, name)
	}
}

// A coupon without a serial has no pass that says whom it is for: the agreement does.
func TestACouponWithoutASerialIsRedeemedUnderAnAgreement(t *testing.T) {
	const number = "255:9501234567891"
	d := newDesk(t)
	a := d.agree()
	d.campaign(wire.Campaign{ID: "paper", Coupon: number[4:], Partners: []string{"m-2"}, ValidSeconds: 3600})
	d.campaign(wire.Campaign{ID: "own", Coupon: "9501234567907"})
	partner := d.tillOf("m-2", "x-1", "1")
	assert.Equal(t, record.Confirmed, partner.verdict(partner.coupon(number, 100)).Status)
	other := partner.verdict(partner.coupon("255:9501234567907", 100))
	assert.Equal(t, fault.UnknownOffer, other.Reason, "one that is not for it")
	d.end("m-2", a, false)
	assert.Equal(t, record.Confirmed, partner.verdict(partner.coupon(number, 100)).Status, "as a pass that was out")
	d.set(d.now().Add(2 * time.Hour))
	assert.Equal(t, fault.Expired, partner.verdict(partner.coupon(number, 100)).Reason)
	own := d.till("s-1", "7")
	assert.Equal(t, record.Confirmed, own.verdict(own.coupon(number, 100)).Status, "the owner's go on")
}

// ads are the ids of the ads, and of the offers that are not new, that a device sees.
func (p *phone) because() (ids []string) {
	p.t.Helper()
	for _, shown := range p.visit().Answers {
		if shown.Why.Rule == "redeemed" {
			ids = append(ids, shown.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestNothingForeignIsShownBecauseOfARedemption(t *testing.T) {
	ad := &wire.Ad{ID: "rival", Title: "Coffee is cheaper here"}
	follows := func(n *wire.NewAgreement) { reversed(n); n.FollowUps = true }
	rival := func(f wire.FollowUp) wire.Campaign {
		f.Ad = ad
		if f.Offer != "" {
			f.Ad = nil
		}
		return wire.Campaign{ID: "rival", FollowUps: []wire.FollowUp{f}}
	}
	for field, f := range map[string]wire.FollowUp{
		"followUps[0].campaign": {Campaign: "drink"}, "followUps[0].merchant": {Merchant: "m-1"},
		"followUps[0].offer": {Offer: "drink"},
	} {
		d := newDesk(t)
		d.campaign(wire.Campaign{ID: "drink", Category: "drinks"})
		refusedFor(t, d.campaignOf("m-2", rival(f)), field, field)
		d.agree(reversed)
		refusedFor(t, d.campaignOf("m-2", rival(f)), field, "an agreement that says nothing of follow-ups")
		d.agree(follows)
		assert.Equal(t, http.StatusCreated, d.campaignOf("m-2", rival(f)).Code, field)
	}
	for name, f := range map[string]wire.FollowUp{
		"by category": {Category: "drinks"}, "by a name that was not there": {Campaign: "drink"},
	} {
		d := newDesk(t)
		assert.Equal(t, http.StatusCreated, d.campaignOf("m-2", rival(f)).Code, name)
		d.campaign(wire.Campaign{ID: "drink", Category: "drinks"})
		customer, lane := d.phone(), d.till("s-1", "7")
		lane.report(lane.redemption(customer.accept("drink", true).Pass))
		assert.Empty(t, customer.because(), name)
		a := d.agree(follows)
		assert.Equal(t, []string{"rival"}, customer.because(), name)
		d.end("m-1", a, false)
		assert.Empty(t, customer.because(), "%s: the end takes effect at once", name)
	}
}

// What one merchant's tills say of another's offers and campaigns is answered, and counted nowhere in the other's
// books.
func TestNobodyCountsInTheBooksOfOthers(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	stranger := d.tillOf("m-2", "x-1", "1")
	pass := d.phone().accept("coffee", true).Pass
	before := read[wire.Figures](t, d.manage("GET", wire.PathFigures, nil), http.StatusOK)
	claim, soon := func(r *record.Record) { r.Campaign = "coffee" }, d.now().UnixMilli()+1
	presented, err := offer.Parse(pass)
	require.NoError(t, err)
	for name, r := range map[string]record.Record{
		"its offer":          stranger.redemption(pass, claim),
		"an unknown offer":   stranger.redemption(offer.NewID().Code(), claim),
		"a reservation":      stranger.next(record.Record{Kind: record.Reservation, Offer: presented.ID, Until: soon}, claim),
		"a void that waits":  stranger.void(record.NewID(), claim),
		"a void of an offer": stranger.next(record.Record{Kind: record.Void, Offer: presented.ID}, claim),
	} {
		assert.NotEqual(t, record.Confirmed, stranger.verdict(r).Status, name)
	}
	assert.Equal(t, before, read[wire.Figures](t, d.manage("GET", wire.PathFigures, nil), http.StatusOK))
}

// A pass that a restored backend takes up is booked on a campaign of its owner's, not on one that another merchant
// made with its name.
func TestARestoredPassIsItsOwners(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	backup, from := v.copy(), d.now()
	d.campaign(coffee)
	pass := d.phone().accept("coffee", true).Pass
	after := d.restored(backup, backend.Period{From: from, Until: d.now().Add(time.Hour)})
	require.Equal(t, http.StatusCreated, after.campaignOf("m-2", coffee).Code)
	for _, lane := range []*till{after.till("s-1", "7"), after.tillOf("m-2", "x-1", "1")} {
		answer := lane.with([]string{pass}, nil, lane.redemption(pass))
		require.Len(t, answer.Items, 1)
		assert.Equal(t, record.Rejected, answer.Items[0].Status)
	}
}
