package booking

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/waits"
	"github.com/offlane/offlane/transport/backend/store"
)

// troubleOf says why an item cannot be judged now, though nothing is wrong with it: a row that it needs is not as it
// was written.
func (b *booking) troubleOf(it *record.Item) error {
	for _, id := range b.needs(it) {
		if e := b.entries[id]; e != nil && e.Err != nil {
			return fault.New(fault.Damaged, "booking", "the row of record %s: %w", id, e.Err)
		}
	}
	for _, w := range b.waitsOf(it) {
		if t, read := b.terminals[w.Terminal]; read && t == nil {
			return fault.New(fault.Damaged, "booking", "the row of terminal %s is not readable", w.Terminal)
		}
	}
	o := b.find(&it.Record)
	switch {
	case o == nil || it.Err != nil:
		return nil
	case o.Err != nil:
		return fault.New(fault.Damaged, "booking", "the row of the offer of record %s: %w", it.Name, o.Err)
	case b.campaigns[o.Campaign] == nil:
		return fault.New(fault.Damaged, "booking", "the row of the campaign %q is not readable", o.Campaign)
	}
	return nil
}

// needs are the entries by which an item is judged.
func (b *booking) needs(it *record.Item) []record.ID {
	rec, ids := &it.Record, []record.ID{it.Name, it.Record.Of}
	for _, w := range b.waitsOf(it) {
		ids = append(ids, w.Record)
	}
	switch o := b.find(rec); {
	case it.Err != nil:
	case isByOffer(rec) && o != nil:
		for _, u := range o.Uses {
			ids = append(ids, u.Record)
		}
	case isByReceipt(rec):
		for id, e := range b.entries {
			if e.Err != nil && id.Receipt() == rec.Receipt {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// waitsOf is what may wait for an item.
func (b *booking) waitsOf(it *record.Item) []store.Waiting {
	if len(b.waits) == 0 { // as nearly always
		return nil
	}
	all := b.waits[waits.TargetRecord(it.Name)]
	if it.Err != nil || it.Record.Kind != record.Redemption {
		return all
	}
	all = append(slices.Clip(all), b.waits[waits.TargetReceipt(b.Terminal.Place.Merchant, it.Name.Receipt())]...)
	if o := b.find(&it.Record); o != nil {
		all = append(all, b.waits[waits.TargetOffer(o.ID)]...)
	}
	return all
}
