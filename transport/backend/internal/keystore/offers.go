package keystore

import (
	"bytes"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

func (t transaction) Offers(ids []offer.ID, aliases []string) (offers []store.Offer, err error) {
	seen := make(map[offer.ID]bool, len(ids))
	for _, id := range ids {
		if offers, err = t.appendOffer(offers, seen, id); err != nil {
			return nil, err
		}
	}
	for _, alias := range aliases {
		if alias == "" {
			continue
		}
		id, err := t.kv.Get(tableAliases, []byte(alias))
		if err == nil && len(id) == len(offer.ID{}) {
			offers, err = t.appendOffer(offers, seen, offer.ID(id))
		}
		if err != nil {
			return nil, err
		}
	}
	return offers, nil
}

// appendOffer appends an offer that is there and was not seen.
func (t transaction) appendOffer(offers []store.Offer, seen map[offer.ID]bool, id offer.ID) ([]store.Offer, error) {
	if seen[id] {
		return offers, nil
	}
	_, raw, err := t.offerRow(id)
	if err != nil || raw == nil {
		return offers, err
	}
	seen[id] = true
	o, err := rowcode.DecodeOffer(id, raw)
	if err != nil {
		o = store.Offer{ID: id, Err: err}
	}
	return append(offers, o), nil
}

// isTaken reports whether there is an offer with this one's identifier or alias.
func (t transaction) isTaken(o *store.Offer) (bool, error) {
	if row, err := t.kv.Get(tableOffers, o.ID[:]); err != nil || row != nil || o.Alias == "" {
		return row != nil, err
	}
	row, err := t.kv.Get(tableAliases, []byte(o.Alias))
	return row != nil, err
}

func (t transaction) AddOffer(o store.Offer) error {
	switch taken, err := t.isTaken(&o); {
	case err != nil:
		return err
	case taken:
		return fault.New(fault.Conflict, "store", "the identifier or alias of offer %s is taken", o.ID)
	}
	if o.Alias != "" {
		if err := t.kv.Put(tableAliases, []byte(o.Alias), o.ID[:]); err != nil {
			return err
		}
	}
	if !o.Device.IsZero() {
		if err := t.kv.Put(tableHeld, heldKey(o.Device, o.Number, o.ID), []byte{1}); err != nil {
			return err
		}
	}
	if len(o.Uses) == 0 {
		if err := t.kv.Put(tableUnused, endKey(&o), []byte{1}); err != nil {
			return err
		}
	}
	return (&marker{transaction: t}).put(&o, markRef{})
}

func (t transaction) PutOffers(offers []store.Offer) error {
	// neighbours in the file
	slices.SortFunc(offers, func(a, b store.Offer) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	marks := marker{transaction: t}
	for i := range offers {
		o := &offers[i]
		was, _, err := t.offerRow(o.ID)
		if err != nil {
			return err
		}
		if err := marks.put(o, was); err != nil {
			return err
		}
		if err := t.keepUnused(o); err != nil {
			return err
		}
	}
	return nil
}
