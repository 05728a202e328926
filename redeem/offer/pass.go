package offer

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/terms"
)

const (
	// maxPass is the greatest length of a signed pass in bytes, before base45: it fits a QR code of version 15 at error
	// correction level M.
	maxPass = 384
	// MaxPassText is the greatest length of a signed pass as text, with its prefix.
	MaxPassText = len(passPrefix) + maxPass/2*3

	passPrefix = "OL1:"
)

// A Pass is what a signed pass says of its offer. Texts are UTF-8; those that name something have 1 to MaxName bytes.
type Pass struct {
	// ID is the offer's identifier; never zero. It is a secret of the customer's and stays out of JSON.
	ID ID `json:"-"`
	// Issuer and KeyID name the key that signed. Issue fills them in.
	Issuer, KeyID string
	// Owner names the merchant whose offer it is and whose money it gives. Empty: the merchant of an audience of one;
	// with another audience no owner is known. Parse fills it in where it follows from the audience.
	Owner string
	// Audience names the merchants that may redeem; none: every merchant that trusts the issuer.
	Audience []string
	// Stores names the stores that may redeem; none: every store of those merchants.
	Stores []string
	// Campaign names the campaign; empty: none.
	Campaign string
	// IssuedAt is when the pass was signed. Required, as are all times in whole seconds.
	IssuedAt time.Time
	// NotBefore is the first moment of validity; zero: IssuedAt.
	NotBefore time.Time
	// NotAfter is the first moment after validity has ended. Required.
	NotAfter time.Time
	// Uses is how often the offer may be redeemed; 0: once.
	Uses int
	// OfflineUses is how many of those uses one terminal may grant on its own; 0: once.
	OfflineUses int
	// Alias is the GS1 number that names the same offer, in the canonical form of Presented.Alias; empty: none.
	Alias string
	// Terms says what the customer gets; zero: the merchant's own system knows.
	Terms terms.Terms
}

// MaxUses returns how often the offer may be redeemed, at least once.
func (p Pass) MaxUses() int { return max(p.Uses, 1) }

// MaxOfflineUses returns how many uses one terminal may grant on its own, from one to MaxUses.
func (p Pass) MaxOfflineUses() int { return min(max(p.OfflineUses, 1), p.MaxUses()) }

// owner returns the owner as it stands in a pass: what follows from the audience is left out.
func (p Pass) owner() string {
	if len(p.Audience) == 1 && p.Owner == p.Audience[0] {
		return ""
	}
	return p.Owner
}

// inferOwner fills in the owner that a pass leaves out.
func (p *Pass) inferOwner() {
	if len(p.Audience) == 1 && p.Owner == "" {
		p.Owner = p.Audience[0]
	}
}

// ValidFrom returns the first moment of validity.
func (p Pass) ValidFrom() time.Time {
	if p.NotBefore.IsZero() {
		return p.IssuedAt
	}
	return p.NotBefore
}

// MayRedeem returns nil where the merchant, in the store, is among those the pass is for, else fault.OtherMerchant or
// fault.OtherStore.
func (p Pass) MayRedeem(merchant, store string) error {
	switch {
	case len(p.Audience) > 0 && !slices.Contains(p.Audience, merchant):
		return fault.New(fault.OtherMerchant, "offer.MayRedeem", "the offer is for %q, not for %q: it can be redeemed there",
			p.Audience, merchant)
	case len(p.Stores) > 0 && !slices.Contains(p.Stores, store):
		return fault.New(fault.OtherStore, "offer.MayRedeem",
			"the offer is for the stores %q, not for %q: it can be redeemed there", p.Stores, store)
	}
	return nil
}

// Issue signs a pass and returns it as text, as it goes into a QR code in alphanumeric mode. Issuer and KeyID are the
// issuer's own, whatever the pass says. Its error is fault.InvalidRequest for a pass that is incomplete or contradicts
// itself, and fault.TooLarge for one of more than 384 bytes: shorten names or leave out products.
func (i Issuer) Issue(p Pass) (string, error) {
	p.Issuer, p.KeyID = i.Name, i.KeyID
	if err := p.check(); err != nil {
		return "", invalid("Issue", "%w", err)
	}
	payload, err := encodeClaims(p)
	if err != nil {
		return "", invalid("Issue", "the claims cannot be encoded: %w", err)
	}
	data, err := i.seal(typeCWT, payload)
	if err != nil {
		return "", err
	}
	if len(data) > maxPass {
		return "", fault.New(fault.TooLarge, "offer.Issue", "the pass has %d bytes, %d more than a till can scan: "+
			"shorten names or leave out products", len(data), len(data)-maxPass)
	}
	return passPrefix + string(encodeBase45(data)), nil
}
