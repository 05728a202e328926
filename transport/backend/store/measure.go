package store

// An Arm is a part of the devices that could be answered with a campaign.
type Arm string

// The arms. The names are part of the format.
const (
	// Answered devices are shown the campaign, HeldOut devices are not.
	Answered Arm = "answered"
	HeldOut  Arm = "held-out"
)

// A Trial is what is kept of a device that could be answered with a campaign. Moments are in milliseconds since 1970.
type Trial struct {
	Arm Arm `json:"arm"`
	// Began is when the device became eligible, Ends from when on nothing counts any more.
	Began int64 `json:"began"`
	Ends  int64 `json:"ends"`
	// Accepted is when it accepted an offer of the campaign first since then; 0: it did not.
	Accepted int64 `json:"accepted,omitempty"`
	// Closed is when its outcome was added to the sums; 0: it was not yet.
	Closed int64 `json:"closed,omitempty"`
}

// A Measure counts what became of a campaign's answers, in all or in one arm.
type Measure struct {
	Campaign string `json:"campaign"`
	Arm      Arm    `json:"arm,omitempty"`
	// Without an arm: how many answers of devices that agreed to measurement were seen, clicked, dismissed and taken up
	// by an acceptance. They count in the campaign whose follow-up it is, under "New" in the one that is offered.
	Seen      int64 `json:"seen,omitempty"`
	Clicked   int64 `json:"clicked,omitempty"`
	Dismissed int64 `json:"dismissed,omitempty"`
	Taken     int64 `json:"taken,omitempty"`
	// In an arm: how many devices became eligible to be answered with the campaign, of how many of them the outcome is
	// final, how many of those accepted and redeemed it, and of how many it was made final early, since the device was
	// erased or its customer took the consent back.
	Eligible int64 `json:"eligible,omitempty"`
	Closed   int64 `json:"closed,omitempty"`
	Accepted int64 `json:"accepted,omitempty"`
	Redeemed int64 `json:"redeemed,omitempty"`
	Erased   int64 `json:"erased,omitempty"`
}
