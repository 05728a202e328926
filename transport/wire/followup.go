package wire

// A FollowUp shows an ad or another campaign's offer to a device whose offer was redeemed. Where another merchant is
// named, itself or by one of its campaigns, an agreement on follow-ups with it stands when the campaign is created,
// and when something is shown. Days have 24 hours.
//
// The one with the higher Priority is shown first; of equal ones that of the campaign which was created later, then by
// the campaign's id, then by its place in the campaign.
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
	// Times is how many redemptions of the device fit at least, at most 100; 0: one. MinGiven is the least that it gave,
	// in minor units of Currency, an ISO 4217 code; 0: any.
	Times    int    `json:"times,omitempty"`
	MinGiven int64  `json:"minGiven,omitempty"`
	Currency string `json:"currency,omitempty"`
	// AfterDays and WithinDays bound how many days ago it was redeemed, at most 366; WithinDays 0: 90.
	AfterDays  int `json:"afterDays,omitempty"`
	WithinDays int `json:"withinDays,omitempty"`
	// Offer is the campaign that is offered. Ad is shown where it is empty. Repeat offers it also to a device that had
	// one, once none of those can be redeemed any more, such as a coffee after a coffee.
	Offer  string `json:"offer,omitempty"`
	Ad     *Ad    `json:"ad,omitempty"`
	Repeat bool   `json:"repeat,omitempty"`
	// Priority: the higher one comes first.
	Priority int `json:"priority,omitempty"`
	// From and Until bound when it is shown, in milliseconds since 1970; 0: no bound.
	From  int64 `json:"from,omitempty"`
	Until int64 `json:"until,omitempty"`
	// Cap bounds how often it is shown. CoolOffDays is how long it is not shown to a device that dismissed it, at most
	// 3660; 0: 365.
	Cap         Cap `json:"cap,omitzero"`
	CoolOffDays int `json:"coolOffDays,omitempty"`
	// Reasons say by language why it is shown, each 1 to 200 bytes; a language that is not there has the backend's words.
	Reasons map[string]string `json:"reasons,omitempty"`
}

// A Cap bounds how often an answer is shown. A device is shown it once a day (UTC), however often it comes. 0: no
// bound.
type Cap struct {
	// Times is on how many days one device is shown it, at most 100, within Days, at most 366; Days 0: ever.
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
	// Words are the title and the text in other languages than the campaign's.
	Words map[string]Words `json:"words,omitempty"`
	// Link is an https address, or empty.
	Link string `json:"link,omitempty"`
}

// Words are a title and a text in one language, as long as a campaign's.
type Words struct {
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
}
