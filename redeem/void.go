package redeem

import (
	"cmp"
	"context"
	"errors"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// Void takes a redemption back, durably, before it returns. A full void frees the use for this terminal at once and,
// when it arrives, at the backend for whatever arrives after it. Voiding again what was voided returns the same
// records; an offer that is scanned with a Key of its own may have been redeemed at another terminal too, so that the
// backend is asked.
//
// Errors: fault.InvalidRequest; fault.NotFound; fault.OverReturn for more than is left of what was given, or another
// currency; fault.OverVoids for more voids than the Policy allows without a manager, where the Voided says which limit
// it is and how far; fault.AlreadyVoided for an amount of what was taken back wholly; fault.Conflict for a sale key
// that may name two sales, or a return key that named another return; those of offer.Parse and record.ParseReceipt for
// what was scanned or typed, and as for Redeem.
func (t *Terminal) Void(ctx context.Context, req VoidRequest) (Voided, error) {
	if err := cmp.Or(req.check(), t.ids.now().blockError()); err != nil {
		return Voided{}, err
	}
	w, err := t.voider.readRequest(req)
	if err != nil {
		return Voided{}, err
	}
	if t.voider.isTraining(req.Training) {
		return Voided{Training: true}, nil
	}
	err = t.voider.withdraw(ctx, w)
	if w.finished || err == nil && !w.done.Again {
		t.reporter.Wake()
	}
	if err != nil {
		t.voider.notAllowed.countVoid(err)
		return Voided{Reasons: w.done.Reasons, Budgets: w.done.Budgets}, err
	}
	if !req.Partial {
		t.limits.Remove(w.done.Redemptions...)
	}
	return w.done, nil
}

// A voider takes redemptions back.
type voider struct{ *recorder }

// A withdrawal is a void on its way into the journal.
type withdrawal struct {
	req       VoidRequest
	presented offer.Presented // where the offer was scanned
	time      record.Evidence
	done      Voided
	did       []part           // the voids of a call with the same return key
	finished  bool             // it made what an earlier call that was cut short did not
	cut       []uint64         // numbers of records that this call, being cut short, did not write
	override  *record.Override // the manager's word that its voids carry
	counted   []record.ID      // what the limits count for it
}

// readRequest reads what the request names, as far as that needs no lock.
func (r *voider) readRequest(req VoidRequest) (w *withdrawal, err error) {
	w = &withdrawal{req: req, time: r.clock.Now()}
	if req.Scanned != "" {
		if w.presented, err = r.read(req.Scanned, req.Separated); err != nil {
			return nil, err
		}
		if !w.presented.Identifies() {
			return nil, fault.New(fault.InvalidRequest, "redeem.Void",
				"a coupon without a serial names no redemption: give the receipt or the sale key")
		}
	}
	if req.Receipt == "" {
		return w, nil
	}
	w.req.Receipt, err = record.ParseReceipt(string(req.Receipt))
	return w, err
}

// withdraw comes to what is voided. Where a call that this one repeats was cut short, it finishes that first.
func (r *voider) withdraw(ctx context.Context, w *withdrawal) error {
	if err := r.countLimits(w); err != nil {
		return err
	}
	err := r.appendVoids(ctx, w, r.void)
	if err != nil || len(w.cut) == 0 || !r.wasNeverVouched(w.cut) {
		return err
	}
	if err := r.appendVoids(ctx, w, r.finish); err != nil {
		return err
	}
	w.finished = true
	return r.appendVoids(ctx, w, r.void)
}

// appendVoids writes the entries that are made under the journal's lock. After an error that leaves the outcome open
// the voids stay counted: they may be on disk.
func (r *voider) appendVoids(
	ctx context.Context, w *withdrawal, entries func(*journal.View, *withdrawal) ([]journal.Entry, error),
) error {
	err := r.appendAndTell(ctx, func(v *journal.View) ([]journal.Entry, error) {
		r.dropVoids(w)
		return entries(v, w)
	})
	if err != nil && !errors.Is(err, fault.OutcomeUnknown) {
		r.dropVoids(w)
	}
	w.counted = nil
	return err
}

func (r *voider) void(v *journal.View, w *withdrawal) ([]journal.Entry, error) {
	w.done, w.cut, w.override = Voided{}, nil, nil
	if again, err := r.findRepeat(v, w); again || err != nil {
		return nil, err
	}
	named, err := w.redemptions(v)
	if err != nil {
		return nil, err
	}
	if len(named) == 0 || w.mayBeElsewhere(named) {
		return r.voidElsewhere(v, w)
	}
	return r.voidAll(v, w, named)
}

// redemptions finds what the request names in this terminal's journal, voided or not.
func (w *withdrawal) redemptions(v *journal.View) ([]storedRecord, error) {
	switch {
	case !w.req.Redemption.IsZero():
		return recordsAt(v, []journal.ID{journal.ID(w.req.Redemption)}, record.Redemption)
	case w.req.SaleKey != "":
		return saleName{w.req.SaleKey, w.req.SaleDate}.redemptions(v, "redeem.Void", w.time)
	case w.req.Receipt != "":
		return recordsOf(v, receiptKey(w.req.Receipt), record.Redemption)
	}
	var all []storedRecord
	for _, key := range offerKeys(w.presented) {
		some, err := recordsOf(v, key, record.Redemption)
		if err != nil {
			return nil, err
		}
		all = addNew(all, some)
	}
	return newestLive(all), nil
}

// newestLive returns the newest of an offer's uses that was not voided, or where all were the newest.
func newestLive(all []storedRecord) (newest []storedRecord) {
	for _, f := range all {
		if len(newest) == 0 || newest[0].Voided && !f.Voided || newest[0].Voided == f.Voided &&
			f.Number > newest[0].Number {
			newest = []storedRecord{f}
		}
	}
	return newest
}

// mayBeElsewhere reports whether an offer that was scanned for a return of its own must have been redeemed elsewhere as
// well: what was redeemed here was taken back before.
func (w *withdrawal) mayBeElsewhere(named []storedRecord) bool {
	return w.req.Scanned != "" && w.req.Key != "" && named[0].Voided
}

// addNew adds those that are not there yet: an offer with two names is found by both.
func addNew(all, more []storedRecord) []storedRecord {
	for _, f := range more {
		if !contains(all, f.ID) {
			all = append(all, f)
		}
	}
	return all
}

func contains(all []storedRecord, id journal.ID) bool {
	for _, f := range all {
		if f.ID == id {
			return true
		}
	}
	return false
}

// voidAll makes a void for each redemption that still stands. Where all were voided, it tells the records that did it.
func (r *voider) voidAll(v *journal.View, w *withdrawal, named []storedRecord) ([]journal.Entry, error) {
	live, err := standingsOf(v, r.orderUses(named))
	if err != nil {
		return nil, err
	}
	if len(live) == 0 {
		return nil, w.repeat(v, named)
	}
	backs, err := w.takeBacks(live)
	if err != nil {
		return nil, err
	}
	if err := r.weighVoids(v, w, backs); err != nil {
		return nil, err
	}
	b := r.batch(v, w.time, r.ids.now().stands)
	for i, back := range backs {
		id, err := r.addVoid(&b, w, back, i, len(backs))
		if err != nil {
			return nil, err
		}
		w.done.add(back.of.rec.ID, id)
	}
	return b.entries, nil
}

// addVoid adds one of the voids of a call and counts it.
func (r *voider) addVoid(b *batch, w *withdrawal, back takeBack, i, of int) (record.ID, error) {
	redemption := back.of.rec
	rec := b.next(record.Void)
	rec.Offer, rec.Alias, rec.Coupon, rec.Campaign = redemption.Offer, redemption.Alias, redemption.Coupon,
		redemption.Campaign
	rec.Of, rec.Sale, rec.Partial = redemption.ID, w.req.sale(redemption.Sale), w.req.Partial
	rec.Given, rec.GivenBy, rec.Override = back.given, back.by, w.override
	entry := voidEntry(rec, w.req.Key)
	entry.KeepUntil = back.of.KeepUntil // a verdict may come as late as the redemption's
	entry.Attachment = attach("", terms.Discount{}, i, of)
	r.countVoid(w, &rec)
	return rec.ID, b.add(&rec, entry)
}

// sale is how a void names its sale: as the redemption did, but for what the request says.
func (r VoidRequest) sale(of record.Sale) record.Sale {
	return amendSale(of, record.Sale{Transaction: r.Transaction, Operator: r.Operator, BusinessDate: r.BusinessDate,
		Shift: r.Shift})
}

// amendSale is how a record about a redemption names its sale: as that did, but for the operator and what is said anew.
func amendSale(of, with record.Sale) record.Sale {
	of.Operator = with.Operator
	for _, part := range []struct {
		into *string
		from string
	}{{&of.Transaction, with.Transaction}, {&of.BusinessDate, with.BusinessDate}, {&of.Shift, with.Shift}} {
		if part.from != "" {
			*part.into = part.from
		}
	}
	return of
}

// voidEntry gives the use back, unless only a part was returned.
func voidEntry(rec record.Record, key string) journal.Entry {
	names := []string{saleKey(rec.Sale.Key)}
	switch {
	case !rec.Of.IsZero():
		names = append(names, voidKey(rec.Of))
	case rec.Receipt != "":
		names = append(names, receiptKey(rec.Receipt))
	}
	if key != "" {
		names = append(names, returnKey(key))
	}
	entry := journal.Entry{LookupKeys: names, Ref: journal.ID(rec.Of)}
	if !rec.Partial && !rec.Of.IsZero() {
		entry.Uses = -1
	}
	return entry
}

// repeat tells what an earlier call did. An amount of what was taken back wholly is no repetition where it is a part,
// or more than was taken back.
func (w *withdrawal) repeat(v *journal.View, named []storedRecord) error {
	w.done.Again = true
	stated, back := w.req.Returned, int64(0)
	for _, redemption := range named {
		voids, err := recordsOf(v, voidKey(redemption.rec.ID), record.Void)
		if err != nil {
			return err
		}
		for _, void := range voids {
			w.done.add(redemption.rec.ID, void.rec.ID)
			if void.rec.Given.Currency == stated.Currency {
				back += void.rec.Given.Amount
			}
		}
	}
	if stated.Amount > back || w.req.Partial && stated.Amount > 0 {
		return fault.New(fault.AlreadyVoided, "redeem.Void",
			"it was taken back wholly: nothing is left of which %d %s could be returned", stated.Amount, stated.Currency)
	}
	return nil
}

// voidKey is what the voids and corrections of a redemption are found by.
func voidKey(redemption record.ID) string { return "void:" + string(redemption[:]) }

func returnKey(key string) string { return "return:" + key }
