package redeem_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// sold redeems a fresh offer for so many cents.
func sold(t *testing.T, terminal *redeem.Terminal, cents int64) redeem.Decision {
	t.Helper()
	d := spend(t, terminal, "a", cents)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	return d
}

// overVoids asserts that a void was stopped by a limit that is so far, and that a manager could allow it.
func overVoids(t *testing.T, terminal *redeem.Terminal, req redeem.VoidRequest, limit string, most, used int64) {
	t.Helper()
	v, err := terminal.Void(t.Context(), req)
	require.ErrorIs(t, err, fault.OverVoids)
	assert.Empty(t, v.Voids, "nothing is recorded")
	require.Len(t, v.Reasons, 1)
	reason := v.Reasons[0]
	assert.Equal(t, fault.OverVoids, reason.Code)
	assert.Equal(t, redeem.Ask, reason.Outcome)
	assert.Contains(t, reason.Detail, limit)
	assert.Equal(t, []int64{most, used}, []int64{reason.Limit, reason.Used}, "how far the limit is")
}

// One pass that is good for one use, in fifty sales with a void each.
func TestVoidLoopIsStopped(t *testing.T) {
	loop := func(t *testing.T, terminal opener) (sales int, err error) {
		scanned := pass(t, func(p *offer.Pass) { p.NotAfter = noon.AddDate(1, 0, 0) })
		for sales = range 50 {
			d := redeemed(t, terminal(), scanned, fmt.Sprint(sales))
			require.Equal(t, redeem.Allow, d.Outcome, d.String())
			if _, err = terminal().Void(t.Context(), redeem.VoidRequest{Redemption: d.Redemption}); err != nil {
				return sales, err
			}
		}
		return 50, nil
	}
	restarted(t, "no limit", redeem.Policy{}, func(t *testing.T, shop *shop, terminal opener) {
		sales, err := loop(t, terminal)
		require.NoError(t, err)
		assert.Equal(t, 50, sales, "without a limit nothing stops it")
		voids := terminal().Status().Voids
		require.Len(t, voids, 2, "but all are counted")
		assert.Equal(t, redeem.Budget{Name: "voidsPerHour", Used: trust.Allowance{Number: 50}}, voids[0])
		assert.Equal(t, redeem.Budget{Name: "voidsPerOperator", Used: trust.Allowance{Number: 50}}, voids[1])
	})
	restarted(t, "two an offer", redeem.Policy{VoidsPerOffer: 2}, func(t *testing.T, shop *shop, terminal opener) {
		sales, err := loop(t, terminal)
		require.ErrorIs(t, err, fault.OverVoids)
		assert.Equal(t, 2, sales, "the third void is stopped")
		_, err = loop(t, terminal)
		assert.ErrorIs(t, err, fault.OverVoids, "another offer has voids of its own")
	})
}

func TestVoidsOfAnOfferCountUnderBothItsNames(t *testing.T) {
	restarted(t, "by name", redeem.Policy{VoidsPerOffer: 1}, func(t *testing.T, shop *shop, terminal opener) {
		scanned := pass(t, func(p *offer.Pass) { p.NotAfter = noon.AddDate(1, 0, 0) })
		elsewhere := redeem.VoidRequest{Scanned: scanned, Key: "r1"}
		first := voided(t, terminal(), elsewhere)
		assert.True(t, first.Pending, "another terminal made the redemption")
		assert.True(t, voided(t, terminal(), elsewhere).Again, "a repeated call needs no room")
		elsewhere.Key = "r2"
		overVoids(t, terminal(), elsewhere, "voidsPerOffer", 1, 1)
		d := redeemed(t, terminal(), scanned, "s")
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
		overVoids(t, terminal(), redeem.VoidRequest{SaleKey: "s"}, "voidsPerOffer", 1, 1)
		part := redeem.VoidRequest{SaleKey: "s", Partial: true, Key: "r3"}
		assert.Len(t, voided(t, terminal(), part).Voids, 1, "a part frees no use")
	})
}

