package redeem

import (
	"cmp"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// voidElsewhere records that a redemption is taken back which this terminal's journal does not hold: another terminal
// made it, or it was reported so long ago that only its keys are left here. The backend finds it by what is known of
// it.
func (r *voider) voidElsewhere(v *journal.View, w *withdrawal) ([]journal.Entry, error) {
	req := w.req
	if req.SaleKey != "" || req.Key == "" {
		return nil, fault.New(fault.NotFound, "redeem.Void",
			"this terminal's journal holds no such redemption: if another terminal made it, give its receipt or the offer, "+
				"and a Key")
	}
	if err := cmp.Or(w.namesAnotherKind(v), r.weighVoids(v, w, nil)); err != nil {
		return nil, err
	}
	b := r.batch(v, w.time, r.ids.now().stands)
	rec := b.next(record.Void)
	rec.Of, rec.Receipt, rec.Offer, rec.Alias = req.Redemption, req.Receipt, w.presented.ID, w.presented.Alias
	rec.Sale, rec.Partial, rec.Given = req.sale(record.Sale{Key: req.Key}), req.Partial, req.Returned
	rec.Override = w.override
	if req.Returned != (record.Money{}) {
		rec.GivenBy = record.GivenByPOS
	}
	if pass := w.presented.Pass; pass != nil {
		rec.Campaign = pass.Campaign
	}
	entry := voidEntry(rec, req.Key)
	entry.KeepUntil = keepOf(w.presented.Pass, w.time)
	entry.Attachment = attach(passText(req.Scanned, &w.presented), terms.Discount{}, 0, 1)
	if _, here := v.State(entry.Ref); !here {
		entry.Uses, entry.Ref, w.done.Pending = 0, journal.ID{}, true
	}
	if !rec.Partial {
		for _, key := range offerKeys(w.presented) {
			entry.LookupKeys = append(entry.LookupKeys, elsewhereKey(key))
		}
	}
	r.countVoid(w, &rec)
	w.done.add(rec.Of, rec.ID)
	if err := b.add(&rec, entry); err != nil {
		return nil, err
	}
	return b.entries, nil
}

// namesAnotherKind refuses what this terminal's journal knows to be no redemption, such as a reservation.
func (w *withdrawal) namesAnotherKind(v *journal.View) error {
	stored, ok, err := v.Get(journal.ID(w.req.Redemption))
	if err != nil || !ok || stored.Payload == nil {
		return err
	}
	rec, err := record.Decode(stored.Payload)
	if err != nil || rec.Kind == record.Redemption {
		return nil
	}
	return fault.New(fault.NotFound, "redeem.Void",
		"record %s is no redemption but a %s: a reservation is given up with Release", rec.ID, rec.Kind)
}
