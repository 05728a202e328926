package redeem_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

func TestWhatWasTurnedAwayRidesOnTheNextRecord(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, nil)
	first := redeemed(t, terminal, scanned, "a")
	for range 2 {
		require.Equal(t, redeem.Refuse, redeemed(t, terminal, scanned, "b").Outcome)
	}
	require.Equal(t, redeem.Ask, redeemed(t, terminal, offer.NewID().Code(), "b").Outcome)
	_, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "b", Training: true})
	require.NoError(t, err)
	second, third := redeemed(t, terminal, pass(t, nil), "c"), redeemed(t, terminal, pass(t, nil), "d")
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Empty(t, shop.desk.booked[first.Redemption].Turned)
	assert.Equal(t, []record.Turned{{Reason: fault.AlreadyRedeemed, Times: 2}, {Reason: fault.Unproven, Times: 1}},
		shop.desk.booked[second.Redemption].Turned)
	assert.Empty(t, shop.desk.booked[third.Redemption].Turned, "it is told once")
}
