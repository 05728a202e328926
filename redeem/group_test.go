package redeem_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// card makes a pass of so many uses, all of which a till may grant alone, each for 2.50.
func card(uses int) func(*offer.Pass) {
	return func(p *offer.Pass) {
		p.Uses, p.OfflineUses, p.NotAfter = uses, uses, noon.AddDate(1, 0, 0)
		p.Terms = terms.Terms{Kind: terms.AmountOff, Amount: 250, Currency: "EUR"}
	}
}

func atOnce(t *testing.T, terminal *redeem.Terminal, req redeem.Request) redeem.Decision {
	t.Helper()
	d, err := terminal.Redeem(t.Context(), req)
	require.NoError(t, err)
	return d
}

func TestSeveralUsesInOneSaleAreOneGroup(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, card(5))
	req := redeem.Request{Scanned: scanned, SaleKey: "s", Uses: 3, Sale: basket(400, 299)}
	checked, err := terminal.Check(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, 5, checked.UsesLeft)
	d := atOnce(t, terminal, req)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	require.Len(t, d.Redemptions, 3)
	assert.Equal(t, d.Redemption, d.Redemptions[0])
	assert.Equal(t, d.Receipt, d.Receipts[0])
	assert.Equal(t, euros(699), d.Given, "three times 2.50 is more than the basket")
	assert.Equal(t, []int64{400, 299}, d.Discount.Lines)
	assert.Equal(t, 2, d.UsesLeft)

	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	again := atOnce(t, terminal, req)
	assert.True(t, again.Again, "the same call again")
	assert.False(t, again.Differs, "the sale is the same")
	assert.Equal(t, d.Redemptions, again.Redemptions)
	assert.Equal(t, d.Receipts, again.Receipts)
	assert.Equal(t, d.Given, again.Given)
	assert.Equal(t, d.Discount, again.Discount)
	assert.Equal(t, 2, again.UsesLeft)

	require.NoError(t, terminal.ReportNow(t.Context()))
	sum := int64(0)
	for i, id := range d.Redemptions {
		rec := shop.desk.booked[id]
		assert.Equal(t, d.Redemption, rec.Group)
		assert.Equal(t, uint64(i+1), rec.Number)
		assert.Equal(t, int64(233), rec.Given.Amount, "each has its share")
		sum += rec.Given.Amount
	}
	assert.Equal(t, int64(699), sum)
	alone := atOnce(t, terminal, redeem.Request{Scanned: scanned, SaleKey: "t", Sale: basket(1000)})
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.True(t, shop.desk.booked[alone.Redemption].Group.IsZero(), "one use is no group")
	assert.Equal(t, []record.ID{alone.Redemption}, alone.Redemptions)
}

// What the POS gives is for all uses together, and divided to the cent.
func TestAnAmountOfThePOSIsDividedAmongTheUses(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	d := atOnce(t, terminal, redeem.Request{Scanned: pass(t, card(3)), SaleKey: "s", Uses: 3, Given: euros(500),
		Sale: basket(1000, 1000)})
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	var shares, lines []int64
	for _, l := range listed(t, terminal, redeem.Query{SaleKey: "s"}) {
		shares, lines = append(shares, l.Record.Given.Amount), append(lines, l.Discount.Lines...)
		assert.Equal(t, record.GivenByPOS, l.Record.GivenBy)
		assert.Equal(t, int64(250), l.Discount.Total)
	}
	assert.Equal(t, []int64{167, 167, 166}, shares)
	assert.Equal(t, []int64{125, 125, 125, 125, 125, 125}, lines)
}

