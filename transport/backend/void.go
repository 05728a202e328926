package backend

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// void takes back the redemption that it names. One that did not come yet is remembered as voided.
func (b *booking) void(e *Entry, rec *record.Record) error {
	e.Verdict.Status = record.Confirmed
	target, name := b.target(e, rec)
	if rec.Until != 0 || target != nil && target.Raw != nil && !target.IsBooked() {
		e.Kind = 0 // it releases a reservation, or takes back what was a duplicate: neither was counted
	}
	switch {
	case target == nil && rec.Partial:
		return nil
	case target == nil && name.IsZero():
		return b.owe(e, b.find(rec))
	case target == nil:
		b.put(&Entry{ID: name, Place: record.Place{Merchant: e.Place.Merchant}, Terminal: e.Terminal, Voided: e.ID})
		return nil
	case target.Place.Merchant != e.Place.Merchant:
		return fault.New(fault.OtherMerchant, "", "the redemption that it voids is another merchant's")
	case target.Raw != nil && target.Kind != record.Redemption && target.Kind != record.Reservation:
		return fault.New(fault.NotFound, "", "what it voids is no redemption")
	}
	e.Offer, e.Campaign = target.Offer, target.Campaign
	if rec.Partial {
		return nil
	}
	if !target.Voided.IsZero() {
		return fault.New(fault.AlreadyVoided, "", "the redemption was voided before, by record %s", target.Voided)
	}
	target.Voided = e.ID
	b.put(target)
	b.free(target)
	return nil
}

// target returns the entry that a void is about, or nil and the name under which to remember that it was voided, which is zero
// where the void names nothing but the offer.
func (b *booking) target(e *Entry, rec *record.Record) (*Entry, record.ID) {
	name := rec.Of
	if name.IsZero() && rec.Receipt != "" {
		name = b.receiptStub(rec.Receipt)
		for id, other := range b.entries {
			if other.Kind == record.Redemption && other.Place.Merchant == e.Place.Merchant && id.Receipt() == rec.Receipt {
				return other, id
			}
		}
	}
	if o := b.find(rec); o != nil && name.IsZero() {
		for _, u := range o.Uses {
			if u.Place.Merchant == e.Place.Merchant {
				name = u.Record // the last one
			}
		}
	}
	return b.entries[name], name
}

// owe remembers that the offer's next redemption of this merchant is taken back.
func (b *booking) owe(e *Entry, o *Offer) error {
	switch {
	case o == nil:
		return fault.New(fault.UnknownOffer, "", "this backend never issued the offer that it voids")
	case len(o.Owed) >= wire.MaxUses:
		return fault.New(fault.OverLimit, "", "%d voids of this offer wait for a redemption already", len(o.Owed))
	}
	e.Offer, e.Campaign = o.ID, o.Campaign
	o.Owed = append(o.Owed, Use{Record: e.ID, Terminal: e.Terminal, Place: e.Place, Committed: b.now, Given: e.Given})
	b.changedOffers[o.ID] = o
	return nil
}

// free gives the use that a redemption took back to its offer.
func (b *booking) free(target *Entry) {
	if o := b.offers[target.Offer]; o != nil {
		o.Uses = slices.DeleteFunc(slices.Clone(o.Uses), func(u Use) bool { return u.Record == target.ID })
		b.changedOffers[o.ID] = o
	}
}

// voidOf returns the void that came before this redemption and takes it back: one that names it by id or by receipt, or one
// that names the offer alone.
func (b *booking) voidOf(e *Entry, o *Offer) record.ID {
	for _, name := range []record.ID{e.ID, b.receiptStub(e.ID.Receipt())} {
		stub := b.entries[name]
		if stub == nil || stub.Raw != nil || stub.Voided.IsZero() || stub.Place.Merchant != e.Place.Merchant {
			continue
		}
		void := stub.Voided
		if name != e.ID {
			stub.Voided = record.ID{} // two redemptions with one receipt are one in 10^13; only the first is taken back
			b.put(stub)
		}
		return void
	}
	for i, owed := range o.Owed {
		if owed.Place.Merchant == e.Place.Merchant {
			o.Owed = slices.Delete(slices.Clone(o.Owed), i, i+1)
			b.changedOffers[o.ID] = o
			return owed.Record
		}
	}
	return record.ID{}
}
