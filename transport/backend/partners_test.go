package backend_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/wire"
)

// fifty is an offer of 50 EUR of m-1's that is redeemed at m-2 as well.
func fifty(edit ...func(*wire.Campaign)) wire.Campaign {
	c := wire.Campaign{ID: "fifty", Partners: []string{"m-2"}, Uses: 2,
		Terms: terms.Terms{Kind: terms.AmountOff, Amount: 5000, Currency: "EUR"}}
	for _, e := range edit {
		e(&c)
	}
	return c
}

func named(campaigns ...string) func(*wire.NewAgreement) {
	return func(n *wire.NewAgreement) { n.Campaigns = campaigns }
}

// reversed makes m-2 the owner and m-1 the partner.
func reversed(n *wire.NewAgreement) { n.Owner, n.Partner = n.Partner, n.Owner }

// refusedFor asks for a problem whose detail begins with the field.
func refusedFor(t *testing.T, w *httptest.ResponseRecorder, field, what string) {
	t.Helper()
	assert.Equal(t, string(fault.Forbidden), codeOf(t, w), what)
	var problem wire.Problem
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &problem))
	assert.True(t, strings.HasPrefix(problem.Detail, field+": "), "%s: not %s: %s", what, field, problem.Detail)
}

// bundle is the till's bundle when it has asked for a newer one.
func (t *till) bundle() *trust.Bundle {
	t.t.Helper()
	r := httptest.NewRequest("GET", wire.PathBundle, nil)
	r.Header.Set("Authorization", "Bearer "+t.token)
	if t.have != nil {
		r.Header.Set("If-None-Match", strconv.Quote(strconv.FormatUint(t.have.Sequence, 10)))
	}
	w := httptest.NewRecorder()
	if t.server.ServeHTTP(w, r); w.Code == http.StatusNotModified {
		return t.have
	}
	require.Equal(t.t, http.StatusOK, w.Code, w.Body.String())
	roots, err := offer.NewKeys(t.roots...)
	require.NoError(t.t, err)
	t.have, err = trust.Accept(t.have, w.Body.Bytes(), roots, t.place.Merchant)
	require.NoError(t.t, err)
	return t.have
}

// agreements are those that a merchant sees.
func (d *desk) agreements(merchant string) []wire.Agreement {
	d.t.Helper()
	w := d.manageAs(merchant, "GET", wire.PathAgreements, nil)
	return read[wire.Agreements](d.t, w, http.StatusOK).Agreements
}

func audienceOf(t *testing.T, text string) []string {
	t.Helper()
	p, err := offer.Parse(text)
	require.NoError(t, err)
	return p.Pass.Audience
}

func TestNobodyIsNamedAsAPartnerWhoDidNotAgree(t *testing.T) {
	for name, before := range map[string]func(*desk){
		"nothing was agreed":    func(*desk) {},
		"the owner proposed":    func(d *desk) { d.propose("m-1") },
		"the partner proposed":  func(d *desk) { d.propose("m-2") },
		"the other way round":   func(d *desk) { d.agree(reversed) },
		"for another campaign":  func(d *desk) { d.agree(named("coffee")) },
		"the partner ended it":  func(d *desk) { d.end("m-2", d.agree(), false) },
		"the owner ended it":    func(d *desk) { d.end("m-1", d.agree(), false) },
		"the partner turned it": func(d *desk) { d.end("m-2", d.propose("m-1"), false) },
	} {
		d := newDesk(t)
		before(d)
		refusedFor(t, d.campaignOf("m-1", fifty()), "partners[0]", name)
		accept := d.phone().ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "fifty"})
		assert.Equal(t, "not-found", codeOf(t, accept), name)
		bundle := d.tillOf("m-2", "x-1", "1").bundle()
		assert.Empty(t, bundle.Campaigns, name)
		agreed, _ := bundle.Agreed("m-1", "fifty", d.now())
		assert.False(t, agreed, name)
	}
	d := newDesk(t)
	d.agree(named("coffee", "fifty"))
	d.campaign(fifty())
	third := wire.Campaign{ID: "coffee", Partners: []string{"m-2", "m-3"}}
	refusedFor(t, d.campaignOf("m-1", third), "partners[1]", "nor a stranger")
}