func TestUsesAreGrantedTogetherOrNotAtAll(t *testing.T) {
	for name, test := range map[string]struct {
		pass   func(*offer.Pass)
		before []int // how many uses other sales take
		held   bool  // another sale holds one
		uses   int
		want   string
		limit  int64
		used   int64
		left   int
	}{
		"as many as there are": {card(3), nil, false, 3, "allow", 0, 0, 0},
		"more than there are":  {card(3), nil, false, 4, "refuse over-limit", 3, 0, 3},
		"more than are left":   {card(3), []int{1}, false, 3, "refuse over-limit", 3, 1, 2},
		"none are left":        {card(3), []int{1, 2}, false, 2, "refuse already-redeemed", 3, 3, 0},
		"one is held":          {card(3), []int{1}, true, 2, "refuse reserved", 3, 2, 1},
		"one is held, enough":  {card(4), []int{1}, true, 2, "allow", 0, 0, 0},
		"alone": {func(p *offer.Pass) { card(9)(p); p.OfflineUses = 2 }, []int{1}, false, 2,
			"refuse over-limit", 2, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			scanned := pass(t, test.pass)
			for i, uses := range test.before {
				require.Equal(t, "allow", atOnce(t, terminal,
					redeem.Request{Scanned: scanned, SaleKey: fmt.Sprint(i), Uses: uses}).String())
			}
			if test.held {
				reserved(t, terminal, scanned, "held", redeem.MaxHold)
			}
			pending := terminal.Status().Pending
			d := atOnce(t, terminal, redeem.Request{Scanned: scanned, SaleKey: "s", Uses: test.uses})
			assert.Equal(t, test.want, d.String())
			assert.Equal(t, test.left, d.UsesLeft)
			if d.Outcome == redeem.Allow {
				return
			}
			assert.Equal(t, []int64{test.limit, test.used}, []int64{d.Reasons[0].Limit, d.Reasons[0].Used})
			assert.Equal(t, pending, terminal.Status().Pending, "nothing is written")
		})
	}
}

// maxUses is the most uses of an offer that one request takes.
const maxUses = 100

func TestUsesOfASaleHaveBounds(t *testing.T) {
	terminal := newShop(t).online(t)
	scanned := pass(t, card(100))
	for _, uses := range []int{-1, maxUses + 1} {
		_, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "s", Uses: uses})
		assert.ErrorIs(t, err, fault.InvalidRequest)
	}
	_, err := terminal.Reserve(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "s", Uses: 2}, redeem.MaxHold)
	assert.ErrorIs(t, err, fault.InvalidRequest)
	held := reserved(t, terminal, scanned, "s", redeem.MaxHold)
	d := atOnce(t, terminal, redeem.Request{Scanned: scanned, SaleKey: "s", Uses: maxUses})
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	var completes []record.ID
	for _, l := range listed(t, terminal, redeem.Query{SaleKey: "s"}) {
		if l.Record.Kind == record.Redemption {
			completes = append(completes, l.Record.Of)
		}
	}
	assert.Equal(t, append([]record.ID{held.Reservation}, make([]record.ID, maxUses-1)...), completes,
		"the first one completes what was held")
}

// Uses of a coupon that names no single offer are as many coupons.
func TestSeveralCouponsInOneSale(t *testing.T) {
	shop := newShop(t)
	terminal := shop.with(t, couponCampaign())
	req := redeem.Request{Scanned: gcn(""), SaleKey: "s", Uses: 2, Sale: basket(1000)}
	d := atOnce(t, terminal, req)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	assert.Equal(t, euros(400), d.Given)
	assert.Zero(t, d.UsesLeft, "none are counted")
	assert.True(t, atOnce(t, terminal, req).Again, "a repeated call has the answer of the first")
	req.SaleKey = "t"
	assert.Equal(t, "ask unproven", atOnce(t, terminal, req).String(), "they count against the campaign's allowance")
}

func TestLimitsCountEveryUse(t *testing.T) {
	restarted(t, "number", redeem.Policy{PerHour: trust.Allowance{Number: 4}},
		func(t *testing.T, _ *shop, terminal opener) {
			scanned := pass(t, card(9))
			require.Equal(t, "allow", atOnce(t, terminal(), redeem.Request{Scanned: scanned, SaleKey: "a",
				Uses: 3}).String())
			d := atOnce(t, terminal(), redeem.Request{Scanned: scanned, SaleKey: "b", Uses: 2})
			limited(t, d, 4, 3)
			require.Equal(t, "allow", atOnce(t, terminal(), redeem.Request{Scanned: scanned, SaleKey: "b",
				Uses: 1}).String())
		})
	restarted(t, "value", redeem.Policy{Unreported: trust.Allowance{Value: 1000, Currency: "EUR"}},
		func(t *testing.T, _ *shop, terminal opener) {
			scanned := pass(t, card(9))
			d := atOnce(t, terminal(), redeem.Request{Scanned: scanned, SaleKey: "a", Uses: 3, Sale: basket(1000)})
			require.Equal(t, "allow", d.String())
			limited(t, atOnce(t, terminal(), redeem.Request{Scanned: scanned, SaleKey: "b", Uses: 2, Sale: basket(1000)}),
				1000, 750)
			voided(t, terminal(), redeem.VoidRequest{Redemption: d.Redemptions[1]})
			require.Equal(t, "allow", atOnce(t, terminal(), redeem.Request{Scanned: scanned, SaleKey: "b", Uses: 2,
				Sale: basket(1000)}).String())
		})
}

