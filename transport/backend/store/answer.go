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
	// Seen, Clicked and Taken are when it was first on the screen, when it was first clicked, and when an acceptance first
	// named it; 0: not, or the customer did not agree to measurement.
	Seen    int64 `json:"seen,omitempty"`
	Clicked int64 `json:"clicked,omitempty"`
	Taken   int64 `json:"taken,omitempty"`
	// Trial is set where the row is that of a trial; such a row is no answer.
	Trial *Trial `json:"trial,omitempty"`
	// Click is set where the row is that of a click; such a row is no answer.
	Click *Click `json:"click,omitempty"`
	// Due is when it is to be looked at whether the row is still needed; 0: never.
	Due int64 `json:"due,omitempty"`
}