// The names of an offer are kept longer than its records: so are the voids of it.
func TestVoidsOfAnOfferAreKeptAsLongAsTheOffer(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.VoidsPerOffer, shop.cfg.Journal.SegmentSize = 1, 16<<10
	shop.cfg.Journal.KeepReported = time.Minute
	terminal := shop.online(t)
	scanned := pass(t, func(p *offer.Pass) { p.NotAfter = noon.AddDate(1, 0, 0) })
	require.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "s").Outcome)
	voided(t, terminal, redeem.VoidRequest{SaleKey: "s"})
	shop.giveBack(t, terminal)
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	d := redeemed(t, terminal, scanned, "later")
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	overVoids(t, terminal, redeem.VoidRequest{SaleKey: "later"}, "voidsPerOffer", 1, 1)
}

func TestVoidsOfAnOperatorAndOfAnHourAreBounded(t *testing.T) {
	by := func(terminal opener, cents int64, operator string) redeem.VoidRequest {
		return redeem.VoidRequest{Redemption: sold(t, terminal(), cents).Redemption, Operator: operator}
	}
	restarted(t, "operator", redeem.Policy{VoidsPerOperator: trust.Allowance{Number: 2}},
		func(t *testing.T, shop *shop, terminal opener) {
			var request redeem.VoidRequest
			for range 2 {
				request = by(terminal, 100, "7")
				voided(t, terminal(), request)
				require.NoError(t, terminal().ReportNow(t.Context()), "what is reported counts as well")
				shop.clock.pass(2 * time.Hour)
			}
			request = by(terminal, 100, "7")
			overVoids(t, terminal(), request, "voidsPerOperator", 2, 2)
			request = by(terminal, 100, "8")
			voided(t, terminal(), request)
			shop.clock.pass(20 * time.Hour)
			request = by(terminal, 100, "7")
			voided(t, terminal(), request)
			status := terminal().Status().Voids
			require.Len(t, status, 3, "the hour and two operators")
			assert.Equal(t, "7", status[1].Operator)
			assert.Equal(t, 2, status[1].Used.Number, "the first left the day")
		})
	restarted(t, "hour", redeem.Policy{VoidsPerHour: trust.Allowance{Value: 250, Currency: "EUR"}},
		func(t *testing.T, shop *shop, terminal opener) {
			request := by(terminal, 200, "7")
			voided(t, terminal(), request)
			request = by(terminal, 51, "8")
			overVoids(t, terminal(), request, "voidsPerHour", 250, 200)
			request = by(terminal, 50, "8")
			v := voided(t, terminal(), request)
			require.Len(t, v.Budgets, 1)
			assert.EqualValues(t, 50, v.Budgets[0].Limit.Value-v.Budgets[0].Used.Value, "what is left")
			francs := redeem.VoidRequest{Receipt: record.NewID().Receipt(), Key: "r", Returned: record.Money{Amount: 1,
				Currency: "CHF"}}
			overVoids(t, terminal(), francs, "voidsPerHour", 250, 250)
			shop.clock.pass(time.Hour)
			request = by(terminal, 250, "7")
			voided(t, terminal(), request)
		})
}

