package backend

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/store"
)

// A device is who asks: a browser by its cookie, or an app, or a page of another origin, by a bearer secret. The two
// kinds of secret are made apart, so that neither counts as the other. One whose secret this server did not make is
// none.
type device struct {
	secret string
	// bearer says that it has no cookies, and origin where the page is from that has it; "": it is an app, or a browser on
	// the backend's own page.
	bearer bool
	origin string
	// in is what says which merchants allowed the origin; nil without one.
	in *answer.Catalogue
	// signal says that the request bears Global Privacy Control.
	signal bool
}

// purpose is what its secret is made for.
func (d device) purpose() string {
	if d.bearer {
		return ofApp
	}
	return ofDevice
}

// deviceOf reads the credential. A request of another origin has no cookies, whatever it bears; another scheme than
// Bearer is for a proxy. Error:
// fault.Unauthorized for a bearer secret that this server did not make.
func (s *Server) deviceOf(c *call) (device, error) {
	secret, err := c.bearer()
	if err != nil {
		d := device{bearer: c.origin != "", origin: c.origin, in: c.in, signal: hasSignal(c.Request)}
		if !d.bearer {
			d.secret = s.cookieSecret(c)
		}
		return d, nil
	}
	if !s.secrets.verify(ofApp, secret) {
		err = fault.New(fault.Unauthorized, "", "the bearer is no device's secret: accept an offer without one to get one")
	}
	return device{secret, true, c.origin, c.in, hasSignal(c.Request)}, err
}

func (d device) hash() store.Hash { return store.HashOf(d.secret) }

// row returns the device's row and locks it; nil: it has none, or was forgotten. Error: fault.Forbidden for a device
// that another origin made.
func (d device) row(tx store.Tx) (*store.Device, error) {
	if d.secret == "" {
		return nil, nil
	}
	row, err := tx.Device(d.hash())
	if err == nil && row != nil && row.Origin != d.origin {
		return nil, fault.New(fault.Forbidden, "", "this device was made by %q: no other origin may use it", row.Origin)
	}
	return row, err
}

// offers returns the offers that the device accepted with a number below one (0: any), the newest first, at most so
// many. Those that are not as they were written are left out.
func (d device) offers(tx store.Tx, below, most int) ([]store.Offer, error) {
	offers, err := tx.DeviceOffers(d.hash(), below, most)
	return slices.DeleteFunc(offers, func(o store.Offer) bool { return o.Err != nil }), err
}

// mayTake refuses an offer of a merchant that did not allow the device's origin.
func (d device) mayTake(merchant string) error {
	if d.origin != "" && !d.in.Allows(merchant, d.origin) {
		return fault.New(fault.Forbidden, "", "the merchant did not allow the origin %q", d.origin)
	}
	return nil
}

// slot returns the offers of a slot, the newest first.
func (d device) slot(tx store.Tx, slot int) ([]store.Offer, error) {
	offers, err := d.offers(tx, (slot+1)*slotSize+1, slotSize)
	return slices.DeleteFunc(offers, func(o store.Offer) bool { return o.Number == 0 || slotOf(o.Number) != slot }), err
}
