package wire_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

func TestHowLongAnAgreementIsHonoured(t *testing.T) {
	const ended = 1_790_000_000_000
	campaign := wire.Campaign{ID: "c", Merchant: "a", Partners: []string{"b"}, ValidSeconds: 60}
	between := wire.Agreement{NewAgreement: wire.NewAgreement{Owner: "a", Partner: "b"}, Accepted: 1}
	for name, test := range map[string]struct {
		edit func(*wire.Agreement, *wire.Campaign)
		want int64
	}{
		"in force":               {func(*wire.Agreement, *wire.Campaign) {}, math.MaxInt64},
		"only proposed":          {func(a *wire.Agreement, _ *wire.Campaign) { a.Accepted = 0 }, 0},
		"of another owner":       {func(_ *wire.Agreement, c *wire.Campaign) { c.Merchant = "d" }, 0},
		"on another campaign":    {func(a *wire.Agreement, _ *wire.Campaign) { a.Campaigns = []string{"d"} }, 0},
		"which does not name it": {func(_ *wire.Agreement, c *wire.Campaign) { c.Partners = nil }, 0},
		"until the last expires": {func(a *wire.Agreement, _ *wire.Campaign) { a.Ended = ended }, ended + 60_000},
		"until the campaign's end": {func(a *wire.Agreement, c *wire.Campaign) {
			a.Ended, c.NotAfter = ended, ended+7000
		}, ended + 7000},
	} {
		a, c := between, campaign
		test.edit(&a, &c)
		assert.Equal(t, test.want, a.HonouredUntil(&c), name)
	}
}

func TestWhatCannotBeAgreedUponIsRefusedByName(t *testing.T) {
	for field, n := range map[string]wire.NewAgreement{
		"owner":        {Partner: "b"},
		"partner":      {Owner: "a"},
		"campaigns[1]": {Owner: "a", Partner: "b", Campaigns: []string{"c", "c"}},
		"campaigns[0]": {Owner: "a", Partner: "b", Campaigns: []string{"a campaign"}},
		"coupons[0]":   {Owner: "a", Partner: "b", Coupons: []string{"95012345678911"}},
		"coupons[1]":   {Owner: "a", Partner: "b", Coupons: []string{"9501", "95x1"}},
	} {
		err := n.Check()
		assert.ErrorIs(t, err, fault.InvalidRequest, field)
		assert.ErrorContains(t, err, field+": ")
	}
	self := wire.NewAgreement{Owner: "a", Partner: "a"}
	assert.ErrorContains(t, self.Check(), "partner: ")
}