func TestAnAgreementIsRedeemedUnderAndSeenByBoth(t *testing.T) {
	d := newDesk(t)
	d.agree(named("fifty"))
	d.campaign(fifty())
	d.campaign(coffee)
	own, partner := d.till("s-1", "7"), d.tillOf("m-2", "x-1", "1")
	pass := d.phone().accept("fifty", true).Pass
	assert.Equal(t, []string{"m-1", "m-2"}, audienceOf(t, pass))

	bundle := partner.bundle()
	require.Len(t, bundle.Campaigns, 1, "coffee is not agreed upon")
	assert.Equal(t, "m-1", bundle.Campaigns[0].Owner)
	assert.Equal(t, []trust.Agreement{{Owner: "m-1", Campaigns: []string{"fifty"}}}, bundle.Agreements)
	assert.Empty(t, own.bundle().Agreements, "the owner redeems its own")
	assert.Empty(t, own.bundle().Campaigns[0].Owner)

	euros := func(amount int64) func(*record.Record) {
		return func(r *record.Record) { r.Campaign, r.Given.Amount = "fifty", amount }
	}
	first := partner.redemption(pass, euros(5000))
	require.Equal(t, record.Confirmed, partner.verdict(first).Status)
	require.Equal(t, record.Confirmed, own.verdict(own.redemption(pass, euros(3000))).Status)
	require.Equal(t, record.Confirmed, partner.verdict(partner.part(first.ID, 1000)).Status)
	figures := func(merchant string) (rows []string) {
		for _, f := range read[wire.Figures](t, d.manageAs(merchant, "GET", wire.PathFigures, nil), http.StatusOK).Figures {
			if f.Redeemed+f.Voided > 0 {
				assert.Equal(t, "fifty", f.Campaign)
				rows = append(rows, f.Merchant)
			}
		}
		return rows
	}
	assert.Equal(t, []string{"m-1", "m-2"}, figures("m-1"), "the owner sees all")
	assert.Equal(t, []string{"m-2"}, figures("m-2"), "the partner what its own tills did")
	for _, merchant := range []string{"m-1", "m-2"} {
		assert.Len(t, d.agreements(merchant), 1)
	}
	ledger := read[wire.Ledger](t, d.manageAs("m-2", "GET", wire.PathLedger, nil), http.StatusOK).Ledger
	assert.Empty(t, ledger, "it is the owner's")
}

// What is out when an agreement ends is redeemed until it expires; what is issued later is not for the partner.
func TestTheEndOfAnAgreement(t *testing.T) {
	const valid = 24 * time.Hour
	for _, by := range []string{"m-1", "m-2"} {
		d := newDesk(t)
		a := d.agree()
		d.campaign(fifty(func(c *wire.Campaign) { c.ValidSeconds = int64(valid / time.Second) }))
		partner := d.tillOf("m-2", "x-1", "1")
		agreed, _ := partner.bundle().Agreed("m-1", "fifty", d.now())
		assert.True(t, agreed, "it was agreed")
		out := d.phone().accept("fifty", true).Pass
		voided := partner.redemption(out)
		require.Equal(t, record.Confirmed, partner.verdict(voided).Status)
		d.set(d.now().Add(time.Hour))
		ended := d.end(by, a, false)
		assert.Equal(t, by, ended.EndedBy)
		late := d.phone().accept("fifty", true).Pass
		assert.Equal(t, []string{"m-1"}, audienceOf(t, late), "it is for the owner alone")

		bundle := partner.bundle()
		require.Len(t, bundle.Campaigns, 1, "its rules are needed for what is out")
		agreed, _ = bundle.Agreed("m-1", "fifty", d.now().Add(-time.Hour))
		assert.True(t, agreed, "it was agreed")
		agreed, _ = bundle.Agreed("m-1", "fifty", d.now())
		assert.False(t, agreed, "nothing was agreed")
		assert.Equal(t, record.Confirmed, partner.verdict(partner.redemption(out)).Status, "ended by %s", by)
		v := partner.verdict(partner.redemption(late))
		assert.Equal(t, fault.OtherMerchant, v.Reason)
		assert.Equal(t, record.Confirmed, partner.verdict(partner.void(voided.ID)).Status, "it takes no right to void")

		d.set(d.now().Add(valid + time.Second))
		assert.Len(t, partner.bundle().Campaigns, 1, "a sale that holds an offer is completed")
		d.set(d.now().Add(24 * time.Hour))
		bundle = partner.bundle()
		assert.Empty(t, bundle.Campaigns, "nothing is out any more")
		assert.Empty(t, bundle.Agreements)
	}
}