// A campaign may have a manager asked about what a pass does not let one till grant alone. By itself it is refused.
func TestAManagerIsAskedBeyondTheOfflineUses(t *testing.T) {
	ours := func(p *offer.Pass) { p.Uses, p.OfflineUses = 3, 1 }
	for _, beyond := range []bool{false, true} {
		shop := newShop(t)
		terminal := shop.with(t, trust.Campaign{Name: "spring", AskBeyond: beyond})
		scanned := pass(t, ours)
		require.Equal(t, "allow", redeemed(t, terminal, scanned, "a").String())
		req := redeem.Request{Scanned: scanned, SaleKey: "b",
			Override: &redeem.Override{Manager: "12", Why: "regular customer"}}
		if !beyond {
			assert.Equal(t, "refuse over-limit", atOnce(t, terminal, req).String())
			continue
		}
		d := redeemed(t, terminal, scanned, "b")
		require.Equal(t, "ask over-limit", d.String())
		assert.Equal(t, []int64{1, 1}, []int64{d.Reasons[0].Limit, d.Reasons[0].Used})
		require.Equal(t, "allow over-limit", atOnce(t, terminal, req).String())
		reserved := redeem.Request{Scanned: scanned, SaleKey: "c", Override: req.Override}
		_, err := terminal.Reserve(t.Context(), reserved, redeem.MaxHold)
		require.NoError(t, err)
		req.SaleKey = "d"
		assert.Equal(t, "refuse reserved", atOnce(t, terminal, req).String(), "within its uses only")
		_, err = terminal.Release(t.Context(), "c", "")
		require.NoError(t, err)
		require.Equal(t, "allow over-limit", atOnce(t, terminal, req).String())
		req.SaleKey = "e"
		assert.Equal(t, "refuse already-redeemed", atOnce(t, terminal, req).String())
		require.NoError(t, terminal.ReportNow(t.Context()))
	}
	shop := newShop(t)
	shop.cfg.Policy.Unattended = true
	terminal := shop.with(t, trust.Campaign{Name: "spring", AskBeyond: true})
	scanned := pass(t, ours)
	require.Equal(t, "allow", redeemed(t, terminal, scanned, "a").String())
	assert.Equal(t, "refuse over-limit", redeemed(t, terminal, scanned, "b").String())
}

// UsesLeft is what the till knows, whatever it is asked.
func TestEveryAnswerSaysHowManyUsesAreLeft(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, card(4))
	left := func(want int, d redeem.Decision, err error) {
		t.Helper()
		require.NoError(t, err)
		assert.Equal(t, want, d.UsesLeft, d.String())
	}
	ask := redeem.Request{Scanned: scanned, SaleKey: "a"}
	d, err := terminal.Check(t.Context(), ask)
	left(4, d, err)
	for range 2 {
		d, err = terminal.Reserve(t.Context(), ask, redeem.MaxHold)
		left(3, d, err)
	}
	d, err = terminal.Check(t.Context(), ask)
	left(3, d, err)
	for range 2 {
		d, err = terminal.Redeem(t.Context(), ask)
		left(3, d, err)
	}
	ask.SaleKey = "b"
	for range 2 {
		d, err = terminal.Redeem(t.Context(), ask)
		left(2, d, err)
	}
	ask.SaleKey = "a" // an old call that is repeated knows of what came since
	d, err = terminal.Redeem(t.Context(), ask)
	left(2, d, err)
	ask.SaleKey, ask.Uses = "c", 3
	d, err = terminal.Redeem(t.Context(), ask)
	left(2, d, err)
	voided(t, terminal, redeem.VoidRequest{SaleKey: "a"})
	d, err = terminal.Redeem(t.Context(), ask)
	left(0, d, err)
}

