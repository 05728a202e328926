package redeem_test

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// spend redeems a fresh offer of the campaign that is worth the amount.
func spend(t *testing.T, terminal *redeem.Terminal, campaign string, cents int64) redeem.Decision {
	t.Helper()
	d, err := terminal.Redeem(t.Context(), redeem.Request{
		Scanned: pass(t, func(p *offer.Pass) { p.Campaign, p.NotAfter = campaign, noon.AddDate(1, 0, 0) }),
		SaleKey: offer.NewID().Code(), Given: record.Money{Amount: cents, Currency: "EUR"},
	})
	require.NoError(t, err)
	return d
}

func limited(t *testing.T, d redeem.Decision, limit, used int64) {
	t.Helper()
	assert.Equal(t, redeem.Ask, d.Outcome)
	require.Len(t, d.Reasons, 1, d.String())
	assert.Equal(t, fault.OverLimit, d.Reasons[0].Code)
	assert.Equal(t, []int64{limit, used}, []int64{d.Reasons[0].Limit, d.Reasons[0].Used})
}

// An opener returns the terminal that a step works with.
type opener func() *redeem.Terminal

// restarted runs a test twice: with one terminal all along, and with one that is opened anew before each step, so that
// what counts comes from the journal.
func restarted(t *testing.T, name string, policy redeem.Policy, run func(*testing.T, *shop, opener)) {
	for _, anew := range []bool{false, true} {
		t.Run(fmt.Sprintf("%s, opened anew %t", name, anew), func(t *testing.T) {
			shop := newShop(t)
			shop.cfg.Policy = policy
			shop.dir, shop.disk = "till", &vfs.Memory{}
			terminal := shop.online(t)
			run(t, shop, func() *redeem.Terminal {
				if anew {
					require.NoError(t, terminal.Close())
					terminal = shop.open(t)
				}
				return terminal
			})
		})
	}
}

func TestLimitsBoundWhatATillDoesAlone(t *testing.T) {
	francs := trust.Allowance{Value: 5, Currency: "CHF"}
	thousand := trust.Allowance{Value: 1000, Currency: "EUR"}
	restarted(t, "per hour", redeem.Policy{PerHour: trust.Allowance{Number: 2}}, func(t *testing.T, shop *shop,
		terminal opener) {
		for range 2 {
			require.Equal(t, redeem.Allow, spend(t, terminal(), "a", 100).Outcome)
			shop.clock.pass(20 * time.Minute)
		}
		limited(t, spend(t, terminal(), "a", 100), 2, 2)
		require.NoError(t, terminal().ReportNow(t.Context()))
		limited(t, spend(t, terminal(), "a", 100), 2, 2)
		shop.clock.pass(20 * time.Minute)
		assert.Equal(t, redeem.Allow, spend(t, terminal(), "b", 100).Outcome, "the first left the hour")
		limited(t, spend(t, terminal(), "a", 100), 2, 2)
	})
	restarted(t, "unreported", redeem.Policy{Unreported: thousand}, func(t *testing.T, shop *shop, terminal opener) {
		first := spend(t, terminal(), "a", 600)
		require.Equal(t, redeem.Allow, first.Outcome)
		d := spend(t, terminal(), "b", 401)
		limited(t, d, 1000, 600)
		require.Len(t, d.Budgets, 1)
		assert.EqualValues(t, 400, d.Budgets[0].Limit.Value-d.Budgets[0].Used.Value, "what is left")
		require.Equal(t, redeem.Allow, spend(t, terminal(), "b", 400).Outcome)
		limited(t, spend(t, terminal(), "b", 1), 1000, 1000)
		_, err := terminal().Void(t.Context(), redeem.VoidRequest{Redemption: first.Redemption})
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, spend(t, terminal(), "b", 600).Outcome, "a void gives back")
		require.NoError(t, terminal().ReportNow(t.Context()))
		assert.Equal(t, redeem.Allow, spend(t, terminal(), "b", 1000).Outcome, "the backend knows of all before")
	})
	restarted(t, "per campaign", redeem.Policy{PerCampaign: trust.Allowance{Number: 1}}, func(t *testing.T, shop *shop,
		terminal opener) {
		require.Equal(t, redeem.Allow, spend(t, terminal(), "a", 1).Outcome)
		limited(t, spend(t, terminal(), "a", 1), 1, 1)
		require.Equal(t, redeem.Allow, spend(t, terminal(), "b", 1).Outcome)
		require.Equal(t, redeem.Allow, spend(t, terminal(), "", 1).Outcome, "of no campaign")
		require.Equal(t, redeem.Allow, spend(t, terminal(), "", 1).Outcome)
	})
	restarted(t, "silence", redeem.Policy{MaxUnreported: time.Hour}, func(t *testing.T, shop *shop, terminal opener) {
		require.Equal(t, redeem.Allow, spend(t, terminal(), "a", 1).Outcome)
		shop.clock.pass(time.Hour)
		require.Equal(t, redeem.Allow, spend(t, terminal(), "a", 1).Outcome)
		shop.clock.pass(time.Second)
		limited(t, spend(t, terminal(), "a", 1), 3600, 3601)
		require.NoError(t, terminal().ReportNow(t.Context()))
		assert.Equal(t, redeem.Allow, spend(t, terminal(), "a", 1).Outcome)
	})
	restarted(t, "other currency", redeem.Policy{PerHour: francs}, func(t *testing.T, shop *shop, terminal opener) {
		limited(t, spend(t, terminal(), "a", 1), 5, 0)
	})
}