func TestThePartnerStopsAtOnceAtItsOwnTills(t *testing.T) {
	d := newDesk(t)
	a := d.agree()
	d.campaign(fifty())
	partner, own := d.tillOf("m-2", "x-1", "1"), d.till("s-1", "7")
	require.Len(t, partner.bundle().Campaigns, 1)
	pass := d.phone().accept("fifty", true).Pass
	before := partner.redemption(pass)
	atOnce := wire.NewAgreementState{State: wire.AgreementEnded, AtOnce: true}
	refusedFor(t, d.state("m-1", a, atOnce), "atOnce", "the owner cannot")
	stopped := d.end("m-2", d.end("m-1", a, false), true)
	assert.Equal(t, "m-1", stopped.EndedBy, "it was ended before")
	assert.NotZero(t, stopped.Stopped)
	bundle := partner.bundle()
	assert.Empty(t, bundle.Campaigns)
	agreed, told := bundle.Agreed("m-1", "fifty", d.now().Add(-time.Hour))
	assert.Equal(t, [2]bool{false, true}, [2]bool{agreed, told})
	assert.Equal(t, record.Confirmed, partner.verdict(before).Status, "what was allowed before they heard")
	assert.Equal(t, record.Confirmed, own.verdict(own.redemption(pass)).Status, "the owner's tills go on")
}

// Who proposes, accepts and ends what, and what each is told.
func TestAnAgreementNeedsBothKeys(t *testing.T) {
	d := newDesk(t)
	active := wire.NewAgreementState{State: wire.AgreementActive}
	a := d.propose("m-1")
	assert.Equal(t, wire.AgreementProposed, a.State)
	refusedFor(t, d.state("m-1", a, active), "state", "whoever proposed it cannot accept it")
	assert.Equal(t, "unauthorized", codeOf(t, d.state("m-3", a, active)))
	for range 2 { // again is no harm
		got := read[wire.Agreement](t, d.state("m-2", a, active), http.StatusOK)
		assert.Equal(t, wire.AgreementActive, got.State)
		assert.Equal(t, d.now().UnixMilli(), got.Accepted)
	}
	d.end("m-1", a, false)
	assert.Equal(t, "conflict", codeOf(t, d.state("m-2", a, active)), "its end cannot be undone")
	asks := func(n wire.NewAgreement) *httptest.ResponseRecorder { return d.manage("POST", wire.PathAgreements, n) }
	for what, w := range map[string]*httptest.ResponseRecorder{
		"between two others":   asks(wire.NewAgreement{Owner: "m-2", Partner: "m-3"}),
		"with nobody":          asks(wire.NewAgreement{Owner: "m-1", Partner: "m-3"}),
		"with itself":          asks(wire.NewAgreement{Owner: "m-1", Partner: "m-1"}),
		"no campaign":          asks(wire.NewAgreement{Owner: "m-1", Partner: "m-2", Campaigns: []string{"a b"}}),
		"no number":            asks(wire.NewAgreement{Owner: "m-1", Partner: "m-2", Coupons: []string{"95"}}),
		"one that is not":      d.state("m-1", wire.Agreement{ID: "X"}, active),
		"with an unknown word": d.state("m-2", a, wire.NewAgreementState{State: "maybe"}),
		"accepted at once":     d.state("m-2", a, wire.NewAgreementState{State: wire.AgreementActive, AtOnce: true}),
	} {
		assert.GreaterOrEqual(t, w.Code, 400, what)
		assert.Less(t, w.Code, 500, what)
	}
	turned := d.propose("m-2")
	d.end("m-1", turned, false)
	assert.Equal(t, "not-found", codeOf(t, d.state("m-1", turned, active)), "a proposal that was turned down is gone")
}

// A merchant cannot fill another's list.
func TestProposalsAreBounded(t *testing.T) {
	d := newDesk(t)
	for range 100 {
		d.propose("m-2")
	}
	over := d.manageAs("m-2", "POST", wire.PathAgreements, wire.NewAgreement{Owner: "m-1", Partner: "m-2"})
	assert.Equal(t, "conflict", codeOf(t, over))
	d.end("m-1", d.agreements("m-1")[0], false)
	d.propose("m-2")
}
