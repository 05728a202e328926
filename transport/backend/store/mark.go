package store

import (
	"github.com/offlane/offlane/redeem/offer"
)

// A MarkKind says what terminals should hear of an offer.
type MarkKind uint8

// The kinds of mark. The numbers are part of the format.
const (
	// Unmarked: the offer was marked once and is good again.
	Unmarked MarkKind = 0
	// MarkedSpent: all its uses are taken.
	MarkedSpent MarkKind = 1
	// MarkedRevoked: it was revoked, whether it is spent or not.
	MarkedRevoked MarkKind = 2
)

// A Mark is what terminals should hear of an offer. Offers that were never spent or revoked have none.
type Mark struct {
	ID offer.ID
	// Alias is the offer's GS1 number; empty: none.
	Alias    string
	Campaign string
	// NotAfter is when the offer ends, in milliseconds since 1970.
	NotAfter int64
	Kind     MarkKind
	// Changed is the number of the mark's last change. Later changes have the same number or greater ones.
	Changed uint64
}

// Mark is the kind of mark that the offer should have.
func (o *Offer) Mark() MarkKind {
	switch {
	case o.Revoked != 0:
		return MarkedRevoked
	case o.IsSpent():
		return MarkedSpent
	}
	return Unmarked
}

// A mark stands under its number and identifier in tableChanged. An
// offer's row in tableOffers begins with the number and the kind of its mark, so that a booking writes one row less.
