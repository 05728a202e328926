package wire

// Effects is the answer to a GET of PathEffects, by campaign. Campaigns of which nothing was counted are left out.
type Effects struct {
	Effects []Effect `json:"effects"`
}

// An Effect is what became of a campaign's answers, and what answering with the campaign changed. What is counted is of
// devices whose customers agreed to measurement.
type Effect struct {
	Campaign string `json:"campaign"`
	// Seen, Clicked, Dismissed and Taken count answers, each once a device: those on the screen, followed, dismissed, and
	// named by an acceptance. Answers of a campaign's follow-ups count there, those under "New" in the one offered.
	Seen      int64 `json:"seen"`
	Clicked   int64 `json:"clicked"`
	Dismissed int64 `json:"dismissed"`
	Taken     int64 `json:"taken"`
	// Trial is set for a campaign with a Holdout once a device could be answered with it.
	Trial *Trial `json:"trial,omitempty"`
}

// A Trial compares the devices that were answered with a campaign with those that could be and were held out.
type Trial struct {
	Answered Arm `json:"answered"`
	HeldOut  Arm `json:"heldOut"`
	// Accepted and Redeemed are the differences of how many of a hundred devices did that. Those in Open are left out.
	Accepted Difference `json:"accepted"`
	Redeemed Difference `json:"redeemed"`
}

// An Arm counts devices.
type Arm struct {
	// Eligible could be answered with the campaign because of a redemption. Open are those whose days are not over, or
	// may still have late reports come; the others have their final outcome.
	Eligible int64 `json:"eligible"`
	Open     int64 `json:"open"`
	// Accepted and Redeemed are those of a final outcome that accepted an offer of the campaign in their days, and that
	// redeemed it in them.
	Accepted int64 `json:"accepted"`
	Redeemed int64 `json:"redeemed"`
	// Erased are those whose outcome was made final early, since they were erased or the customer took the consent back.
	Erased int64 `json:"erased"`
}

// A Difference is by how much the part of devices that did something is greater among those that were answered, from -1
// to 1, with the interval that covers the true difference in 95 of 100 trials (Newcombe 1998, method 10). Who looks
// again and again until the interval leaves zero is misled more often.
type Difference struct {
	Estimate float64 `json:"estimate"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	// Says is one of the words below.
	Says string `json:"says"`
}

// What a Difference says.
const (
	// SaysTooLittle: an arm has fewer than 50 final outcomes, or both together fewer than 10 devices that did it.
	SaysTooLittle = "too-little"
	// SaysNothing: the interval has zero in it, so that there may be no difference.
	SaysNothing = "no-difference"
	// SaysMore and SaysFewer: the whole interval lies above zero, or below.
	SaysMore  = "more"
	SaysFewer = "fewer"
)
