package redeem_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// gave redeems a fresh offer in a sale, for what the POS gave.
func gave(t *testing.T, terminal *redeem.Terminal, sale string, amount record.Money) redeem.Decision {
	t.Helper()
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: sale, Given: amount})
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	return d
}

// returned are the amounts of voids as the backend gets them.
func (s *shop) returned(t *testing.T, terminal *redeem.Terminal, v redeem.Voided) (all []string) {
	t.Helper()
	require.NoError(t, terminal.ReportNow(t.Context()))
	for _, id := range v.Voids {
		rec := s.desk.booked[id]
		all = append(all, fmt.Sprintf("%d %s by %s", rec.Given.Amount, rec.Given.Currency, rec.GivenBy))
	}
	return all
}

func TestAPartialReturnIsSpreadOverTheOffersOfASale(t *testing.T) {
	francs := func(n int64) record.Money { return record.Money{Amount: n, Currency: "CHF"} }
	part := func(amount record.Money, key string) redeem.VoidRequest {
		return redeem.VoidRequest{SaleKey: "s", Partial: true, Returned: amount, Key: key}
	}
	shop := newShop(t)
	terminal := shop.online(t)
	a, b, c := gave(t, terminal, "s", euros(300)), gave(t, terminal, "s", euros(100)),
		gave(t, terminal, "s", francs(900))
	gave(t, terminal, "s", record.Money{Currency: "EUR"})

	first := voided(t, terminal, part(euros(101), "r1"))
	assert.Equal(t, []record.ID{a.Redemption, b.Redemption}, first.Redemptions,
		"only where something was given in euros")
	assert.Equal(t, []string{"76 EUR by pos", "25 EUR by pos"}, shop.returned(t, terminal, first),
		"not twice, and by what each gave")
	assert.Equal(t, first.Voids, voided(t, terminal, part(euros(101), "r1")).Voids, "the same return twice")
	second := voided(t, terminal, part(euros(299), "r2"))
	assert.Equal(t, []string{"224 EUR by pos", "75 EUR by pos"}, shop.returned(t, terminal, second),
		"by what is left of each")
	for name, amount := range map[string]record.Money{"one cent more": euros(1), "francs of euros": francs(901),
		"dollars": {Amount: 1, Currency: "USD"}} {
		_, err := terminal.Void(t.Context(), part(amount, name))
		assert.ErrorIs(t, err, fault.OverReturn, name)
	}
	assert.Equal(t, []string{"1 CHF by pos"}, shop.returned(t, terminal, voided(t, terminal, part(francs(1), "r3"))))

	rest := voided(t, terminal, redeem.VoidRequest{SaleKey: "s"})
	assert.Equal(t, []string{"0 EUR by remainder", "0 EUR by remainder", "899 CHF by remainder", "0 EUR by remainder"},
		shop.returned(t, terminal, rest),
		"what is left of each, each in its currency")
	assert.Contains(t, rest.Redemptions, c.Redemption)
	_, err := terminal.Void(t.Context(), part(euros(1), "r4"))
	assert.ErrorIs(t, err, fault.AlreadyVoided)
	assert.True(t, voided(t, terminal, redeem.VoidRequest{SaleKey: "s"}).Again,
		"a repeated call has the answer of the first")
}

// A whole void for which the POS states euros gives the francs back that it does not speak of.
func TestAStatedAmountOfAWholeVoidIsSpreadToo(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	for _, amount := range []record.Money{euros(300), euros(100), {Amount: 900, Currency: "CHF"}} {
		gave(t, terminal, "s", amount)
	}
	v := voided(t, terminal, redeem.VoidRequest{SaleKey: "s", Returned: euros(200), Key: "r"})
	assert.Equal(t, []string{"150 EUR by pos", "50 EUR by pos", "900 CHF by remainder"}, shop.returned(t, terminal, v))
	assert.True(t, voided(t, terminal, redeem.VoidRequest{SaleKey: "s", Returned: euros(200), Key: "r"}).Again,
		"a repeated call has the answer of the first")
}

func TestNothingIsTakenBackOfNothing(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	for name, amount := range map[string]record.Money{"zero": {Currency: "EUR"}, "not known": {}} {
		d := gave(t, terminal, name, amount)
		for _, partial := range []bool{true, false} {
			_, err := terminal.Void(t.Context(), redeem.VoidRequest{Redemption: d.Redemption, Partial: partial,
				Returned: euros(1)})
			assert.ErrorIs(t, err, fault.OverReturn, name)
		}
		part := voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemption, Partial: true,
			Returned: record.Money{Currency: "EUR"}})
		assert.Equal(t, []string{"0 EUR by pos"}, shop.returned(t, terminal, part), name)
		whole := voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemption})
		assert.Equal(t, []string{fmt.Sprintf("0 %s by remainder", amount.Currency)}, shop.returned(t, terminal, whole),
			name)
	}
}

