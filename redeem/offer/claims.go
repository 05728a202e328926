package offer

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/cbor"
	"github.com/offlane/offlane/redeem/terms"
)

const (
	passVersion = 1
	claimOwn    = -65537
	maxUses     = 1_000_000
	maxUnix     = 253402300799 // the last second of the year 9999
)

// claims is the CWT claims set (RFC 8392, section 3).
type claims struct {
	Issuer    string   `cbor:"1,keyasint"`
	Audience  audience `cbor:"3,keyasint,omitzero"`
	NotAfter  int64    `cbor:"4,keyasint"`
	NotBefore int64    `cbor:"5,keyasint,omitempty"`
	IssuedAt  int64    `cbor:"6,keyasint"`
	ID        []byte   `cbor:"7,keyasint"`
	Own       cbor.Raw `cbor:"-65537,keyasint"`
}

// own is Offlane's private claim, a map of its own so that its key, long as private keys are, stands only once.
type own struct {
	Version     int         `cbor:"0,keyasint"`
	Campaign    string      `cbor:"1,keyasint,omitempty"`
	Stores      []string    `cbor:"2,keyasint,omitempty"`
	Uses        int         `cbor:"3,keyasint,omitempty"`
	OfflineUses int         `cbor:"4,keyasint,omitempty"`
	Alias       string      `cbor:"5,keyasint,omitempty"`
	Terms       terms.Terms `cbor:"6,keyasint,omitzero"`
	Owner       string      `cbor:"7,keyasint,omitempty"`
}

// audience is the aud claim: one text alone, or an array of several (RFC 7519, section 4.1.3).
type audience []string

func (a audience) MarshalCBOR() ([]byte, error) {
	if len(a) == 1 {
		return cbor.Marshal(a[0])
	}
	return cbor.Marshal([]string(a))
}

func (a *audience) UnmarshalCBOR(data []byte) error {
	if cbor.Major(data[0]>>5) == cbor.Text {
		*a = make(audience, 1)
		return strict.Unmarshal(data, &(*a)[0])
	}
	if err := strict.Unmarshal(data, (*[]string)(a)); err != nil {
		return err
	}
	if len(*a) < 2 {
		return errors.New("an array of fewer than two merchants")
	}
	return nil
}

func encodeClaims(p Pass) ([]byte, error) {
	private, err := cbor.Marshal(own{
		Version: passVersion, Campaign: p.Campaign, Stores: p.Stores, Uses: p.Uses, OfflineUses: p.OfflineUses,
		Alias: p.Alias, Terms: p.Terms, Owner: p.owner(),
	})
	if err != nil {
		return nil, err
	}
	c := claims{
		Issuer: p.Issuer, Audience: p.Audience, NotAfter: p.NotAfter.Unix(), IssuedAt: p.IssuedAt.Unix(), ID: p.ID[:],
		Own: private,
	}
	if len(p.Audience) == 0 {
		c.Audience = nil // none is left out, whichever way it is written
	}
	if !p.NotBefore.IsZero() {
		c.NotBefore = p.NotBefore.Unix()
	}
	return cbor.Marshal(c)
}

func decodeClaims(payload []byte) (*Pass, error) {
	var c claims
	if err := tolerant.Unmarshal(payload, &c); err != nil {
		return nil, errorf(fault.Malformed, "the pass's claims cannot be read: %w", err)
	}
	if !cbor.IsDeterministic(payload) {
		return nil, errorf(fault.NotCanonical, "the pass's claims are not in the deterministic encoding")
	}
	private, err := decodeOwn(c.Own)
	if err != nil {
		return nil, err
	}
	pass := &Pass{
		Issuer: c.Issuer, Audience: c.Audience, Stores: private.Stores, Campaign: private.Campaign,
		IssuedAt: fromUnix(c.IssuedAt), NotBefore: fromUnix(c.NotBefore), NotAfter: fromUnix(c.NotAfter),
		Uses: private.Uses, OfflineUses: private.OfflineUses, Alias: private.Alias, Terms: private.Terms,
		Owner: private.Owner,
	}
	if pass.Owner != "" && pass.owner() == "" {
		return nil, errorf(fault.NotCanonical, "the pass states an owner that follows from its audience")
	}
	pass.inferOwner()
	if copy(pass.ID[:], c.ID) != len(pass.ID) || len(c.ID) != len(pass.ID) {
		return nil, errorf(fault.Malformed, "the pass's identifier has %d bytes instead of %d", len(c.ID), len(pass.ID))
	}
	return pass, nil
}

// decodeOwn refuses what this program does not know: a key added later may well be a restriction.
func decodeOwn(data []byte) (own, error) {
	var version struct {
		Version int `cbor:"0,keyasint"`
	}
	if err := tolerant.Unmarshal(data, &version); err != nil {
		return own{}, errorf(fault.Malformed, "the pass has no claim of Offlane's, or not a readable one: %w", err)
	}
	if version.Version != passVersion {
		return own{}, errorf(fault.UnsupportedVersion, "the pass is of version %d, this program reads %d",
			version.Version, passVersion)
	}
	var private own
	if err := strict.Unmarshal(data, &private); err != nil {
		return own{}, errorf(fault.Malformed, "the pass's claim of Offlane's cannot be read: %w", err)
	}
	again, err := cbor.Marshal(private)
	if err != nil || !bytes.Equal(again, data) {
		return own{}, errorf(fault.NotCanonical, "the pass states something that it should leave out")
	}
	return private, nil
}

// fromUnix returns the zero time for the claim that is absent.
func fromUnix(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// check holds the pass to what its fields promise. It is asked when a pass is issued and again when one is read.
func (p Pass) check() error {
	switch {
	case p.ID.IsZero():
		return errors.New("the identifier is zero")
	case !isName(p.Issuer) || !isName(p.KeyID):
		return fmt.Errorf("the issuer and the key's id have 1 to %d bytes each", MaxName)
	case len(p.Campaign) > MaxName:
		return fmt.Errorf("the campaign's name has more than %d bytes", MaxName)
	case len(p.Owner) > MaxName:
		return fmt.Errorf("the owner's name has more than %d bytes", MaxName)
	case p.Uses < 0 || p.OfflineUses < 0 || p.Uses > maxUses || p.OfflineUses > max(p.Uses, 1):
		return fmt.Errorf("%d uses, %d of them offline, cannot be", p.Uses, p.OfflineUses)
	}
	if err := checkNames(p.Audience); err != nil {
		return fmt.Errorf("the audience: %w", err)
	}
	if err := checkNames(p.Stores); err != nil {
		return fmt.Errorf("the stores: %w", err)
	}
	if p.Alias != "" {
		if err := checkAlias(p.Alias); err != nil {
			return err
		}
	}
	if !p.Terms.IsZero() {
		if err := p.Terms.Check(); err != nil {
			return fmt.Errorf("the terms: %w", err)
		}
	}
	return p.checkTimes()
}

func checkNames(names []string) error {
	for i, name := range names {
		if !isName(name) {
			return fmt.Errorf("name %d has %d bytes, not 1 to %d", i+1, len(name), MaxName)
		}
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("%q stands twice", name)
		}
	}
	return nil
}

func (p Pass) checkTimes() error {
	for _, t := range []time.Time{p.IssuedAt, p.ValidFrom(), p.NotAfter} {
		if t.Unix() <= 0 || t.Unix() > maxUnix {
			return errors.New("the times of issue and of the end are required, and all lie between 1970 and 9999")
		}
	}
	if !p.ValidFrom().Before(p.NotAfter) {
		return errors.New("its validity ends before it begins")
	}
	return nil
}
