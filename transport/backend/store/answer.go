package store

// An Answer is what one device was shown of one follow-up, or under "New" of one campaign. Days are numbers of days
// since 1970 (UTC), moments are in milliseconds since 1970.
type Answer struct {
	Device Hash `json:"-"` // a part of the key
	// Name names the answer, unique in the backend. Campaign is whose follow-up it is, Offer the campaign that it offers.
	Name     string `json:"name"`
	Campaign string `json:"campaign"`
	Offer    string `json:"offer,omitempty"`
	// Days are the days on which it was shown, ascending, at most so many as its cap looks at and at least the last.
	// Times is on how many days it was shown in all.
	Days  []int64 `json:"days,omitempty"`
	Times int     `json:"times,omitempty"`
	// Quiet is until when it is not shown, since the customer dismissed it; 0: it was not dismissed.
	Quiet int64 `json:"quiet,omitempty"`
}
