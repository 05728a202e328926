package trust

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

// A Delta is what changed since one bundle, its base. Each delta says all of it, so that of several only the newest is
// needed, and what it says of keys, roots, campaigns and agreements stands in the base's place.
type Delta struct {
	// Base is the sequence of the bundle that it changes.
	Base uint64
	// Sequence, Merchant, Made, Keys, Roots, RevokedCampaigns, Campaigns, Agreements, Correction and Withdrawals are as in a
	// Bundle. Sequence is above Base.
	Sequence         uint64
	Merchant         string
	Made             time.Time
	Keys, Roots      []offer.Key
	RevokedCampaigns []string
	Campaigns        []Campaign
	Agreements       []Agreement
	Correction       uint64
	Withdrawals      []Withdrawal
	// Revoked are offers revoked since, Restored those of the base's that are good again.
	Revoked, Restored Offers
	// Spent are offers spent elsewhere since, GivenBack those of the base's that were voided or are otherwise free again.
	Spent, GivenBack Offers
}

type wireDelta struct {
	Version          int            `cbor:"1,keyasint"`
	Sequence         uint64         `cbor:"2,keyasint"`
	Merchant         string         `cbor:"3,keyasint"`
	Made             int64          `cbor:"4,keyasint"`
	Keys             []wireKey      `cbor:"5,keyasint,omitempty"`
	Roots            []wireKey      `cbor:"6,keyasint,omitempty"`
	Revoked          wireOffers     `cbor:"7,keyasint,omitzero"`
	RevokedCampaigns []string       `cbor:"8,keyasint,omitempty"`
	Campaigns        []wireCampaign `cbor:"9,keyasint,omitempty"`
	Base             uint64         `cbor:"10,keyasint"`
	Restored         wireOffers     `cbor:"11,keyasint,omitzero"`
	Spent            wireOffers     `cbor:"12,keyasint,omitzero"`
	GivenBack        wireOffers     `cbor:"13,keyasint,omitzero"`

	Agreements []wireAgreement `cbor:"14,keyasint,omitempty"`

	Correction  uint64           `cbor:"20,keyasint,omitempty"`
	Withdrawals []wireWithdrawal `cbor:"21,keyasint,omitempty"`
}

// SignDelta returns the delta sealed by the backend's key. Its errors are those of Sign.
func SignDelta(d Delta, by offer.Issuer) ([]byte, error) {
	d.RevokedCampaigns = slices.Compact(slices.Sorted(slices.Values(d.RevokedCampaigns)))
	d.Campaigns = sortedCampaigns(d.Campaigns)
	for _, set := range d.sets() {
		*set = set.sorted()
	}
	if err := d.check(); err != nil {
		return nil, invalid("SignDelta", "%w", err)
	}
	return seal(typeDelta, wireDelta{
		Version: formatVersion, Sequence: d.Sequence, Merchant: d.Merchant, Made: toMillis(d.Made),
		Keys: mapped(d.Keys, toWireKey), Roots: mapped(d.Roots, toWireKey), Revoked: toWireOffers(d.Revoked),
		RevokedCampaigns: d.RevokedCampaigns, Campaigns: mapped(d.Campaigns, toWireCampaign), Base: d.Base,
		Restored: toWireOffers(d.Restored), Spent: toWireOffers(d.Spent), GivenBack: toWireOffers(d.GivenBack),
		Agreements: mapped(d.Agreements, toWireAgreement),
		Correction: d.Correction, Withdrawals: mapped(d.Withdrawals, toWireWithdrawal),
	}, by)
}

func (d *Delta) sets() []*Offers { return []*Offers{&d.Revoked, &d.Restored, &d.Spent, &d.GivenBack} }

func (d *Delta) common() common {
	return common{d.Sequence, d.Merchant, d.Made, d.Keys, d.Roots, d.RevokedCampaigns, d.Campaigns, d.Agreements, d.Correction,
		d.Withdrawals}
}

func (d *Delta) check() error {
	if d.Base == 0 || d.Sequence <= d.Base {
		return fmt.Errorf("sequence %d does not come after its base %d", d.Sequence, d.Base)
	}
	if err := d.common().check(); err != nil {
		return err
	}
	for _, set := range d.sets() {
		if err := set.check(); err != nil {
			return err
		}
	}
	if d.Revoked.meets(d.Restored) || d.Spent.meets(d.GivenBack) {
		return errors.New("an offer is both added and taken out")
	}
	return nil
}

// meets reports whether two sorted sets have a name in common.
func (o Offers) meets(other Offers) bool {
	return slices.ContainsFunc(o.IDs, func(id offer.ID) bool { return other.has(id, "") }) ||
		slices.ContainsFunc(o.Aliases, func(alias string) bool { return other.has(offer.ID{}, alias) })
}

func verifyDelta(data []byte, roots offer.Keys) (*Delta, error) {
	payload, key, err := roots.Open(typeDelta, data)
	if err != nil {
		return nil, err
	}
	var w wireDelta
	if err := decode("delta", payload, &w); err != nil {
		return nil, err
	}
	d := &Delta{
		Base: w.Base, Sequence: w.Sequence, Merchant: w.Merchant, Made: fromMillis(w.Made), Keys: mapped(w.Keys, wireKey.key),
		Roots: mapped(w.Roots, wireKey.key), RevokedCampaigns: w.RevokedCampaigns, Campaigns: mapped(w.Campaigns, wireCampaign.campaign),
		Agreements: mapped(w.Agreements, wireAgreement.agreement), Correction: w.Correction,
		Withdrawals: mapped(w.Withdrawals, wireWithdrawal.withdrawal),
	}
	var errs [4]error
	for i, set := range []wireOffers{w.Revoked, w.Restored, w.Spent, w.GivenBack} {
		*d.sets()[i], errs[i] = set.offers()
	}
	if err := cmp.Or(cmp.Or(errs[:]...), d.check()); err != nil {
		return nil, malformed("the delta contradicts itself: %w", err)
	}
	return d, inForce(key, d.common())
}

// with returns the bundle as its delta changes it. A delta that was there before gives way.
func (b *Bundle) with(d *Delta, data []byte) (*Bundle, error) {
	base := b.baseSequence()
	if d.Base != base || d.Merchant != b.Merchant {
		return nil, malformed("the delta changes bundle %d of %q, but the bundle is %d of %q", d.Base, d.Merchant, base, b.Merchant)
	}
	if b.base+len(data) > MaxSize {
		return nil, fault.New(fault.TooLarge, "trust.Accept", "bundle and delta have %d bytes, at most %d are kept: fetch the whole bundle",
			b.base+len(data), MaxSize)
	}
	keys, err := offer.NewKeys(d.Keys...)
	if err != nil {
		return nil, malformed("the delta's keys: %w", err)
	}
	changed := *b
	changed.Sequence, changed.Made, changed.Keys, changed.Roots = d.Sequence, d.Made, d.Keys, d.Roots
	changed.RevokedCampaigns, changed.Campaigns, changed.Agreements = d.RevokedCampaigns, d.Campaigns, d.Agreements
	changed.Correction, changed.Withdrawals = d.Correction, d.Withdrawals
	changed.keys, changed.delta = keys, d
	changed.data = slices.Concat(b.data[:b.base], data)
	return &changed, nil
}

// baseSequence returns the sequence of the bundle without its delta.
func (b *Bundle) baseSequence() uint64 {
	if b.delta != nil {
		return b.delta.Base
	}
	return b.Sequence
}
