package booking

import (
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/store"
)

// promiseOf is an offer's campaign as it stood when the offer was accepted; nil where the campaign is not known.
func (b *booking) promiseOf(o *store.Offer) *store.Campaign {
	return Promise(b.campaigns[o.Campaign], o)
}

// promiseTo is the same of a redemption's offer.
func (b *booking) promiseTo(e *store.Entry) *store.Campaign {
	if o := b.offers[e.Offer]; o != nil {
		return b.promiseOf(o)
	}
	return b.campaigns[e.Campaign]
}

// Promise is a campaign with the terms of an offer: where the campaign was changed, those that the pass has.
func Promise(c *store.Campaign, o *store.Offer) *store.Campaign {
	if c == nil || c.Changed == 0 || o.Pass == "" {
		return c
	}
	presented, err := offer.Parse(o.Pass)
	if err != nil || presented.Pass == nil {
		return c
	}
	then := *c
	then.Terms = presented.Pass.Terms
	return &then
}
