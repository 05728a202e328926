package trust

import (
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
	// Sequence, Merchant, Made, Keys, Roots, RevokedCampaigns, Campaigns, Agreements, Correction and Withdrawals are as
	// in a Bundle. Sequence is above Base.
	Sequence         uint64
	Merchant         string
	Made             time.Time
	Keys, Roots      []offer.Key
	RevokedCampaigns []string
	Campaigns        []Campaign
	Agreements       []Agreement
	Correction       uint64
	Withdrawals      []Withdrawal
	// Lanes are as in a Bundle, unless KeepsLanes says that those of the base stand; then there are none.
	Lanes      []Lane
	KeepsLanes bool
	// Salt is the base's, with which the offers below are hashed, so that the delta names none; zero: there are none.
	Salt Salt
	// Revoked are offers revoked since, Restored those of the base's that are good again.
	Revoked, Restored Offers
	// Spent are offers spent elsewhere since, GivenBack those of the base's that were voided or are otherwise free again.
	Spent, GivenBack Offers
}

// A signedDelta is a delta as it was signed.
type signedDelta struct {
	Delta                               // without Salt and names
	revoked, restored, spent, givenBack hashes
}

type wireDelta struct {
	Version          int            `cbor:"1,keyasint"`
	Sequence         uint64         `cbor:"2,keyasint"`
	Merchant         string         `cbor:"3,keyasint"`
	Made             int64          `cbor:"4,keyasint"`
	Keys             []wireKey      `cbor:"5,keyasint,omitempty"`
	Roots            []wireKey      `cbor:"6,keyasint,omitempty"`
	Revoked          []byte         `cbor:"7,keyasint,omitempty"`
	RevokedCampaigns []string       `cbor:"8,keyasint,omitempty"`
	Campaigns        []wireCampaign `cbor:"9,keyasint,omitempty"`
	Base             uint64         `cbor:"10,keyasint"`
	Restored         []byte         `cbor:"11,keyasint,omitempty"`
	Spent            []byte         `cbor:"12,keyasint,omitempty"`
	GivenBack        []byte         `cbor:"13,keyasint,omitempty"`

	Agreements []wireAgreement `cbor:"14,keyasint,omitempty"`
	Salt       []byte          `cbor:"15,keyasint,omitempty"`

	Correction  uint64           `cbor:"20,keyasint,omitempty"`
	Withdrawals []wireWithdrawal `cbor:"21,keyasint,omitempty"`

	Lanes      []wireLane `cbor:"22,keyasint,omitempty"`
	KeepsLanes bool       `cbor:"23,keyasint,omitempty"`
}

// SignDelta returns the delta sealed by the backend's key. Its errors are those of Sign.
func SignDelta(d Delta, by offer.Issuer) ([]byte, error) {
	d.RevokedCampaigns = slices.Compact(slices.Sorted(slices.Values(d.RevokedCampaigns)))
	d.Campaigns, d.Lanes = sortedCampaigns(d.Campaigns), sortedLanes(d.Lanes)
	signed, err := d.hash()
	if err == nil {
		err = signed.check()
	}
	if err != nil {
		return nil, invalid("SignDelta", "%w", err)
	}
	return seal(typeDelta, wireDelta{
		Version: formatVersion, Sequence: d.Sequence, Merchant: d.Merchant, Made: toMillis(d.Made),
		Keys: convert(d.Keys, toWireKey), Roots: convert(d.Roots, toWireKey), Revoked: signed.revoked,
		RevokedCampaigns: d.RevokedCampaigns, Campaigns: convert(d.Campaigns, toWireCampaign), Base: d.Base,
		Restored: signed.restored, Spent: signed.spent, GivenBack: signed.givenBack,
		Agreements: convert(d.Agreements, toWireAgreement), Salt: d.Salt.wire(),
		Correction: d.Correction, Withdrawals: convert(d.Withdrawals, toWireWithdrawal),
		Lanes: convert(d.Lanes, toWireLane), KeepsLanes: d.KeepsLanes,
	}, by)
}

