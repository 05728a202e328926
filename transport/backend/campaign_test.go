package backend_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// unlisted is a store that does not list its campaigns.
type unlisted struct{ store.Store }

func (u unlisted) Update(ctx context.Context, fn func(store.Tx) error) error {
	return u.Store.Update(ctx, func(tx store.Tx) error { return fn(unlistedTx{tx}) })
}

type unlistedTx struct{ store.Tx }

func (unlistedTx) Campaigns() ([]store.Campaign, error) {
	return nil, errors.New("all campaigns are read")
}

// What a campaign costs to add does not depend on how many there are.
func TestACampaignIsAddedWithoutTheOthers(t *testing.T) {
	server, err := backend.New(t.Context(), backend.Config{Store: unlisted{memstore.New()},
		Merchants: []backend.Merchant{{Name: "m-1", Prefixes: []string{"9501"}}, {Name: "m-2"}}})
	require.NoError(t, err)
	const number = "9501234567891"
	for i, c := range []wire.Campaign{
		{ID: "a", Title: "A", Coupon: number},
		{ID: "b", Title: "B", FollowUps: []wire.FollowUp{{Campaign: "a", Offer: "later"}}},
	} {
		_, err := server.AddCampaign(t.Context(), "m-1", c)
		require.NoError(t, err, "campaign %d", i)
	}
	for want, c := range map[fault.Code]wire.Campaign{
		fault.Conflict:  {ID: "c", Title: "C", Coupon: number},
		fault.Forbidden: {ID: "d", Title: "D", Coupon: "5012345678900"},
	} {
		_, err := server.AddCampaign(t.Context(), "m-1", c)
		assert.ErrorIs(t, err, want, fmt.Sprint(c))
	}
	_, err = server.AddCampaign(t.Context(), "m-1", wire.Campaign{ID: "a", Title: "A again"})
	assert.ErrorIs(t, err, fault.Conflict, "the id is taken")
	_, err = server.AddCampaign(t.Context(), "m-2", wire.Campaign{ID: "e", Title: "E",
		FollowUps: []wire.FollowUp{{Campaign: "a", Ad: &wire.Ad{ID: "x", Title: "X"}}}})
	assert.ErrorIs(t, err, fault.Forbidden, "the follow-up names another merchant's campaign")
}