func TestManagerMayExceedALimit(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.PerHour.Number = 1
	terminal := shop.online(t)
	spend(t, terminal, "a", 1)
	d, err := terminal.Redeem(t.Context(), redeem.Request{
		Scanned: pass(t, nil), SaleKey: "s", Override: &redeem.Override{Manager: "12", Why: "queue"},
	})
	require.NoError(t, err)
	assert.Equal(t, redeem.Allow, d.Outcome)
	limited(t, spend(t, terminal, "a", 1), 1, 2)
}

func TestTwoAtOnceDoNotShareTheLastOfABudget(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.PerHour.Number = 5
	scanned := make([]string, 20)
	for i := range scanned {
		scanned[i] = pass(t, nil)
	}
	assert.Equal(t, 5, allowedAtOnce(t, shop.online(t), scanned...))
}

// A till's first day: its clock is years ahead, and managers allow what they are asked about. Then the backend tells
// the time.
func TestLimitsAndHoldsGoOnWhenAWrongClockIsCorrected(t *testing.T) {
	for _, anew := range []bool{false, true} {
		shop := newShop(t)
		shop.cfg.Policy.PerHour.Number, shop.cfg.Keys, shop.cfg.Place.Merchant = 2, []offer.Key{issuer.Key()}, "m-1"
		shop.desk.now = func() time.Time { return noon.Add(shop.clock.Read().SinceBoot - time.Hour) }
		shop.clock.set(noon.AddDate(50, 0, 0))
		terminal := shop.open(t)
		held := pass(t, func(p *offer.Pass) { p.NotAfter = noon.AddDate(100, 0, 0) })
		request := redeem.Request{Scanned: held, SaleKey: "a", Override: &redeem.Override{Manager: "1", Why: "first day"}}
		d, err := terminal.Reserve(t.Context(), request, time.Hour)
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
		for _, sale := range []string{"b", "c"} {
			request.Scanned, request.SaleKey = pass(t, func(p *offer.Pass) { p.NotAfter = noon.AddDate(100, 0, 0) }), sale
			d, err := terminal.Redeem(t.Context(), request)
			require.NoError(t, err)
			require.Equal(t, redeem.Allow, d.Outcome, d.String())
		}
		shop.clock.set(noon)
		require.NoError(t, terminal.ReportNow(t.Context()))
		if anew {
			require.NoError(t, terminal.Close())
			terminal = shop.open(t)
		}
		limited(t, spend(t, terminal, "x", 1), 2, 2)
		shop.clock.pass(time.Hour)
		assert.Equal(t, redeem.Allow, spend(t, terminal, "x", 1).Outcome, "an hour later")
		assert.Equal(t, redeem.Allow, redeemed(t, terminal, held, "d").Outcome, "the hold of the year 2076 holds nothing")
	}
}

func TestIssuerBoundsWhatOneTillGrantsAlone(t *testing.T) {
	terminal := newShop(t).online(t)
	scanned := pass(t, func(p *offer.Pass) { p.Uses, p.OfflineUses = 3, 1 })
	for sale := range 3 {
		require.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, fmt.Sprint(sale)).Outcome)
		if sale == 2 {
			break
		}
		d := redeemed(t, terminal, scanned, "too soon")
		assert.Equal(t, redeem.Refuse, d.Outcome)
		assert.True(t, d.Because(fault.OverLimit), d.String())
		require.NoError(t, terminal.ReportNow(t.Context()))
	}
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.True(t, redeemed(t, terminal, scanned, "one too many").Because(fault.AlreadyRedeemed),
		"the reason is the redemption before")
}

func TestPolicyBoundsTheUsesOfAnOffer(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.MaxUses = 1
	terminal := shop.online(t)
	scanned := pass(t, func(p *offer.Pass) { p.Uses, p.OfflineUses = 3, 3 })
	require.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "a").Outcome)
	assert.True(t, redeemed(t, terminal, scanned, "b").Because(fault.AlreadyRedeemed),
		"the reason is the redemption before")
}

