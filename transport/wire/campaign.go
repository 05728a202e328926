package wire

import (
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// A CampaignState says what may still happen in a campaign.
type CampaignState string

// The states of a campaign.
const (
	// Active: offers may be accepted and redeemed.
	Active CampaignState = "active"
	// Paused: no offer may be accepted for now; accepted ones may be redeemed.
	Paused CampaignState = "paused"
	// Ended: no offer may be accepted any more; accepted ones may be redeemed until they expire.
	Ended CampaignState = "ended"
	// Withdrawn: all its offers are revoked.
	Withdrawn CampaignState = "revoked"
)

// A Campaign issues offers. What it promises may be changed for passes that are issued later; one that is out keeps its
// end and its terms. Times are in milliseconds since 1970.
type Campaign struct {
	// ID names it in passes and paths, unique in the backend: 1 to 64 of the letters A to Z and a to z, the digits, and
	// ".", "_" and "-", with which it does not begin.
	ID string `json:"id"`
	// Merchant owns it; it is set from the management key, and no other can be asked for.
	Merchant string `json:"merchant,omitempty"`
	// Title is what customers read, 1 to 200 bytes; Text says more, at most 2000. Language is what they are in, a BCP 47
	// tag in lower case such as "de" or "pt-br"; empty: not known. Words are the same in other languages, at most 30, by
	// their tags; they need a Language.
	Title    string           `json:"title"`
	Text     string           `json:"text,omitempty"`
	Language string           `json:"language,omitempty"`
	Words    map[string]Words `json:"words,omitempty"`
	// Category groups campaigns for follow-ups, a name as Partners and Stores have them; empty: none.
	Category string `json:"category,omitempty"`
	// Terms is what the customer gets; zero: the merchant's own system knows.
	Terms terms.Terms `json:"terms,omitzero"`
	// Partners are merchants that redeem its offers beside its own, each under an active agreement: passes name those
	// whose agreement stands when they are issued. Stores may redeem; none: every store. A name has 1 to 64 bytes, no
	// control characters and no blank at either end, and stands once.
	Partners []string `json:"partners,omitempty"`
	Stores   []string `json:"stores,omitempty"`
	// Starts and Ends bound acceptance; 0: no bound. What has ended, NotAfter included, cannot be created.
	Starts int64 `json:"starts,omitempty"`
	Ends   int64 `json:"ends,omitempty"`
	// ValidSeconds is how long an offer is valid from its acceptance; 0: 90 days. NotAfter ends all; 0: no bound.
	ValidSeconds int64 `json:"validSeconds,omitempty"`
	NotAfter     int64 `json:"notAfter,omitempty"`
	// Uses is how often an offer may be redeemed, at most 100; 0: once. OfflineUses is how many of those one terminal may
	// grant on its own; 0: once.
	Uses        int `json:"uses,omitempty"`
	OfflineUses int `json:"offlineUses,omitempty"`
	// Limit is how many offers may be accepted, PerDevice how many one device may have that can be redeemed or were,
	// Budget after how much given discount (minor units) none may be accepted any more; 0: no bound. None of them has a
	// redemption rejected. With Reserve the most that accepted offers can still give counts as given until they end, so
	// that the Budget is kept as long as no manager allows more; it needs a Budget and terms with a greatest amount.
	Limit     int64 `json:"limit,omitempty"`
	PerDevice int   `json:"perDevice,omitempty"`
	Budget    int64 `json:"budget,omitempty"`
	Reserve   bool  `json:"reserve,omitempty"`
	// Currency is the budget's, an ISO 4217 code; empty: the terms'. Where those have one, it and that of the limits below
	// is the same.
	Currency string `json:"currency,omitempty"`
	// AskBeyond has tills ask a manager about a use beyond OfflineUses and within Uses, which they refuse otherwise.
	AskBeyond bool `json:"askBeyond,omitempty"`
	// Coupon is the 13 digits of a Global Coupon Number (GS1 AI 255): each offer then has a serial of it as its alias. It
	// belongs to the merchant to whom the backend's keeper assigned its beginning; another uses it under an agreement.
	Coupon string `json:"coupon,omitempty"`
	// Layout says what the GS1 coupons with that number look like, so that tills can read them from hand scanners that
	// lose group separators; zero: not known. It goes with Coupon.
	Layout offer.Layout `json:"layout,omitzero"`
	// Unproven and Offline are limits for terminals; see trust.Campaign.
	Unproven trust.Allowance `json:"unproven,omitzero"`
	Offline  trust.Allowance `json:"offline,omitzero"`
	// FollowUps say what is shown to a device because of a redemption.
	FollowUps []FollowUp `json:"followUps,omitempty"`
	// Holdout says which part of the devices is not answered with this campaign, to learn what answers change.
	Holdout Holdout `json:"holdout,omitzero"`
	// State is Active at first, and changed by a NewState. Created, Changed (when it was last, but for the state), Revoked
	// (when it was) and Accepted, which counts where there is a Limit, are set by the server; what a request says of them
	// is passed over.
	State    CampaignState `json:"state,omitempty"`
	Created  int64         `json:"created,omitempty"`
	Changed  int64         `json:"changed,omitempty"`
	Revoked  int64         `json:"revoked,omitempty"`
	Accepted int64         `json:"accepted,omitempty"`
}

// A Holdout is the part of the devices that could be answered with a campaign and are not. Only devices whose customers
// agreed to measurement are held out. Which ones they are follows from a keyed hash of the device.
type Holdout struct {
	// Percent of the devices are held out, at most 90; 0: none, and no effect is measured.
	Percent int `json:"percent,omitempty"`
	// Days of 24 hours is how long a device is held out since it could have been answered first, and how long it counts
	// what devices do, at most 60; 0: 30.
	Days int `json:"days,omitempty"`
}

// Campaigns is the answer to GET /v1/management/campaigns.
type Campaigns struct {
	Campaigns []Campaign `json:"campaigns"`
}

// couponPrefix begins the alias of an offer with a Global Coupon Number; see offer.Presented.
const couponPrefix = "255:"