// Whoever scans a stamp card at the till takes back its last use, here as at any other till.
func TestAVoidByTheOfferTakesTheNewestUse(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, func(p *offer.Pass) { p.Uses, p.OfflineUses = 4, 4 })
	var uses []record.ID
	for i := range 3 {
		uses = append(uses, redeemed(t, terminal, scanned, fmt.Sprint(i)).Redemption)
	}
	voided(t, terminal, redeem.VoidRequest{Redemption: uses[1]})
	for i, want := range []record.ID{uses[2], uses[0]} {
		req := redeem.VoidRequest{Scanned: scanned, Key: fmt.Sprint("r", i)}
		v := voided(t, terminal, req)
		assert.Equal(t, []record.ID{want}, v.Redemptions)
		assert.False(t, v.Again || v.Pending, "it was voided here and now")
		again := voided(t, terminal, req)
		assert.True(t, again.Again, "the same call again")
		assert.Equal(t, v.Voids, again.Voids)
	}
	// Of what was redeemed here nothing is left: the customer brings back what another till sold.
	req := redeem.VoidRequest{Scanned: scanned, Key: "r9"}
	v := voided(t, terminal, req)
	assert.True(t, v.Pending, "nobody here knows it")
	assert.Equal(t, []record.ID{{}}, v.Redemptions)
	assert.True(t, voided(t, terminal, req).Pending, "its redemption is not there yet")
	last := voided(t, terminal, redeem.VoidRequest{Scanned: scanned})
	assert.True(t, last.Again, "without a key it is taken for a repetition")
	assert.Equal(t, []record.ID{uses[2]}, last.Redemptions, "of the newest")
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.True(t, shop.desk.booked[v.Voids[0]].Of.IsZero(), "it names no redemption")
}

func TestAVoidSaysWhetherItsVerdictFollows(t *testing.T) {
	terminal := newShop(t).online(t)
	here := redeemed(t, terminal, pass(t, nil), "s")
	for name, test := range map[string]struct {
		req     redeem.VoidRequest
		pending bool
	}{
		"receipt":      {redeem.VoidRequest{Receipt: record.NewID().Receipt()}, true},
		"offer":        {redeem.VoidRequest{Scanned: offer.NewID().Code()}, true},
		"id":           {redeem.VoidRequest{Redemption: record.NewID()}, true},
		"known here":   {redeem.VoidRequest{Receipt: here.Receipt, Partial: true}, false},
		"all of it":    {redeem.VoidRequest{SaleKey: "s"}, false},
		"already done": {redeem.VoidRequest{Redemption: here.Redemption}, false},
	} {
		if name != "already done" {
			test.req.Key = "return " + name
		}
		for range 2 {
			assert.Equal(t, test.pending, voided(t, terminal, test.req).Pending, name)
		}
	}
}

// A return key that comes back for something else is a mistake of the POS. It is never an answer to the wrong question.
func TestAReturnKeyIsForOneReturn(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, nil)
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "s", Given: euros(500),
		BusinessDate: "2026-11-23"})
	require.NoError(t, err)
	other := gave(t, terminal, "other", euros(500))
	elsewhere := record.NewID().Receipt()
	changes := map[string]func(*redeem.VoidRequest){
		"another redemption": func(r *redeem.VoidRequest) { *r = redeem.VoidRequest{Redemption: other.Redemption} },
		"another sale":       func(r *redeem.VoidRequest) { *r = redeem.VoidRequest{SaleKey: "other"} },
		"another receipt":    func(r *redeem.VoidRequest) { *r = redeem.VoidRequest{Receipt: other.Receipt} },
		"unknown receipt":    func(r *redeem.VoidRequest) { *r = redeem.VoidRequest{Receipt: record.NewID().Receipt()} },
		"another offer":      func(r *redeem.VoidRequest) { *r = redeem.VoidRequest{Scanned: offer.NewID().Code()} },
		"a part":             func(r *redeem.VoidRequest) { r.Partial = !r.Partial },
		"another amount":     func(r *redeem.VoidRequest) { r.Returned = euros(r.Returned.Amount + 1) },
		"another currency":   func(r *redeem.VoidRequest) { r.Returned = record.Money{Amount: 10, Currency: "CHF"} },
		"another day's sale": func(r *redeem.VoidRequest) {
			*r = redeem.VoidRequest{SaleKey: "s", SaleDate: "2026-11-22", Partial: r.Partial, Returned: r.Returned}
		},
	}
	for _, req := range []redeem.VoidRequest{
		{Key: "part", Redemption: d.Redemption, Partial: true, Returned: euros(10)},
		{Key: "elsewhere", Receipt: elsewhere, Returned: euros(10)},
		{Key: "whole", SaleKey: "s", SaleDate: "2026-11-23"},
	} {
		name := req.Key
		first := voided(t, terminal, req)
		for change, apply := range changes {
			wrong := req
			apply(&wrong)
			wrong.Key = name
			_, err := terminal.Void(t.Context(), wrong)
			assert.ErrorIs(t, err, fault.Conflict, "%s, then %s", name, change)
		}
		again := voided(t, terminal, req)
		assert.True(t, again.Again, name)
		assert.Equal(t, first.Voids, again.Voids)
		if name == "part" {
			req.BusinessDate = "2026-12-24" // where it is given it is part of the name
			assert.False(t, voided(t, terminal, req).Again, "another day's return has the same number")
		}
	}
	same := redeem.VoidRequest{Key: "whole"} // the same redemption by another of its names is the same return
	for _, name := range []func(*redeem.VoidRequest){
		func(r *redeem.VoidRequest) { r.Receipt = d.Receipt },
		func(r *redeem.VoidRequest) { r.Redemption = d.Redemption },
		func(r *redeem.VoidRequest) { r.Scanned = scanned },
	} {
		req := same
		name(&req)
		assert.True(t, voided(t, terminal, req).Again, "a repeated call has the answer of the first")
	}
}

