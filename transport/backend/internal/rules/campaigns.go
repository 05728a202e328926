package rules

import (
	"cmp"
	"time"

	"github.com/offlane/offlane/transport/backend/store"
)

// The states of a campaign.
const (
	// Active: offers may be accepted and redeemed.
	Active store.CampaignState = "active"
	// Paused: no offer may be accepted for now; accepted ones may be redeemed.
	Paused store.CampaignState = "paused"
	// Ended: no offer may be accepted any more; accepted ones may be redeemed until they expire.
	Ended store.CampaignState = "ended"
	// Withdrawn: all its offers are revoked.
	Withdrawn store.CampaignState = "revoked"
)

// DefaultValid is how long an offer is valid where its campaign does not say.
const DefaultValid = 90 * 24 * time.Hour

// Merchants are those that may redeem its offers: its own and the partners.
func Merchants(c *store.Campaign) []string { return append([]string{c.Merchant}, c.Partners...) }

// BudgetCurrency is the currency of its budget.
func BudgetCurrency(c *store.Campaign) string { return cmp.Or(c.Currency, c.Terms.Currency) }

// CouponPrefix begins the alias of an offer with a Global Coupon Number; see offer.Presented.
const CouponPrefix = "255:"
