package redeem_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

func reasonFor(t *testing.T, d redeem.Decision, code fault.Code) redeem.Reason {
	t.Helper()
	for _, r := range d.Reasons {
		if r.Code == code {
			return r
		}
	}
	t.Fatalf("%s has no reason %s", d, code)
	return redeem.Reason{}
}

func TestADecisionSaysWhatTheOfferIs(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.UnprovenPerDay.Number = 9
	worth := terms.Terms{Kind: terms.AmountOff, Amount: 100, Currency: "EUR", Combinable: true}
	until := noon.Add(10 * time.Hour)
	coupons := couponCampaign()
	terminal := shop.with(t, trust.Campaign{Name: "spring", Title: "Spring offer", Terms: worth,
		NotBefore: noon.Add(-2 * time.Hour), NotAfter: until}, coupons)
	for name, test := range map[string]struct {
		scanned   string
		title     string
		terms     terms.Terms
		from, end time.Time
	}{
		"the narrower bounds": {pass(t, nil), "Spring offer", worth, noon.Add(-time.Hour), until},
		"its own terms": {pass(t, func(p *offer.Pass) { tenPercent(p); p.NotAfter = noon.Add(time.Hour) }),
			"Spring offer",
			terms.Terms{Kind: terms.PercentOff, Percent: 1000, Combinable: true}, noon.Add(-time.Hour),
			noon.Add(time.Hour)},
		"a coupon":     {gcn("1"), "Two euros off", coupons.Terms, time.Time{}, time.Time{}},
		"a short code": {offer.NewID().Code(), "", terms.Terms{}, time.Time{}, time.Time{}},
	} {
		for range 2 { // also when it is repeated
			d := redeemed(t, terminal, test.scanned, name)
			require.Equal(t, redeem.Allow, d.Outcome, d.String())
			assert.Equal(t, test.title, d.Title, name)
			assert.Equal(t, test.terms, d.Terms, name)
			assert.Equal(t, test.from, d.NotBefore, name)
			assert.Equal(t, test.end, d.NotAfter, name)
		}
	}
	refused := redeemed(t, terminal, pass(t, func(p *offer.Pass) { p.Audience = []string{"m-2"} }), "t")
	assert.Equal(t, "Spring offer", refused.Title, "a refusal says it too")
}

