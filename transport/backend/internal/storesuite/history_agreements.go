package storesuite

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/transport/wire"
)

// A plainAgreement lets a partner redeem an owner's offers. ended is when it was ended, in milliseconds since 1970; 0:
// it was not.
type plainAgreement struct {
	id, owner, partner string
	ended              int64
}

// agree has two merchants make an agreement.
func (w *world) agree(owner, partner string) {
	a := request[wire.Agreement](w, w.server.Management(), "POST", wire.PathAgreements, managementKey(owner),
		wire.NewAgreement{Owner: owner, Partner: partner}, http.StatusCreated)
	w.putAgreement(a.ID, partner, wire.NewAgreementState{State: wire.AgreementActive})
	w.books.agreements = append(w.books.agreements, plainAgreement{id: a.ID, owner: owner, partner: partner})
}

func (w *world) putAgreement(id, by string, to wire.NewAgreementState) {
	path := strings.Replace(wire.PathAgreementState, "{id}", id, 1)
	request[wire.Agreement](w, w.server.Management(), "PUT", path, managementKey(by), to, http.StatusOK)
}

// changeAgreement has a merchant end an agreement, or two make another where none stands.
func (w *world) changeAgreement() {
	owner, partner := "m-1", "m-2"
	if w.chance(50) {
		owner, partner = partner, owner
	}
	i := slices.IndexFunc(w.books.agreements, func(a plainAgreement) bool { return a.owner == owner && a.ended == 0 })
	if i < 0 {
		w.note("%s lets %s redeem its offers", owner, partner)
		w.agree(owner, partner)
		return
	}
	by := one(w.rng, owner, partner)
	w.note("%s ends the agreement on the offers of %s", by, owner)
	a := &w.books.agreements[i]
	w.putAgreement(a.id, by, wire.NewAgreementState{State: wire.AgreementEnded, AtOnce: by == partner && w.chance(50)})
	a.ended = w.books.millis()
}

// audience are the merchants that passes of a campaign are for now: the owner, and partners with which an agreement
// stands.
func (b *plainBooks) audience(c *wire.Campaign) []string {
	audience := []string{c.Merchant}
	for _, partner := range c.Partners {
		stands := func(a plainAgreement) bool { return a.owner == c.Merchant && a.partner == partner && a.ended == 0 }
		if slices.ContainsFunc(b.agreements, stands) {
			audience = append(audience, partner)
		}
	}
	return audience
}

// honourEnd is until when a merchant redeems coupons of a campaign that have no serial, since it is the owner or
// under an agreement, and after that as long as a pass is good that was issued before; 0: not at all.
func (b *plainBooks) honourEnd(c *wire.Campaign, merchant string) (until int64) {
	const always = 1 << 62
	if c.Merchant == merchant {
		return always
	}
	for _, a := range b.agreements {
		switch {
		case a.owner != c.Merchant || a.partner != merchant || !slices.Contains(c.Partners, merchant):
		case a.ended == 0:
			until = always
		default:
			end := time.UnixMilli(a.ended).Truncate(time.Second).Add(time.Duration(c.ValidSeconds) * time.Second)
			until = max(until, end.UnixMilli())
		}
	}
	return until
}

// hasPart reports whether a merchant is a campaign's owner or one of its partners.
func hasPart(c *wire.Campaign, merchant string) bool {
	return c != nil && (c.Merchant == merchant || slices.Contains(c.Partners, merchant))
}
