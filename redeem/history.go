package redeem

import (
	"cmp"
	"context"
	"iter"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A history reads the records of a journal for people.
type history struct{ *recorder }

// list returns the records among which those are that a query chooses. What cannot be read is among the damage that
// Status tells of.
func (h history) list(ctx context.Context, q Query) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		for stored, err := range h.records(ctx, q) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Listed{}, err)
				return
			}
			if stored.Payload == nil {
				continue
			}
			rec, err := record.Decode(stored.Payload)
			if err != nil {
				continue
			}
			kept := h.attachmentOf(stored)
			if !yield(Listed{rec, rec.ID.Receipt(), stored.Voided, stored.State != journal.Pending, kept.discount(),
				kept.Pass}, nil) {
				return
			}
		}
	}
}

// records returns the records among which those are that a query chooses: by what it names where the journal finds that
// by a key, else all.
func (h history) records(ctx context.Context, q Query) iter.Seq2[journal.Stored, error] {
	if q.SaleKey == "" && q.Redemption.IsZero() && q.Receipt == "" {
		return h.journal.History()
	}
	return func(yield func(journal.Stored, error) bool) {
		all, err := h.recordsByKey(ctx, q)
		if err != nil {
			yield(journal.Stored{}, err)
			return
		}
		for _, stored := range all {
			if !yield(stored, nil) {
				return
			}
		}
	}
}

// recordsByKey reads the records that are found by a key.
func (h history) recordsByKey(ctx context.Context, q Query) (all []journal.Stored, err error) {
	err = h.journal.Read(ctx, func(v *journal.View) error {
		all = nil
		ids, err := q.ids(v)
		for _, id := range ids {
			stored, ok, err := v.Get(id)
			switch {
			case err != nil && fault.CodeOf(err) != fault.Damaged:
				return err
			case err == nil && ok:
				all = append(all, stored)
			}
		}
		return err
	})
	return all, err
}

// ids finds the records of one redemption, of one receipt or of one sale.
func (q Query) ids(v *journal.View) (ids []journal.ID, err error) {
	defer func() {
		if fault.CodeOf(err) == fault.Damaged {
			err = nil // what cannot be read is left out
		}
	}()
	switch {
	case !q.Redemption.IsZero():
		ids = []journal.ID{journal.ID(q.Redemption)}
	case q.Receipt != "":
		ids, err = v.Find(receiptKey(q.Receipt))
	default:
		return v.Find(saleKey(q.SaleKey))
	}
	for _, id := range ids {
		about, e := v.Find(voidKey(record.ID(id)))
		ids, err = append(ids, about...), cmp.Or(err, e)
	}
	return ids, err
}
