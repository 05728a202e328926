package store

import (
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// A CampaignState says what may still happen in a campaign.
type CampaignState string

// A Campaign issues offers. An offer keeps what its pass promises when the campaign is changed. Times are in
// milliseconds since 1970, and 0 is no bound; amounts are in minor units.
type Campaign struct {
	// ID names it in passes, and Merchant owns it.
	ID       string `json:"id"`
	Merchant string `json:"merchant,omitempty"`
	// Title and Text are what customers read, in Language, Words the same in other languages. Languages are BCP 47 tags in
	// lower case; with Words there is a Language. Category groups campaigns for follow-ups; empty: none.
	Title    string           `json:"title"`
	Text     string           `json:"text,omitempty"`
	Language string           `json:"language,omitempty"`
	Words    map[string]Words `json:"words,omitempty"`
	Category string           `json:"category,omitempty"`
	// Terms is what the customer gets; zero: the merchant's own system knows.
	Terms terms.Terms `json:"terms,omitzero"`
	// Partners are merchants that redeem its offers beside its own, under agreements. Stores may redeem; none: every
	// store.
	Partners []string `json:"partners,omitempty"`
	Stores   []string `json:"stores,omitempty"`
	// Starts and Ends bound acceptance.
	Starts int64 `json:"starts,omitempty"`
	Ends   int64 `json:"ends,omitempty"`
	// ValidSeconds is how long an offer is valid from its acceptance; 0: 90 days. NotAfter ends all.
	ValidSeconds int64 `json:"validSeconds,omitempty"`
	NotAfter     int64 `json:"notAfter,omitempty"`
	// Uses is how often an offer may be redeemed, OfflineUses how many of those one terminal may grant on its own; 0:
	// once.
	Uses        int `json:"uses,omitempty"`
	OfflineUses int `json:"offlineUses,omitempty"`
	// Limit is how many offers may be accepted, PerDevice how many one device may hold or have redeemed, Budget after how
	// much given discount none may be accepted any more. With Reserve what accepted offers can still give counts as given.
	Limit     int64 `json:"limit,omitempty"`
	PerDevice int   `json:"perDevice,omitempty"`
	Budget    int64 `json:"budget,omitempty"`
	Reserve   bool  `json:"reserve,omitempty"`
	// Currency is the budget's, by its ISO 4217 code; empty: the terms'.
	Currency string `json:"currency,omitempty"`
	// AskBeyond has tills ask a manager about a use beyond OfflineUses and within Uses.
	AskBeyond bool `json:"askBeyond,omitempty"`
	// Coupon is the 13 digits of a Global Coupon Number (GS1 AI 255), and Layout what coupons with it look like; zero:
	// not known.
	Coupon string       `json:"coupon,omitempty"`
	Layout offer.Layout `json:"layout,omitzero"`
	// Unproven and Offline are limits for terminals; see trust.Campaign.
	Unproven trust.Allowance `json:"unproven,omitzero"`
	Offline  trust.Allowance `json:"offline,omitzero"`
	// FollowUps say what is shown to a device because of a redemption.
	FollowUps []FollowUp `json:"followUps,omitempty"`
	// Holdout says which part of the devices is not answered with the campaign, to learn what answers change.
	Holdout Holdout       `json:"holdout,omitzero"`
	State   CampaignState `json:"state,omitempty"`
	Created int64         `json:"created,omitempty"`
	// Changed is when it was changed last, but for its state; 0: never.
	Changed int64 `json:"changed,omitempty"`
	// Revoked is when all its offers were revoked; 0: they are not. Accepted counts where there is a Limit.
	Revoked  int64 `json:"revoked,omitempty"`
	Accepted int64 `json:"accepted,omitempty"`
}

// A Holdout is the part of the devices that could be answered with a campaign and are not.
type Holdout struct {
	// Percent of the devices are held out; 0: none, and nothing is measured. Days of 24 hours is how long; 0: 30.
	Percent int `json:"percent,omitempty"`
	Days    int `json:"days,omitempty"`
}

// Words are a title and a text in one language.
type Words struct {
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
}

// A FollowUp shows an ad or another campaign's offer to a device whose offer was redeemed. Days have 24 hours.
type FollowUp struct {
	// Campaign, Merchant and Category say of what: all that are set must fit. None set: this campaign's. Merchant is the
	// campaign's owner, or who redeemed.
	Campaign string `json:"campaign,omitempty"`
	Merchant string `json:"merchant,omitempty"`
	Category string `json:"category,omitempty"`
	// Store is where it was redeemed; empty: any. Product is a GTIN that it gave a discount on, as the terminal reported,
	// or, where it reported none, that the terms of the redeemed campaign name; empty: any.
	Store   string `json:"store,omitempty"`
	Product string `json:"product,omitempty"`
	// Times is how many redemptions of the device fit at least; 0: one. MinGiven is the least that it gave, in minor units
	// of Currency; 0: any.
	Times    int    `json:"times,omitempty"`
	MinGiven int64  `json:"minGiven,omitempty"`
	Currency string `json:"currency,omitempty"`
	// AfterDays and WithinDays bound how many days ago it was redeemed; WithinDays 0: 90.
	AfterDays  int `json:"afterDays,omitempty"`
	WithinDays int `json:"withinDays,omitempty"`
	// Offer is the campaign that is offered. Ad is shown where it is empty. Repeat offers it also to a device that had
	// one, once none of those can be redeemed any more.
	Offer  string `json:"offer,omitempty"`
	Ad     *Ad    `json:"ad,omitempty"`
	Repeat bool   `json:"repeat,omitempty"`
	// Priority: the higher one comes first.
	Priority int `json:"priority,omitempty"`
	// From and Until bound when it is shown, in milliseconds since 1970; 0: no bound.
	From  int64 `json:"from,omitempty"`
	Until int64 `json:"until,omitempty"`
	// Cap bounds how often it is shown. CoolOffDays is how long it is not shown to a device that dismissed it; 0:
	// 365.
	Cap         Cap `json:"cap,omitzero"`
	CoolOffDays int `json:"coolOffDays,omitempty"`
	// Reasons say by language why it is shown.
	Reasons map[string]string `json:"reasons,omitempty"`
}

// A Cap bounds how often an answer is shown. A device is shown it once a day (UTC), however often it comes. 0: no
// bound.
type Cap struct {
	// Times is on how many days one device is shown it, within Days; Days 0: ever.
	Times int `json:"times,omitempty"`
	Days  int `json:"days,omitempty"`
	// Total is how often all devices together are shown it.
	Total int64 `json:"total,omitempty"`
}

// An Ad is shown and leads somewhere.
type Ad struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
	// Words are the title and the text in other languages.
	Words map[string]Words `json:"words,omitempty"`
	// Link is an https address, or empty.
	Link string `json:"link,omitempty"`
}
