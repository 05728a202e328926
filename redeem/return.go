package redeem

import (
	"slices"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// A takeBack is what a void takes back of one redemption.
type takeBack struct {
	of    *standing
	given record.Money
	by    record.GivenBy
}

// takeBacks says what is taken back of each redemption: what is left, or of a stated amount its share. Together the
// voids of a redemption take back what was given and no more.
func (w *withdrawal) takeBacks(live []standing) (backs []takeBack, err error) {
	stated := w.req.Returned
	if stated == (record.Money{}) {
		for i := range live {
			backs = append(backs, takeBack{&live[i], live[i].remainder(), record.GivenByRemainder})
		}
		return backs, nil
	}
	shares, err := sharesOf(stated, live)
	if err != nil {
		return nil, err
	}
	for i := range live {
		back := takeBack{&live[i], record.Money{Amount: shares[i], Currency: stated.Currency}, record.GivenByPOS}
		switch of := live[i].given.Currency; {
		case of != stated.Currency && of != "" && !w.req.Partial:
			back.given, back.by = live[i].remainder(), record.GivenByRemainder // of this one nothing was stated
		case w.req.Partial && shares[i] == 0 && (stated.Amount > 0 || i > 0):
			continue // nothing of this one was returned
		}
		backs = append(backs, back)
	}
	return backs, nil
}

// sharesOf spreads a stated amount over the redemptions in its currency, by what is left of each. Its error is
// fault.OverReturn.
func sharesOf(stated record.Money, live []standing) ([]int64, error) {
	weights, left := make([]int64, len(live)), int64(0)
	for i := range live {
		if live[i].given.Currency == stated.Currency {
			weights[i] = live[i].remainder().Amount
			left += weights[i]
		}
	}
	if stated.Amount > left {
		return nil, fault.New(fault.OverReturn, "redeem.Void",
			"%d %s cannot be taken back: %d %s of what was given are left",
			stated.Amount, stated.Currency, left, stated.Currency)
	}
	return terms.Spread(stated.Amount, weights), nil
}

// findRepeat finds what a call with the same return key did. The business date, where given, is part of the key. Its
// error is fault.Conflict where that was another return.
func (r *voider) findRepeat(v *journal.View, w *withdrawal) (again bool, err error) {
	if w.req.Key == "" {
		return false, nil
	}
	voids, err := recordsOf(v, returnKey(w.req.Key), record.Void)
	if date := w.req.BusinessDate; date != "" {
		voids = slices.DeleteFunc(voids, func(f storedRecord) bool { return f.rec.Sale.BusinessDate != date })
	}
	if err != nil || len(voids) == 0 {
		return false, err
	}
	w.did = r.partsOf(voids)
	_, w.cut = missingParts(w.did)
	same, err := w.isSame(v, voids)
	if err == nil && (!same || w.isAnother(voids)) {
		err = fault.New(fault.Conflict, "redeem.Void",
			"the key %q named another return at %s, void %s: give each return a key of its own",
			w.req.Key, moment(voids[0].rec.Time.Wall), voids[0].rec.ID)
	}
	w.done.Again = true
	for _, did := range w.did {
		w.done.add(did.rec.Of, did.rec.ID)
		w.done.Pending = w.done.Pending || did.Ref.IsZero()
	}
	return true, err
}

// isAnother reports whether a call that could take back more must be another return than the one that made the voids:
// its key has no day, and the voids are from long before.
func (w *withdrawal) isAnother(voids []storedRecord) bool {
	return w.req.BusinessDate == "" && (w.req.Partial || w.req.Scanned != "") &&
		evidence.LongAfter(voids[len(voids)-1].rec.Time, w.time)
}

// finish makes the voids that are missing of a call that was cut short: as the whole call would have made them then.
func (r *voider) finish(v *journal.View, w *withdrawal) ([]journal.Entry, error) {
	named, err := w.redemptions(v)
	if err != nil {
		return nil, err
	}
	voids := make([]storedRecord, len(w.did))
	for i, p := range w.did {
		voids[i] = p.storedRecord
	}
	var then []standing
	for _, f := range r.orderUses(named) {
		if f.Voided && w.voidOf(f.rec.ID) == nil {
			continue
		}
		s, err := standingOf(v, f, voids...)
		if err != nil {
			return nil, err
		}
		then = append(then, s)
	}
	return r.addMissing(v, w, then)
}

// voidOf returns the void of a redemption that the call made; nil: it made none.
func (w *withdrawal) voidOf(redemption record.ID) *part {
	for i := range w.did {
		if w.did[i].rec.Of == redemption {
			return &w.did[i]
		}
	}
	return nil
}

// addMissing makes the voids that a call did not make, if those that it made are those that it would make now.
func (r *voider) addMissing(v *journal.View, w *withdrawal, then []standing) ([]journal.Entry, error) {
	backs, err := w.takeBacks(then)
	if err != nil || len(backs) != w.did[0].kept.Parts {
		return nil, nil // something happened to the sale since: what is there stands
	}
	w.override = w.did[0].rec.Override
	b := r.batch(v, w.time, r.ids.now().stands)
	for i, back := range backs {
		if did := w.voidOf(back.of.rec.ID); did != nil {
			if did.rec.Given != back.given {
				return nil, nil
			}
			continue
		}
		if _, err := r.addVoid(&b, w, back, i, len(backs)); err != nil {
			return nil, err
		}
	}
	return b.entries, nil
}

// isSame reports whether the voids are those of the same return: of the same sale, redemption or offer, whole or in
// part as well, and of the same stated amount.
func (w *withdrawal) isSame(v *journal.View, voids []storedRecord) (bool, error) {
	stated := record.Money{}
	for _, void := range voids {
		if void.rec.Partial != w.req.Partial || !w.names(void.rec) {
			return false, nil
		}
		if void.rec.GivenBy == record.GivenByPOS {
			stated.Amount, stated.Currency = stated.Amount+void.rec.Given.Amount, void.rec.Given.Currency
		}
	}
	if stated != w.req.Returned && !w.isPartOf(stated) {
		return false, nil
	}
	return w.isOfSameDay(v, voids)
}

// isPartOf reports whether voids of an amount may be some of those that the request asks for: a call that was cut
// short, or damage, left no more.
func (w *withdrawal) isPartOf(stated record.Money) bool {
	return len(w.did) < w.did[0].kept.Parts && w.req.Returned != (record.Money{}) &&
		(stated == record.Money{} || stated.Currency == w.req.Returned.Currency &&
			stated.Amount < w.req.Returned.Amount)
}

// names reports whether the request names the redemption that a void took back.
func (w *withdrawal) names(void record.Record) bool {
	switch req := w.req; {
	case !req.Redemption.IsZero():
		return void.Of == req.Redemption
	case req.SaleKey != "":
		return !void.Of.IsZero() && void.Sale.Key == req.SaleKey
	case req.Receipt != "":
		return void.Receipt == req.Receipt || !void.Of.IsZero() && void.Of.Receipt() == req.Receipt
	}
	return decision.SameOffer(&void, &w.presented)
}

// isOfSameDay looks at the day of the sale, which stands in the redemptions.
func (w *withdrawal) isOfSameDay(v *journal.View, voids []storedRecord) (bool, error) {
	if w.req.SaleDate == "" {
		return true, nil
	}
	for _, void := range voids {
		of, err := recordsAt(v, []journal.ID{journal.ID(void.rec.Of)}, record.Redemption)
		if err != nil || len(of) > 0 && of[0].rec.Sale.BusinessDate != w.req.SaleDate {
			return false, err
		}
	}
	return true, nil
}