// What was said of a sale key after a whole void.
func TestASaleKeyRedeemsAnewAfterAWholeVoid(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, func(p *offer.Pass) { p.NotAfter = noon.AddDate(1, 0, 0) })
	first := redeemed(t, terminal, scanned, "s")
	voided(t, terminal, redeem.VoidRequest{Redemption: first.Redemption})
	second := redeemed(t, terminal, scanned, "s")
	assert.False(t, second.Again, "another call")
	voided(t, terminal, redeem.VoidRequest{Redemption: second.Redemption})
	shop.clock.pass(21 * time.Hour)
	third := redeemed(t, terminal, scanned, "s")
	assert.Equal(t, redeem.Allow, third.Outcome, "what was voided is in nobody's way: %s", third)
}

// A key without a day names a return for as long as a sale key names a sale: a second part that comes back the next day
// under the same key is not swallowed.
func TestAReturnKeyOfYesterdayIsAConflict(t *testing.T) {
	scanned := pass(t, card(4))
	part := redeem.VoidRequest{SaleKey: "s", Partial: true, Returned: euros(10)}
	dated := part
	dated.BusinessDate = "2026-11-23"
	const soon, nextDay = 20 * time.Hour, 21 * time.Hour
	for name, test := range map[string]struct {
		req   redeem.VoidRequest
		later time.Duration
		code  fault.Code
	}{
		"a part, soon":                 {part, soon, ""},
		"a part, the next day":         {part, nextDay, fault.Conflict},
		"a part, the day stated":       {dated, nextDay, ""},
		"a use by offer, the next day": {redeem.VoidRequest{Scanned: scanned}, nextDay, fault.Conflict},
		"the whole sale, the next day": {redeem.VoidRequest{SaleKey: "s"}, nextDay, ""},
	} {
		shop := newShop(t)
		terminal := shop.online(t)
		atOnce(t, terminal, redeem.Request{Scanned: scanned, SaleKey: "s", Given: euros(100), Uses: 2})
		test.req.Key = "r"
		first := voided(t, terminal, test.req)
		pending := terminal.Status().Pending
		shop.clock.pass(test.later)
		again, err := terminal.Void(t.Context(), test.req)
		assert.Equal(t, test.code, fault.CodeOf(err), "%s: %v", name, err)
		assert.Equal(t, pending, terminal.Status().Pending, "%s: nothing is written", name)
		if test.code == "" {
			assert.Equal(t, first.Voids, again.Voids, name)
		} else {
			assert.ErrorContains(t, err, first.Voids[0].String(), name)
		}
	}
}

// Who states more for a whole void than the one before took back hears that nothing is left, and is not told that it
// was the same.
func TestAWholeVoidForMoreThanTheOneBeforeIsRefused(t *testing.T) {
	terminal := newShop(t).online(t)
	d := gave(t, terminal, "s", euros(100))
	void := func(amount int64, key string) error {
		return errOf(terminal.Void(t.Context(),
			redeem.VoidRequest{Redemption: d.Redemption, Returned: euros(amount), Key: key}))
	}
	require.NoError(t, void(40, ""))
	for _, key := range []string{"", "r"} {
		assert.NoError(t, void(40, key), "the same amount again, key %q", key)
		assert.ErrorIs(t, void(60, key+"2"), fault.AlreadyVoided, "more, key %q", key)
	}
	francs := redeem.VoidRequest{Redemption: d.Redemption, Returned: record.Money{Amount: 1, Currency: "CHF"}}
	assert.ErrorIs(t, errOf(terminal.Void(t.Context(), francs)), fault.AlreadyVoided, "in another currency")
}
