package rules_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
)

func TestHowLongAnAgreementIsHonoured(t *testing.T) {
	const ended = 1_790_000_000_000
	campaign := store.Campaign{ID: "c", Merchant: "a", Partners: []string{"b"}, ValidSeconds: 60}
	between := store.Agreement{Owner: "a", Partner: "b", Accepted: 1}
	for name, test := range map[string]struct {
		edit func(*store.Agreement, *store.Campaign)
		want int64
	}{
		"in force":               {func(*store.Agreement, *store.Campaign) {}, math.MaxInt64},
		"only proposed":          {func(a *store.Agreement, _ *store.Campaign) { a.Accepted = 0 }, 0},
		"of another owner":       {func(_ *store.Agreement, c *store.Campaign) { c.Merchant = "d" }, 0},
		"on another campaign":    {func(a *store.Agreement, _ *store.Campaign) { a.Campaigns = []string{"d"} }, 0},
		"which does not name it": {func(_ *store.Agreement, c *store.Campaign) { c.Partners = nil }, 0},
		"until the last expires": {func(a *store.Agreement, _ *store.Campaign) { a.Ended = ended }, ended + 60_000},
		"until the campaign's end": {func(a *store.Agreement, c *store.Campaign) {
			a.Ended, c.NotAfter = ended, ended+7000
		}, ended + 7000},
	} {
		a, c := between, campaign
		test.edit(&a, &c)
		assert.Equal(t, test.want, rules.HonourEnd(&a, &c), name)
	}
}

func TestTillsGetACampaignsLayout(t *testing.T) {
	layout := offer.Layout{Serials: []int{12}, AIs: []string{"17", "390n"}, MaxAmount: 500}
	c := store.Campaign{ID: "paper", Title: "Paper", Coupon: "9501234567891", Layout: layout}
	assert.Equal(t, layout, rules.RulesFor(&c, "m").Layout, "the bundle names it")
}
