package trust

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/offer"
)

// A Bundle is what the backend tells a merchant's terminals. Sign takes one that the caller has filled; the look-ups
// are for one that Verify or Accept returned, which must not be changed.
type Bundle struct {
	// Sequence numbers the merchant's bundles and deltas together, from 1; a higher one is newer. It is an epoch and a
	// number in it; see SequenceOf.
	Sequence uint64
	// Merchant is the merchant whose terminals the bundle is for, 1 to offer.MaxName bytes.
	Merchant string
	// Made is when it was made, in whole milliseconds. As it is signed, it is evidence of time: the present is no earlier.
	Made time.Time
	// Correction is the number of the newest correction of the backend's clock when it was made; 0: there was none. The
	// Withdrawals, at most 32, name the statements of time that the corrections up to that one withdrew.
	Correction  uint64
	Withdrawals []Withdrawal
	// Keys are the issuers' keys with which passes are verified.
	Keys []offer.Key
	// Roots are the keys with which the backend signs bundles and its clock from now on, beside those that a terminal got
	// when it was enrolled. So a key can be replaced long before it ends.
	Roots []offer.Key
	// Salt is what revoked offers are hashed with, here and in deltas: random bytes. Zero: Sign draws them.
	Salt Salt
	// Revoked are single offers that are no longer good, for Sign. What is signed holds their hashes alone: of a bundle
	// that was verified IsRevoked tells, and this is empty.
	Revoked Offers
	// RevokedCampaigns are campaigns none of whose offers are good.
	RevokedCampaigns []string
	// Campaigns are the campaigns' rules.
	Campaigns []Campaign
	// Agreements are those under which the terminals redeem offers of other merchants, in any order.
	Agreements []Agreement
	// Lanes are the terminals of stores that have a hub, in any order, at most MaxLanes.
	Lanes []Lane
	// Spent is the filter of the offers whose uses are spent elsewhere; zero: none is known.
	Spent Filter

	revoked hashes
	delta   *signedDelta // nil: none
	data    []byte       // signed, as Data returns it
	lanes   []Lane       // of the bundle without its delta
	base    int          // length of the bundle in data; its delta follows
}

// IsRevoked reports whether the offer or its campaign was revoked. What is not known of it is zero or empty.
func (b *Bundle) IsRevoked(id offer.ID, alias, campaign string) bool {
	if _, found := slices.BinarySearch(b.RevokedCampaigns, campaign); found && campaign != "" {
		return true
	}
	ask := b.Salt.ask(id, alias)
	switch {
	case b.delta != nil && b.delta.restored.has(ask):
		return false
	case b.delta != nil && b.delta.revoked.has(ask):
		return true
	}
	return b.revoked.has(ask)
}

// MaySpent reports whether the offer's uses seem to be spent elsewhere. It errs for 1 in 65536 of the offers that are
// not spent, and never for one that the bundle knows to be.
func (b *Bundle) MaySpent(id offer.ID, alias string) bool {
	if b.delta != nil {
		switch ask := b.Salt.ask(id, alias); {
		case b.delta.givenBack.has(ask):
			return false
		case b.delta.spent.has(ask):
			return true
		}
	}
	return b.Spent.Has(id, alias)
}

// Campaign returns the rules of the campaign with this name; "" has those for offers of which no campaign is known.
func (b *Bundle) Campaign(name string) (Campaign, bool) {
	i, found := slices.BinarySearchFunc(b.Campaigns, name, compareCampaign)
	if !found {
		return Campaign{}, false
	}
	return b.Campaigns[i], true
}

// CampaignOf returns the campaign that a GS1 number belongs to by the longest of the campaigns' prefixes.
func (b *Bundle) CampaignOf(alias string) (found Campaign, ok bool) {
	longest := 0
	for _, c := range b.Campaigns {
		if n := c.prefixOf(alias); n > longest {
			longest, found = n, c
		}
	}
	return found, longest > 0
}

// LayoutOf returns the layout of the coupons of the campaign that a GS1 number belongs to, for an offer.Reader; zero:
// it is not known. A nil bundle knows none.
func (b *Bundle) LayoutOf(number string) offer.Layout {
	if b == nil {
		return offer.Layout{}
	}
	c, _ := b.CampaignOf(number)
	return c.Layout
}

// Data returns the signed bytes, a bundle and perhaps its delta, as they are kept and carried. They must not be
// changed.
func (b *Bundle) Data() []byte { return b.data }