func TestManagerMayExceedALimitOfVoids(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.VoidsPerHour.Number = 1
	terminal := shop.online(t)
	plain := voided(t, terminal, redeem.VoidRequest{Redemption: sold(t, terminal, 1).Redemption,
		Override: &redeem.Override{Manager: "12", Why: "wrong item"}})
	d := sold(t, terminal, 1)
	request := redeem.VoidRequest{Redemption: d.Redemption}
	overVoids(t, terminal, request, "voidsPerHour", 1, 1)
	request.Override = &redeem.Override{Manager: "12"}
	_, err := terminal.Void(t.Context(), request)
	require.ErrorIs(t, err, fault.InvalidRequest, "a manager says why")
	request.Override.Why = "wrong item"
	v := voided(t, terminal, request)
	require.Len(t, v.Reasons, 1, "what was overridden is told")
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Nil(t, shop.desk.booked[plain.Voids[0]].Override, "where no word was needed none is recorded")
	assert.Equal(t, &record.Override{Manager: "12", Why: "wrong item", Reasons: []fault.Code{fault.OverVoids}},
		shop.desk.booked[v.Voids[0]].Override)
	next := sold(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, []record.Turned{{Reason: fault.OverVoids, Times: 1}}, shop.desk.booked[next.Redemption].Turned,
		"the one that was stopped is counted")
	request.Redemption, request.Override = next.Redemption, nil
	overVoids(t, terminal, request, "voidsPerHour", 1, 2)
}

func TestUnattendedTerminalRefusesVoidsBeyondALimit(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.VoidsPerOffer, shop.cfg.Policy.Unattended = 1, true
	terminal := shop.online(t)
	scanned := pass(t, nil)
	for sale := range 2 {
		require.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, fmt.Sprint(sale)).Outcome)
		v, err := terminal.Void(t.Context(), redeem.VoidRequest{SaleKey: fmt.Sprint(sale),
			Override: &redeem.Override{Manager: "12", Why: "nobody stands here"}})
		if sale == 0 {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, fault.OverVoids)
		assert.Equal(t, redeem.Refuse, v.Reasons[0].Outcome, "no manager stands at it")
	}
}

func TestVoidOfASaleExceedsALimitWhollyOrNotAtAll(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.VoidsPerOffer = 2
	terminal := shop.online(t)
	d, err := terminal.Redeem(t.Context(), redeem.Request{SaleKey: "card", Uses: 3,
		Scanned: pass(t, func(p *offer.Pass) { p.Uses, p.OfflineUses = 3, 3 })})
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	overVoids(t, terminal, redeem.VoidRequest{SaleKey: "card"}, "voidsPerOffer", 2, 0)
	assert.Len(t, voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemption}).Voids, 1)
}

func TestTwoVoidsAtOnceDoNotShareTheLastOfALimit(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.VoidsPerHour.Number = 5
	terminal := shop.online(t)
	var requests []redeem.VoidRequest
	for range 20 {
		requests = append(requests, redeem.VoidRequest{Redemption: sold(t, terminal, 1).Redemption})
	}
	errs := make([]error, len(requests))
	var all sync.WaitGroup
	for i := range requests {
		all.Go(func() { _, errs[i] = terminal.Void(t.Context(), requests[i]) })
	}
	all.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
			continue
		}
		assert.ErrorIs(t, err, fault.OverVoids)
	}
	assert.Equal(t, 5, done, "as many as the limit allows")
}

// giveBack reports what is there and has the journal give back all but its newest records, of which keys alone are
// kept.
func (s *shop) giveBack(t *testing.T, terminal *redeem.Terminal) {
	t.Helper()
	require.NoError(t, terminal.ReportNow(t.Context()))
	for range 100 {
		sold(t, terminal, 1)
	}
	require.NoError(t, terminal.ReportNow(t.Context()))
	s.clock.pass(time.Hour)
	before := redeem.JournalOf(terminal).Stats().Returned
	require.NoError(t, redeem.JournalOf(terminal).Tidy(t.Context()))
	require.Greater(t, redeem.JournalOf(terminal).Stats().Returned, before, "a segment was given back")
}

func TestPoliciesThatLimitVoids(t *testing.T) {
	some := trust.Allowance{Number: 1}
	for want, all := range map[bool][]redeem.Policy{
		false: {{}, {PerHour: some}},
		true:  {{VoidsPerOffer: 1}, {VoidsPerOperator: some}, {VoidsPerHour: some}},
	} {
		for _, p := range all {
			assert.Equal(t, want, redeem.LimitsVoids(&p), "%+v", p)
		}
	}
}
