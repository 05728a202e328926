package trust

import (
	"crypto/rand"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/cbor"
	"github.com/offlane/offlane/redeem/offer"
)

const (
	typeBundle = "application/x-offlane-bundle"
	typeDelta  = "application/x-offlane-delta"
)

// Sign returns the bundle sealed by the backend's key. It sorts what has an order, hashes the revoked offers, with a
// fresh salt where the bundle has none, and keeps those that a verified bundle has already. Its error is
// fault.InvalidRequest for a bundle that cannot be, and fault.TooLarge for one of more than 8 MiB.
func Sign(b Bundle, by offer.Issuer) ([]byte, error) {
	b.RevokedCampaigns = slices.Compact(slices.Sorted(slices.Values(b.RevokedCampaigns)))
	b.Campaigns, b.Lanes = sortedCampaigns(b.Campaigns), sortedLanes(b.Lanes)
	b.Revoked = b.Revoked.normalise()
	if b.Salt == (Salt{}) {
		rand.Read(b.Salt[:])
	}
	if err := b.check(); err != nil {
		return nil, invalid("Sign", "%w", err)
	}
	return seal(typeBundle, wireBundle{
		Version: formatVersion, Sequence: b.Sequence, Merchant: b.Merchant, Made: toMillis(b.Made),
		Keys: convert(b.Keys, toWireKey), Roots: convert(b.Roots, toWireKey),
		Revoked:          b.revoked.union(b.Salt.hashAll(b.Revoked)),
		RevokedCampaigns: b.RevokedCampaigns, Campaigns: convert(b.Campaigns, toWireCampaign), Spent: toWireFilter(b.Spent),
		Agreements: convert(b.Agreements, toWireAgreement), Salt: b.Salt[:],
		Correction: b.Correction, Withdrawals: convert(b.Withdrawals, toWireWithdrawal),
		Lanes: convert(b.Lanes, toWireLane),
	}, by)
}

func seal(kind string, content any, by offer.Issuer) ([]byte, error) {
	payload, err := cbor.Marshal(content)
	if err != nil {
		return nil, invalid("Sign", "it cannot be encoded: %w", err)
	}
	data, err := by.Seal(kind, payload)
	if err != nil {
		return nil, err
	}
	if len(data) > maxSize {
		return nil, fault.New(fault.TooLarge, "trust.Sign", "it has %d bytes, at most %d are allowed: name fewer offers",
			len(data), maxSize)
	}
	return data, nil
}

func (b *Bundle) check() error {
	if err := b.common().check(); err != nil {
		return err
	}
	if err := b.Revoked.check(); err != nil {
		return err
	}
	return b.revoked.check()
}

func (b *Bundle) common() common {
	return common{b.Sequence, b.Merchant, b.Made, b.Keys, b.Roots, b.RevokedCampaigns, b.Campaigns, b.Agreements,
		b.Correction,
		b.Withdrawals, b.Lanes}
}