// A cashier's text is filled in from values and not from the detail's words.
func TestReasonsCarryWhatACashiersTextNeeds(t *testing.T) {
	shop := newShop(t)
	terminal := shop.with(t, trust.Campaign{Name: "spring", Title: "Spring offer"})
	ended := redeemed(t, terminal, pass(t, func(p *offer.Pass) { p.NotAfter = noon.Add(-time.Minute) }), "1")
	assert.Equal(t, noon.Add(-time.Minute), reasonFor(t, ended, fault.Expired).Ends)
	begins := redeemed(t, terminal, pass(t, func(p *offer.Pass) { p.NotBefore = noon.Add(time.Minute) }), "2")
	assert.Equal(t, noon.Add(time.Minute), reasonFor(t, begins, fault.NotYetValid).Begins)

	code := (offer.ID{1, 2, 3, 4, 5}).Code() // of which one swap has one explanation
	wrong := map[bool]byte{true: '1', false: '0'}[code[11] == '0']
	assert.Equal(t, 12, reasonFor(t, redeemed(t, terminal, code[:11]+string(wrong)+code[12:], "3"),
		fault.Mistyped).Position)
	first := 0
	for code[first] == code[first+1] {
		first++
	}
	swapped := redeemed(t, terminal, swapped(code), "3")
	assert.Equal(t, first+1, reasonFor(t, swapped, fault.Swapped).Position)

	scanned := pass(t, func(p *offer.Pass) { p.Terms = terms.Terms{Kind: terms.FreeItem} })
	d := redeemed(t, terminal, scanned, "4")
	other := decision.Other{Redemption: d.Redemption, Receipt: d.Receipt, Campaign: "spring", Title: "Spring offer"}
	assert.Equal(t, other, reasonFor(t, redeemed(t, terminal, pass(t, nil), "4"), fault.NotCombinable).Other)
	again := redeemed(t, terminal, scanned, "5")
	assert.Equal(t, other, reasonFor(t, again, fault.AlreadyRedeemed).Other)
	text, err := json.Marshal(again)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"other":{"redemption":"`+d.Redemption.String())
	text, err = json.Marshal(redeemed(t, terminal, "nonsense of many words", "6"))
	require.NoError(t, err)
	assert.NotContains(t, string(text), "other", "what is not known is left out")
	assert.NotContains(t, string(text), "0001-01-01")
}

// A till whose clock is not believed says what its clock makes of an offer's validity, and nothing that an old bound
// makes of it.
func TestValidityUnderADoubtedClock(t *testing.T) {
	week := 7 * 24 * time.Hour
	for name, test := range map[string]struct {
		wall       time.Time
		from, till time.Time
		want       string
	}{
		"ended for certain": {noon.Add(-week), noon.Add(-2 * week), noon,
			"refuse expired clock-untrusted"},
		"ended by the clock": {noon.AddDate(0, 1, 0), noon.Add(-week), noon.Add(week),
			"ask clock-untrusted"}, // by the count it has not
		"not begun by the clock": {noon.AddDate(0, 1, 0), noon.AddDate(0, 2, 0), noon.AddDate(0, 3, 0),
			"ask clock-untrusted not-yet-valid"},
		"begun by the clock": {noon.AddDate(0, 1, 0), noon.Add(2 * week), noon.AddDate(0, 3, 0),
			"ask clock-untrusted not-yet-valid"},
		"a dead clock, begun": {time.Unix(0, 0), noon.Add(-week), noon.Add(week), "ask clock-untrusted"},
		"a dead clock, perhaps not yet": {time.Unix(0, 0), noon.Add(time.Hour), noon.Add(week),
			"ask clock-untrusted not-yet-valid"},
		"a dead clock, ended long since": {time.Unix(0, 0), noon.Add(-2 * week), noon.Add(-week),
			"refuse expired clock-untrusted"},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			shop.clock.set(test.wall)
			d := redeemed(t, terminal, pass(t, func(p *offer.Pass) {
				p.IssuedAt, p.NotBefore, p.NotAfter = test.from.Add(-time.Hour), test.from, test.till
			}), "s")
			assert.Equal(t, test.want, d.String())
		})
	}
	shop := newShop(t)
	shop.cfg.Policy.Unattended = true
	terminal := shop.online(t)
	shop.clock.set(noon.AddDate(0, 1, 0))
	assert.Equal(t, redeem.Refuse, redeemed(t, terminal, pass(t, nil), "s").Outcome, "nobody is there to be asked")
}

// A till that nobody set up says only that. README's first program met four reasons, none of which named the cause.
func TestATillThatIsNotEnrolledSaysOnlyThat(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.MaxBundleAge = time.Hour
	terminal := shop.open(t)
	scanned := pass(t, nil)
	for name, text := range map[string]string{
		"pass": scanned, "short code": offer.NewID().Code(), "ended": pass(t,
			func(p *offer.Pass) { p.NotAfter = noon.Add(-time.Minute) }),
		"for a store": pass(t, func(p *offer.Pass) { p.Stores = []string{"s-1"} }),
	} {
		assert.Equal(t, "ask not-enrolled", redeemed(t, terminal, text, name).String(), name)
	}
	word := redeem.Request{Scanned: scanned, SaleKey: "s", Override: &redeem.Override{Manager: "12", Why: "first day"}}
	d := atOnce(t, terminal, word)
	require.Equal(t, "allow not-enrolled", d.String())
	assert.Equal(t, "refuse already-redeemed not-enrolled", redeemed(t, terminal, scanned, "t").String(),
		"its own journal counts")
	all := listed(t, terminal, redeem.Query{SaleKey: "s"})
	assert.Equal(t, []fault.Code{fault.NotEnrolled}, all[0].Record.Override.Reasons)

	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, "allow", redeemed(t, terminal, pass(t, nil), "u").String())
	assert.Equal(t, "ask unproven", redeemed(t, terminal, offer.NewID().Code(), "v").String())

	alone := newShop(t)
	alone.cfg.Policy.Unattended = true
	assert.Equal(t, "refuse not-enrolled", redeemed(t, alone.open(t), scanned, "s").String())
	named := newShop(t)
	named.cfg.Place.Merchant = "m-9"
	assert.Equal(t, "refuse other-merchant not-enrolled", redeemed(t, named.open(t), scanned, "s").String(),
		"it was told whose it is")
}

