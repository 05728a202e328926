package trust

import (
	"errors"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/offer"
)

// An Agreement lets the terminals of a bundle's merchant redeem offers of another merchant. Both made it with the
// backend, each with a key of its own. Without one no terminal redeems another merchant's offers.
type Agreement struct {
	// Owner is the merchant whose offers are redeemed, 1 to offer.MaxName bytes, never the bundle's own.
	Owner string
	// Campaigns are those of the owner's campaigns that it is about; none: all.
	Campaigns []string
	// Ended is when one of the two ended it: passes issued before are good until they expire, later ones are not. Zero:
	// it is in force. Whole milliseconds.
	Ended time.Time
	// Stopped says that the bundle's own merchant ended it at once: under it nothing is redeemed any more.
	Stopped bool
}

type wireAgreement struct {
	Owner     string   `cbor:"1,keyasint"`
	Campaigns []string `cbor:"2,keyasint,omitempty"`
	Ended     int64    `cbor:"3,keyasint,omitempty"`
	Stopped   bool     `cbor:"4,keyasint,omitempty"`
}

func toWireAgreement(a Agreement) wireAgreement {
	return wireAgreement{a.Owner, a.Campaigns, toMillis(a.Ended), a.Stopped}
}

func (w wireAgreement) agreement() Agreement {
	return Agreement{w.Owner, w.Campaigns, fromMillis(w.Ended), w.Stopped}
}

// Agreed reports whether an agreement lets the terminals redeem an offer of the owner's campaign. issued is when its
// pass was issued; zero: it has none. Where no agreement does, stopped reports whether the bundle's own merchant ended
// one of them at once.
func (b *Bundle) Agreed(owner, campaign string, issued time.Time) (agreed, stopped bool) {
	for _, a := range b.Agreements {
		switch {
		case a.Owner != owner || len(a.Campaigns) > 0 && !slices.Contains(a.Campaigns, campaign):
		case a.Stopped:
			stopped = true
		case a.Ended.IsZero() || issued.Before(a.Ended):
			return true, false
		}
	}
	return false, stopped
}

func (a Agreement) check(merchant string) error {
	switch {
	case a.Owner == merchant:
		return errors.New("an agreement of the merchant with itself cannot be")
	case a.Stopped && a.Ended.IsZero():
		return errors.New("an agreement that was stopped has an end")
	}
	if err := checkName("owner", a.Owner, 1, offer.MaxName); err != nil {
		return err
	}
	return checkEach("campaign", a.Campaigns, offer.MaxName)
}