// A void of one use of a group leaves the others.
func TestUsesOfAGroupAreVoidedAloneOrTogether(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, card(3))
	req := redeem.Request{Scanned: scanned, SaleKey: "s", Uses: 3, Sale: basket(1000)}
	d := atOnce(t, terminal, req)
	v := voided(t, terminal, redeem.VoidRequest{Scanned: scanned})
	assert.Equal(t, []record.ID{d.Redemptions[2]}, v.Redemptions, "the newest")
	again := atOnce(t, terminal, req)
	assert.Equal(t, d.Redemptions[:2], again.Redemptions)
	assert.Equal(t, euros(500), again.Given)
	assert.Equal(t, []int64{500}, again.Discount.Lines)
	assert.True(t, again.Differs, "three were asked for and two stand")
	part := voided(t, terminal, redeem.VoidRequest{SaleKey: "s", Partial: true, Returned: euros(101), Key: "r"})
	assert.Equal(t, []string{"51 EUR by pos", "50 EUR by pos"}, shop.returned(t, terminal, part))
	rest := voided(t, terminal, redeem.VoidRequest{SaleKey: "s"})
	assert.Equal(t, d.Redemptions[:2], rest.Redemptions)
	assert.Equal(t, []string{"199 EUR by remainder", "200 EUR by remainder"}, shop.returned(t, terminal, rest))
	assert.False(t, atOnce(t, terminal, req).Again, "the call is a new one")
}

// Damage that hits one of a group costs that one, and the others are answered with.
func TestAGroupThatLostOneByDamageStillAnswers(t *testing.T) {
	for lost := range 3 {
		shop := newShopOnDisk(t)
		terminal := shop.online(t)
		scanned := pass(t, card(3))
		req := redeem.Request{Scanned: scanned, SaleKey: "s", Uses: 3, Sale: basket(1000)}
		d := atOnce(t, terminal, req)
		require.NoError(t, terminal.Close())
		spoilRecord(t, shop.dir, d.Redemptions[lost])
		terminal = shop.open(t)
		require.NotEmpty(t, terminal.Status().Damage)
		rest := slices.Delete(slices.Clone(d.Redemptions), lost, lost+1)
		again := atOnce(t, terminal, req)
		assert.True(t, again.Again && again.Differs, "the same call with another basket")
		assert.Equal(t, rest, again.Redemptions)
		assert.Equal(t, euros(500), again.Given)
		done, err := terminal.Correct(t.Context(), redeem.CorrectRequest{Redemption: rest[1], Given: euros(300)})
		require.NoError(t, err)
		assert.Equal(t, rest, done.Redemptions)
		assert.Equal(t, euros(300), atOnce(t, terminal, req).Given)
		assert.Equal(t, rest, voided(t, terminal, redeem.VoidRequest{SaleKey: "s"}).Redemptions)
		require.NoError(t, terminal.ReportNow(t.Context()))
	}
}

// spoilRecord flips a bit in the frame of a record, wherever the journal's files have it.
func spoilRecord(t *testing.T, dir string, id record.ID) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	spoiled := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		content := append(id[:], make([]byte, 16)...) // the frame's content begins with its id, and it is about no other
		for at := 0; at+len(content) < len(raw); at++ {
			if slices.Equal(raw[at:at+len(content)], content) {
				raw[at+40] ^= 1
				spoiled++
			}
		}
		require.NoError(t, os.WriteFile(file, raw, 0o600))
	}
	require.Equal(t, 1, spoiled)
}

func TestLevelledDividesAsEvenlyAsItMay(t *testing.T) {
	for _, test := range []struct {
		total int64
		least []int64
		want  []int64
	}{
		{10, []int64{0, 0, 0}, []int64{4, 3, 3}},
		{10, []int64{0, 8, 0}, []int64{1, 8, 1}},
		{10, []int64{0, 0, 4}, []int64{3, 3, 4}},
		{10, []int64{5, 5}, []int64{5, 5}},
		{11, []int64{0, 5, 4}, []int64{2, 5, 4}},
		{0, []int64{0, 0}, []int64{0, 0}},
		{2, []int64{0, 0, 0}, []int64{1, 1, 0}},
	} {
		got := redeem.Levelled(test.total, test.least)
		sum := int64(0)
		for i, amount := range got {
			sum += amount
			assert.GreaterOrEqual(t, amount, test.least[i])
		}
		assert.Equal(t, test.total, sum)
		assert.Equal(t, test.want, got)
	}
}