func TestPolicyIsData(t *testing.T) {
	text := `{"maxAlone":"36h","maxBundleAge":"24h0m0s","maxUnreported":"90m","unattended":true,"training":true,
		"maxUses":2,"perHour":{"number":60},"unreported":{"value":50000,"currency":"EUR"},"perCampaign":{"number":9},
		"unprovenPerDay":{"number":1},
		"voidsPerOffer":3,"voidsPerOperator":{"number":20},"voidsPerHour":{"value":20000,"currency":"EUR"}}`
	policy, err := redeem.ParsePolicy([]byte(text))
	require.NoError(t, err)
	want := redeem.Policy{
		MaxAlone: 36 * time.Hour, MaxBundleAge: 24 * time.Hour, MaxUnreported: 90 * time.Minute, Unattended: true,
		Training: true, MaxUses: 2,
		PerHour: trust.Allowance{Number: 60}, Unreported: trust.Allowance{Value: 50000, Currency: "EUR"},
		PerCampaign: trust.Allowance{Number: 9}, UnprovenPerDay: trust.Allowance{Number: 1},
		VoidsPerOffer: 3, VoidsPerOperator: trust.Allowance{Number: 20}, VoidsPerHour: trust.Allowance{Value: 20000,
			Currency: "EUR"},
	}
	assert.Equal(t, want, policy)
	again, err := json.Marshal(policy)
	require.NoError(t, err)
	var back redeem.Policy
	require.NoError(t, json.Unmarshal(again, &back))
	assert.Equal(t, want, back)
	zero, err := redeem.ParsePolicy([]byte("{}"))
	require.NoError(t, err)
	assert.Equal(t, redeem.Policy{}, zero)
}

func TestPolicyThatCannotBeFollowedIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "[]", `{"perhour2":{}}`, `{"maxAlone":"a week"}`, `{"maxAlone":5}`, `{"maxBundleAge":"-1h"}`, `{"maxUses":-1}`,
		`{"perHour":{"number":-1}}`, `{"unreported":{"value":5}}`, `{"perCampaign":{"currency":"EUR"}}`, `{} {}`,
		`{"unprovenPerDay":{"value":-5,"currency":"EUR"}}`, `{"voidsPerOffer":-1}`, `{"voidsPerOperator":{"value":5}}`,
		`{"voidsPerHour":{"number":-1}}`,
	} {
		_, err := redeem.ParsePolicy([]byte(text))
		assert.ErrorIs(t, err, fault.InvalidRequest, text)
	}
	_, err := redeem.ParsePolicy(make([]byte, 1<<20))
	assert.ErrorIs(t, err, fault.TooLarge)
	shop := newShop(t)
	shop.cfg.Policy.MaxUses = -1
	_, err = redeem.Open(t.Context(), shop.dir, shop.cfg)
	assert.ErrorIs(t, err, fault.InvalidRequest)
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(`{"maxAlone":"36h","perHour":{"number":60}}`))
	f.Add([]byte(`{"unreported":{"value":1,"currency":"EUR"},"training":true}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		policy, err := redeem.ParsePolicy(text)
		if err != nil {
			assert.NotEmpty(t, fault.CodeOf(err))
			return
		}
		again, err := json.Marshal(policy)
		require.NoError(t, err)
		back, err := redeem.ParsePolicy(again)
		require.NoError(t, err)
		assert.Equal(t, policy, back)
	})
}

// A call that only repeats another lets no time pass for the limits: its clock may be ahead, and what left a limit's
// hour would never come back into it.
func TestARepeatedCallMovesNoLimitOn(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.PerHour.Number = 1
	terminal := shop.open(t)
	manager := &redeem.Override{Manager: "m", Why: "no time yet"}
	first := redeem.Request{Scanned: pass(t, nil), SaleKey: "sale"}
	first.Override = manager
	d, err := terminal.Redeem(t.Context(), first)
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	shop.clock.set(noon.Add(3 * time.Hour))
	d, err = terminal.Redeem(t.Context(), first)
	require.NoError(t, err)
	require.True(t, d.Again, "the call with the same key is the same")
	shop.clock.set(noon.Add(time.Minute))
	d, err = terminal.Redeem(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: "next"})
	require.NoError(t, err)
	assert.True(t, d.Because(fault.OverLimit), "one redemption an hour is allowed, and one was a minute ago: %s", d)
}

// What is unreported is counted from the journal when somebody first asks. An offer may be checked meanwhile, also
// where no limit asks for that, and nobody waits for ever.
func TestChecksGoOnWhileTheLimitsAreCounted(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	for range 1000 {
		require.Equal(t, redeem.Allow, spend(t, terminal, "a", 1).Outcome, "no limit is set")
	}
	scanned := pass(t, nil)
	for range 10 {
		require.NoError(t, terminal.Close())
		terminal = shop.open(t)
		var counted atomic.Bool
		go func() { terminal.Status(); counted.Store(true) }()
		within(t, "a check while the limits are counted", func() {
			for again := true; again; again = !counted.Load() {
				d, err := terminal.Check(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "sale"})
				assert.NoError(t, err, "a check")
				assert.Equal(t, redeem.Allow, d.Outcome, "%s", d)
			}
		})
	}
}
