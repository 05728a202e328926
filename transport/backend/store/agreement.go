package store

// An AgreementState says whether an agreement holds.
type AgreementState string

// An Agreement is between two merchants: the owner, whose offers are redeemed, and the partner, whose tills redeem
// them. Times are in milliseconds since 1970, 0 where it did not happen.
type Agreement struct {
	ID      string `json:"id"`
	Owner   string `json:"owner"`
	Partner string `json:"partner"`
	// Campaigns are those of the owner's campaigns that it is about, which need not exist yet; none: all, also later ones.
	Campaigns []string `json:"campaigns,omitempty"`
	// FollowUps lets follow-ups of those campaigns answer redemptions of the partner's offers, and offer the partner's
	// campaigns.
	FollowUps bool `json:"followUps,omitempty"`
	// Coupons are beginnings of the owner's GS1 coupon numbers which the partner may use for campaigns of its own.
	Coupons []string       `json:"coupons,omitempty"`
	State   AgreementState `json:"state"`
	// ProposedBy is the merchant that proposed it, EndedBy the one that ended it.
	ProposedBy string `json:"proposedBy"`
	EndedBy    string `json:"endedBy,omitempty"`
	Proposed   int64  `json:"proposed"`
	Accepted   int64  `json:"accepted,omitempty"`
	Ended      int64  `json:"ended,omitempty"`
	// Stopped is when the partner ended it at once: from then on its tills redeem nothing under it.
	Stopped int64 `json:"stopped,omitempty"`
}
