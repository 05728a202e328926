package backend

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// A register is what a campaign is held against before it is added: the merchants of the campaigns that its follow-ups
// name, the agreements of its own merchant, and to whom GS1 numbers are assigned.
type register struct {
	owners     map[string]string // by campaign; one that is not there has none
	agreements []store.Agreement
	merchants  []Merchant
}

// readRegister reads what a campaign is held against, and no other campaigns.
func (s *Server) readRegister(tx store.Tx, c *store.Campaign) (*register, error) {
	r := &register{owners: map[string]string{}, merchants: s.cfg.Merchants}
	for i := range c.FollowUps {
		for _, id := range []string{c.FollowUps[i].Campaign, c.FollowUps[i].Offer} {
			if _, known := r.owners[id]; known || id == "" {
				continue
			}
			other, err := tx.Campaign(id)
			if err != nil {
				return nil, err
			}
			if r.owners[id] = ""; other != nil {
				r.owners[id] = other.Merchant
			}
		}
	}
	var err error
	r.agreements, err = tx.Agreements(c.Merchant)
	return r, err
}

// mayAdd refuses what reaches into another merchant's affairs without an agreement. Error: fault.Forbidden, of which
// the detail begins with the field.
func (r *register) mayAdd(c *store.Campaign) error {
	return cmp.Or(r.checkPartners(c), r.checkCoupon(c), r.checkFollowUps(c))
}

func (r *register) checkPartners(c *store.Campaign) error {
	agreed := rules.AgreedPartners(c, r.agreements)
	for i, partner := range c.Partners {
		if !slices.Contains(agreed, partner) {
			return forbiddenError("partners[%d]: no agreement with %q stands for the campaign %q: propose one, and create the "+
				"campaign when it is accepted", i, partner, c.ID)
		}
	}
	return nil
}

// checkCoupon asks that the number is the merchant's own, or one that its owner lets it use.
func (r *register) checkCoupon(c *store.Campaign) error {
	if c.Coupon == "" {
		return nil
	}
	owner := ownerOf(c.Coupon, r.merchants)
	switch {
	case owner == "":
		return forbiddenError("coupon: no beginning of %s is assigned to %q: the backend's keeper assigns "+
			"GS1 company prefixes", c.Coupon, c.Merchant)
	case !rules.MayUseCoupon(c.Coupon, c.Merchant, owner, r.agreements):
		return forbiddenError("coupon: %s belongs to another merchant, with which no agreement stands that lets %q use it",
			c.Coupon, c.Merchant)
	}
	return nil
}

// ownerOf is the merchant to whom the beginning of a coupon number is assigned; empty: none.
func ownerOf(number string, merchants []Merchant) string {
	for _, m := range merchants {
		if slices.ContainsFunc(m.Prefixes, func(prefix string) bool { return strings.HasPrefix(number, prefix) }) {
			return m.Name
		}
	}
	return ""
}

// checkFollowUps asks for an agreement with each other merchant that a follow-up names, itself or by a campaign. A
// campaign that is not there yet is looked at when the follow-up is shown.
func (r *register) checkFollowUps(c *store.Campaign) error {
	for i := range c.FollowUps {
		f := &c.FollowUps[i]
		at := fmt.Sprintf("followUps[%d]", i)
		err := cmp.Or(
			r.checkFollows(c, at+".merchant", f.Merchant),
			r.checkFollows(c, at+".campaign", r.owners[f.Campaign]),
			r.checkFollows(c, at+".offer", r.owners[f.Offer]),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *register) checkFollows(c *store.Campaign, at, other string) error {
	if other == "" || rules.MayFollow(c, other, r.agreements) {
		return nil
	}
	return forbiddenError("%s: it is another merchant's, with which no agreement on follow-ups stands for the campaign %q",
		at, c.ID)
}

func forbiddenError(format string, args ...any) error {
	return fault.New(fault.Forbidden, "", format, args...)
}

// checkMerchants holds the merchants of a Config to what their fields promise.
func checkMerchants(merchants []Merchant) error {
	for i := range merchants {
		m := &merchants[i]
		if err := m.check(); err != nil {
			return err
		}
		for _, other := range merchants[:i] {
			if err := m.checkBeside(other); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *Merchant) check() error {
	if m.Name == "" || len(m.Name) > offer.MaxName || m.Key != "" && len(m.Key) < minKey {
		return fault.Invalid("merchant %q: a name has 1 to %d bytes, a management key at least %d", m.Name, offer.MaxName,
			minKey)
	}
	for _, prefix := range m.Prefixes {
		if !wire.IsCouponPrefix(prefix) {
			return fault.Invalid("merchant %q: the prefix %.20q is not 4 to 13 digits, with which its GS1 numbers begin",
				m.Name, prefix)
		}
	}
	return nil
}

// checkBeside refuses what two merchants cannot both have.
func (m *Merchant) checkBeside(other Merchant) error {
	prefix := sharedPrefix(m.Prefixes, other.Prefixes)
	switch {
	case m.Name == other.Name:
		return nil
	case m.Key != "" && m.Key == other.Key:
		return fault.Invalid("merchant %q: it has the management key of %q", m.Name, other.Name)
	case prefix != "":
		return fault.Invalid("merchant %q: numbers that begin with %s are assigned to %q as well", m.Name, prefix, other.Name)
	}
	return nil
}

// sharedPrefix returns a prefix with which numbers begin that fit both lists; empty: there are none.
func sharedPrefix(one, two []string) string {
	for _, a := range one {
		for _, b := range two {
			if strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
				return max(a, b) // the longer one, which begins with the other
			}
		}
	}
	return ""
}
