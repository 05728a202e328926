package trust

import (
	"cmp"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

// Verify reads a bundle and the delta that may follow it. The roots are the keys of the backend; the one that signed
// must have been in force when it signed. Its error is fault.TooLarge, Malformed, NotCanonical, UnsupportedVersion,
// Algorithm, CriticalHeader, UnknownIssuer, Forged or IssuerKeyExpired. It keeps data, which must not be changed
// afterwards. Which merchant the bundle is for, and whether it is newer than another, is for Accept to say.
func Verify(data []byte, roots offer.Keys) (*Bundle, error) {
	if len(data) > maxSize {
		return nil, fault.New(fault.TooLarge, "trust.Verify", "the bundle has %d bytes, at most %d are read", len(data),
			maxSize)
	}
	first, rest, err := outer.Split(data)
	if err != nil {
		return nil, malformedError("it is no CBOR: %w", err)
	}
	b, err := verifyBundle(first, roots)
	if err != nil || len(rest) == 0 {
		return b, err
	}
	d, err := verifyDelta(rest, roots)
	if err != nil {
		return nil, err
	}
	return b.apply(d, rest)
}

func verifyBundle(data []byte, roots offer.Keys) (*Bundle, error) {
	payload, key, err := roots.Open(typeBundle, data)
	if err != nil {
		return nil, err
	}
	var w wireBundle
	if err := decode("bundle", payload, &w); err != nil {
		return nil, err
	}
	b := &Bundle{
		Sequence: w.Sequence, Merchant: w.Merchant, Made: fromMillis(w.Made), Keys: convert(w.Keys, wireKey.key),
		Roots: convert(w.Roots, wireKey.key), RevokedCampaigns: w.RevokedCampaigns, Campaigns: convert(w.Campaigns,
			wireCampaign.campaign),
		Agreements: convert(w.Agreements, wireAgreement.agreement), Correction: w.Correction,
		Withdrawals: convert(w.Withdrawals, wireWithdrawal.withdrawal), revoked: w.Revoked,
		Lanes: convert(w.Lanes, wireLane.lane),
		data:  data, base: len(data),
	}
	if b.Salt, err = saltOf(w.Salt); err != nil || b.Salt == (Salt{}) {
		return nil, malformedError("the bundle has no salt, or none that can be: %v", err)
	}
	b.lanes = b.Lanes
	var errSpent error
	b.Spent, errSpent = w.Spent.filter()
	if err := cmp.Or(errSpent, b.check()); err != nil {
		return nil, malformedError("the bundle contradicts itself: %w", err)
	}
	if _, err := offer.NewKeys(b.Keys...); err != nil {
		return nil, malformedError("the bundle's keys: %w", err)
	}
	return b, checkForce(key, b.common())
}

func checkForce(key offer.Key, c common) error {
	if !key.InForce(c.made) {
		return fault.New(fault.IssuerKeyExpired, "trust.Verify", "the key %q was not in force when bundle %d was made",
			key.ID, c.sequence)
	}
	return nil
}