// A till that is never to be enrolled and believes its clock works by its own rules, as it always did.
func TestATillOnItsOwnNeedsNoEnrolment(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.MaxAlone, shop.cfg.Policy.UnprovenPerDay.Number = -1, 1
	terminal := shop.open(t)
	assert.Equal(t, "allow", redeemed(t, terminal, offer.NewID().Code(), "a").String())
	assert.Equal(t, "ask not-enrolled", redeemed(t, terminal, offer.NewID().Code(), "b").String())
	withKey := newShop(t)
	withKey.cfg.Policy.MaxAlone, withKey.cfg.Keys, withKey.cfg.Place.Merchant = -1, []offer.Key{issuer.Key()}, "m-1"
	terminal = withKey.open(t)
	assert.Equal(t, "allow", redeemed(t, terminal, pass(t, nil), "a").String())
	assert.Equal(t, "ask unproven", redeemed(t, terminal, offer.NewID().Code(), "b").String())
}

// The till may be enrolled while it decides.
func TestDecisionsDuringTheEnrolment(t *testing.T) {
	terminal := newShop(t).open(t)
	done := make(chan error)
	go func() { done <- terminal.ReportNow(t.Context()) }()
	for i := range 200 {
		redeemed(t, terminal, pass(t, nil), fmt.Sprint(i))
	}
	require.NoError(t, <-done)
}

func TestQueryFindsByReceiptAndRedemption(t *testing.T) {
	terminal := newShop(t).online(t)
	for i := range 50 {
		gave(t, terminal, string(rune('a'+i)), euros(100))
	}
	d := gave(t, terminal, "s", euros(500))
	gave(t, terminal, "s", euros(100))
	done := corrected(t, terminal, redeem.CorrectRequest{Redemption: d.Redemption, Given: euros(400)})
	v := voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemption})
	want := []record.ID{d.Redemption, done.Corrections[0], v.Voids[0]}
	elsewhere := record.NewID().Receipt()
	foreign := voided(t, terminal, redeem.VoidRequest{Receipt: elsewhere, Key: "r-1"})
	typed := record.Receipt(" " + string(d.Receipt[:5]) + " " + string(d.Receipt[6:]))
	for name, test := range map[string]struct {
		q    redeem.Query
		want []record.ID
	}{
		"redemption":      {redeem.Query{Redemption: d.Redemption}, want},
		"receipt":         {redeem.Query{Receipt: d.Receipt}, want},
		"as it is typed":  {redeem.Query{Receipt: typed}, want},
		"both":            {redeem.Query{Receipt: d.Receipt, Redemption: d.Redemption, SaleKey: "s"}, want},
		"of a sale":       {redeem.Query{Receipt: d.Receipt, SaleKey: "t"}, nil},
		"of another till": {redeem.Query{Receipt: elsewhere}, foreign.Voids},
		"a void":          {redeem.Query{Redemption: v.Voids[0]}, v.Voids},
		"another":         {redeem.Query{Redemption: record.NewID()}, nil},
		"no receipt":      {redeem.Query{Receipt: record.NewID().Receipt()}, nil},
	} {
		var got []record.ID
		for _, l := range listed(t, terminal, test.q) {
			got = append(got, l.Record.ID)
		}
		assert.Equal(t, test.want, got, name)
	}
	totals, err := terminal.Totals(t.Context(), redeem.Query{Receipt: typed})
	require.NoError(t, err)
	require.Len(t, totals, 1)
	assert.Equal(t, []int64{400, 400}, []int64{totals[0].Given, totals[0].Returned})
	for _, err := range terminal.Records(t.Context(), redeem.Query{Receipt: "no receipt"}) {
		assert.ErrorIs(t, err, fault.Unreadable)
	}
	_, err = terminal.Totals(t.Context(), redeem.Query{Receipt: "no receipt"})
	assert.ErrorIs(t, err, fault.Unreadable)
}
