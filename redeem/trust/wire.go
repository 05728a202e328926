package trust

import (
	"errors"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
)

// wireBundle and the types below are what stands in CBOR, as the package comment lists it.
type wireBundle struct {
	Version          int            `cbor:"1,keyasint"`
	Sequence         uint64         `cbor:"2,keyasint"`
	Merchant         string         `cbor:"3,keyasint"`
	Made             int64          `cbor:"4,keyasint"`
	Keys             []wireKey      `cbor:"5,keyasint,omitempty"`
	Roots            []wireKey      `cbor:"6,keyasint,omitempty"`
	Revoked          []byte         `cbor:"7,keyasint,omitempty"`
	RevokedCampaigns []string       `cbor:"8,keyasint,omitempty"`
	Campaigns        []wireCampaign `cbor:"9,keyasint,omitempty"`
	Spent            wireFilter     `cbor:"10,keyasint,omitzero"`

	Agreements []wireAgreement `cbor:"14,keyasint,omitempty"`
	Salt       []byte          `cbor:"15,keyasint"`

	Correction  uint64           `cbor:"20,keyasint,omitempty"`
	Withdrawals []wireWithdrawal `cbor:"21,keyasint,omitempty"`

	Lanes []wireLane `cbor:"22,keyasint,omitempty"`
}

type wireKey struct {
	ID        string `cbor:"1,keyasint"`
	Issuer    string `cbor:"2,keyasint"`
	Public    []byte `cbor:"3,keyasint"`
	NotBefore int64  `cbor:"4,keyasint,omitempty"`
	NotAfter  int64  `cbor:"5,keyasint,omitempty"`
}

type wireCampaign struct {
	Name      string      `cbor:"1,keyasint"`
	Prefixes  []string    `cbor:"2,keyasint,omitempty"`
	Stores    []string    `cbor:"3,keyasint,omitempty"`
	NotBefore int64       `cbor:"4,keyasint,omitempty"`
	NotAfter  int64       `cbor:"5,keyasint,omitempty"`
	Terms     terms.Terms `cbor:"6,keyasint,omitzero"`
	Unproven  Allowance   `cbor:"7,keyasint,omitzero"`
	Offline   Allowance   `cbor:"8,keyasint,omitzero"`
	AskBeyond bool        `cbor:"9,keyasint,omitempty"`
	Title     string      `cbor:"10,keyasint,omitempty"`
	Owner     string      `cbor:"11,keyasint,omitempty"`

	Layout offer.Layout `cbor:"12,keyasint,omitzero"`
}

type wireFilter struct {
	Salt         []byte `cbor:"1,keyasint"`
	Count        int    `cbor:"2,keyasint"`
	Power        int    `cbor:"3,keyasint"`
	Fingerprints []byte `cbor:"4,keyasint"`
}

// IsZero reports whether the filter is empty, so that it is left out.
func (w wireFilter) IsZero() bool { return len(w.Fingerprints) == 0 && w.Count == 0 }

func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}

// convert returns f of each, and nil of none, so that what is empty is left out.
func convert[A, B any](all []A, f func(A) B) []B {
	var out []B
	for _, a := range all {
		out = append(out, f(a))
	}
	return out
}

func toWireKey(k offer.Key) wireKey {
	return wireKey{k.ID, k.Issuer, k.Public, toMillis(k.NotBefore), toMillis(k.NotAfter)}
}

func (w wireKey) key() offer.Key {
	return offer.Key{ID: w.ID, Issuer: w.Issuer, Public: w.Public, NotBefore: fromMillis(w.NotBefore),
		NotAfter: fromMillis(w.NotAfter)}
}

func toWireCampaign(c Campaign) wireCampaign {
	return wireCampaign{c.Name, c.Prefixes, c.Stores, toMillis(c.NotBefore), toMillis(c.NotAfter), c.Terms, c.Unproven,
		c.Offline,
		c.AskBeyond, c.Title, c.Owner, c.Layout}
}

func (w wireCampaign) campaign() Campaign {
	return Campaign{w.Name, w.Owner, w.Prefixes, w.Stores, fromMillis(w.NotBefore), fromMillis(w.NotAfter), w.Terms,
		w.Unproven, w.Offline,
		w.AskBeyond, w.Layout, w.Title}
}

func toWireFilter(f Filter) wireFilter {
	if f.count == 0 {
		return wireFilter{}
	}
	return wireFilter{f.salt[:], f.count, f.power, f.fingerprints}
}

func (w wireFilter) filter() (Filter, error) {
	f := Filter{count: w.Count, power: w.Power, fingerprints: w.Fingerprints}
	if !f.isSound() || !w.IsZero() && copy(f.salt[:], w.Salt) != len(w.Salt) || f.count > 0 && len(w.Salt) != saltSize {
		return Filter{}, errors.New("the parts of the filter do not fit together")
	}
	return f, nil
}
