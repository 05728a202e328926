package backend

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// void takes back the redemption that it names. One that did not come yet is remembered as voided.
func (b *booking) void(e *Entry, rec *record.Record) error {
	e.Verdict.Status = record.Confirmed
	target := b.target(e, rec)
	if target == nil {
		return b.owe(e, rec, b.find(rec))
	}
	if rec.Until != 0 || !target.IsBooked() {
		e.Kind = 0 // a reservation and a duplicate were not counted; a redemption that did not come yet may turn out to be one
	}
	switch {
	case target.Place.Merchant != e.Place.Merchant:
		return fault.New(fault.OtherMerchant, "", "the redemption that it voids is another merchant's")
	case target.Raw != nil && target.Kind != record.Redemption && target.Kind != record.Reservation:
		return fault.New(fault.NotFound, "", "what it voids is no redemption")
	case rec.Partial && len(target.Parts) >= wire.MaxUses:
		return fault.New(fault.OverLimit, "", "%d voids of parts wait for this redemption already", len(target.Parts))
	}
	e.Offer, e.Campaign = target.Offer, cmp.Or(target.Campaign, e.Campaign)
	if rec.Partial && target.Raw == nil {
		target.Parts = append(target.Parts, e.ID)
		b.put(target)
	}
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

// target returns the entry that a void is about, which stands for it where it did not come yet, or nil where the void names nothing
// but the offer.
func (b *booking) target(e *Entry, rec *record.Record) *Entry {
	name := rec.Of
	if name.IsZero() && rec.Receipt != "" {
		name = b.receiptStub(rec.Receipt)
		for id, other := range b.entries {
			if other.Kind == record.Redemption && other.Place.Merchant == e.Place.Merchant && id.Receipt() == rec.Receipt {
				return other
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
	if name.IsZero() || b.entries[name] != nil {
		return b.entries[name]
	}
	return &Entry{ID: name, Place: record.Place{Merchant: e.Place.Merchant}, Terminal: e.Terminal}
}

// owe remembers that the offer's next redemption of this merchant is taken back. A part of one is counted at once: nothing tells of
// which it is.
func (b *booking) owe(e *Entry, rec *record.Record, o *Offer) error {
	switch {
	case o == nil:
		return fault.New(fault.UnknownOffer, "", "this backend never issued the offer that it voids")
	case !rec.Partial && len(o.Owed) >= wire.MaxUses:
		return fault.New(fault.OverLimit, "", "%d voids of this offer wait for a redemption already", len(o.Owed))
	}
	e.Offer, e.Campaign = o.ID, o.Campaign
	if !rec.Partial {
		e.Kind = 0 // until it comes
		o.Owed = append(o.Owed, Use{Record: e.ID, Terminal: e.Terminal, Place: e.Place, Committed: b.now, Given: e.Given})
		b.changedOffers[o.ID] = o
	}
	return nil
}

// free gives the use that a redemption took back to its offer.
func (b *booking) free(target *Entry) {
	if o := b.offers[target.Offer]; o != nil {
		o.Uses = slices.DeleteFunc(slices.Clone(o.Uses), func(u Use) bool { return u.Record == target.ID })
		b.changedOffers[o.ID] = o
	}
}

// earlyVoids are the voids for whose redemptions the loaded rows stand.
func (b *booking) earlyVoids() (names []record.ID) {
	for _, e := range b.entries {
		if e.Raw == nil {
			names = append(append(names, e.Voided), e.Parts...)
		}
	}
	for _, o := range b.offers {
		for _, owed := range o.Owed {
			names = append(names, owed.Record)
		}
	}
	return names
}

// takeVoids finds the void that came before this redemption and takes it back, which names it by id or by receipt, or names the
// offer alone. It returns those of a part.
func (b *booking) takeVoids(e *Entry, o *Offer) (parts []record.ID) {
	for _, name := range []record.ID{e.ID, b.receiptStub(e.ID.Receipt())} {
		stub := b.entries[name]
		if stub == nil || stub.Raw != nil || stub.Place.Merchant != e.Place.Merchant {
			continue
		}
		parts = append(parts, stub.Parts...)
		stub.Parts = nil // two redemptions with one receipt are one in 10^13; only the first is taken back
		if e.Voided.IsZero() {
			e.Voided, stub.Voided = stub.Voided, record.ID{}
		}
		b.put(stub)
	}
	for i, owed := range o.Owed {
		if e.Voided.IsZero() && owed.Place.Merchant == e.Place.Merchant {
			e.Voided = owed.Record
			o.Owed = slices.Delete(slices.Clone(o.Owed), i, i+1)
			b.changedOffers[o.ID] = o
			break
		}
	}
	return parts
}

// countVoids counts the voids that came before this redemption, now that it is booked.
func (b *booking) countVoids(e *Entry, parts []record.ID) {
	for _, id := range append(parts, e.Voided) {
		if void := b.entries[id]; void != nil {
			void.Kind, void.Offer, void.Campaign = record.Void, e.Offer, e.Campaign
			b.put(void)
		}
	}
}