// hash returns the delta with the hashes of its offers.
func (d Delta) hash() (*signedDelta, error) {
	signed := &signedDelta{Delta: d}
	names := []Offers{d.Revoked, d.Restored, d.Spent, d.GivenBack}
	for i, set := range names {
		set = set.normalise()
		if err := set.check(); err != nil {
			return nil, err
		}
		*signed.sets()[i] = d.Salt.hashAll(set)
	}
	return signed, nil
}

func (d *signedDelta) sets() []*hashes {
	return []*hashes{&d.revoked, &d.restored, &d.spent, &d.givenBack}
}

// size is how many hashes the delta has.
func (d *signedDelta) size() (n int) {
	for _, set := range d.sets() {
		n += set.len()
	}
	return n
}

func (d *Delta) common() common {
	return common{d.Sequence, d.Merchant, d.Made, d.Keys, d.Roots, d.RevokedCampaigns, d.Campaigns, d.Agreements,
		d.Correction,
		d.Withdrawals, d.Lanes}
}

func (d *signedDelta) check() error {
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
	if d.Salt == (Salt{}) && d.size() > 0 {
		return errors.New("it says something of offers and has no salt: take the base's")
	}
	if d.KeepsLanes && len(d.Lanes) > 0 {
		return errors.New("it keeps the base's lanes and has others")
	}
	if d.revoked.meets(d.restored) || d.spent.meets(d.givenBack) {
		return errors.New("an offer is both added and taken out")
	}
	return nil
}

func verifyDelta(data []byte, roots offer.Keys) (*signedDelta, error) {
	payload, key, err := roots.Open(typeDelta, data)
	if err != nil {
		return nil, err
	}
	var w wireDelta
	if err := decode("delta", payload, &w); err != nil {
		return nil, err
	}
	salt, err := saltOf(w.Salt)
	if err != nil {
		return nil, malformedError("the delta: %w", err)
	}
	d := &signedDelta{revoked: w.Revoked, restored: w.Restored, spent: w.Spent, givenBack: w.GivenBack, Delta: Delta{
		Base: w.Base, Sequence: w.Sequence, Merchant: w.Merchant, Made: fromMillis(w.Made),
		Keys:  convert(w.Keys, wireKey.key),
		Roots: convert(w.Roots, wireKey.key), RevokedCampaigns: w.RevokedCampaigns, Campaigns: convert(w.Campaigns,
			wireCampaign.campaign),
		Agreements: convert(w.Agreements, wireAgreement.agreement), Salt: salt, Correction: w.Correction,
		Withdrawals: convert(w.Withdrawals, wireWithdrawal.withdrawal),
		Lanes:       convert(w.Lanes, wireLane.lane), KeepsLanes: w.KeepsLanes,
	}}
	if err := d.check(); err != nil {
		return nil, malformedError("the delta contradicts itself: %w", err)
	}
	return d, checkForce(key, d.common())
}

// apply returns the bundle as its delta changes it. A delta that was there before gives way.
func (b *Bundle) apply(d *signedDelta, data []byte) (*Bundle, error) {
	base := b.baseSequence()
	if d.Base != base || d.Merchant != b.Merchant {
		return nil, malformedError("the delta changes bundle %d of %q, but the bundle is %d of %q", d.Base, d.Merchant, base,
			b.Merchant)
	}
	if d.Salt != b.Salt && d.size() > 0 {
		return nil, malformedError("the delta's offers are hashed with another salt than those of its base %d", base)
	}
	if b.base+len(data) > maxSize {
		return nil, fault.New(fault.TooLarge, "trust.Accept",
			"bundle and delta have %d bytes, at most %d are kept: fetch the whole bundle",
			b.base+len(data), maxSize)
	}
	if _, err := offer.NewKeys(d.Keys...); err != nil {
		return nil, malformedError("the delta's keys: %w", err)
	}
	changed := *b
	changed.Sequence, changed.Made, changed.Keys, changed.Roots = d.Sequence, d.Made, d.Keys, d.Roots
	changed.RevokedCampaigns, changed.Campaigns, changed.Agreements = d.RevokedCampaigns, d.Campaigns, d.Agreements
	changed.Correction, changed.Withdrawals = d.Correction, d.Withdrawals
	if changed.Lanes = d.Lanes; d.KeepsLanes {
		changed.Lanes = b.lanes
	}
	changed.delta = d
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
