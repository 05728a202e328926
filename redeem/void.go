package redeem

import (
	"cmp"
	"context"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/outbox"
	"github.com/offlane/offlane/redeem/record"
)

// A VoidRequest takes a redemption back. Exactly one of Redemption, SaleKey, Receipt and Scanned names it; with SaleKey every
// redemption of that sale that still stands is voided in one step, with Scanned every one of that offer.
type VoidRequest struct {
	Redemption record.ID
	SaleKey    string
	// Receipt is the code printed for the redemption, as record.ParseReceipt returns it.
	Receipt record.Receipt
	// Scanned is the offer as the scanner transmitted it, in any dress.
	Scanned string
	// Key is the POS's own name of the return, unique at this terminal among sales and returns, at most 128 bytes. Repeating
	// the call with the same key changes nothing. It is required for a redemption that this terminal's journal does not hold,
	// since another one made it; the backend then finds it. Without it a repeated partial void counts as another one.
	Key string
	// Partial says that only some items were returned: the fact is kept and reported, but the use is not free again.
	Partial bool
	// Returned is what was taken back of the discount. Zero: what is left of it.
	Returned record.Money
	// Training says that the POS is in training mode: nothing is recorded.
	Training bool
	// Transaction, Operator, BusinessDate and Shift go into the record; all optional. An empty one is the redemption's own, but for
	// Operator.
	Transaction, Operator, BusinessDate, Shift string
}

// A Voided says which records took which redemptions back.
type Voided struct {
	// Redemptions and Voids are pairs: Voids[i] took back Redemptions[i], which is zero where another terminal made it and only
	// the backend can say which it is.
	Redemptions, Voids []record.ID
	// Again says that they had been voided before: nothing was recorded anew.
	Again bool
	// Training says that nothing was recorded, since the terminal or the POS is in training mode.
	Training bool
}

func (d *Voided) add(redemption, void record.ID) {
	d.Redemptions, d.Voids = append(d.Redemptions, redemption), append(d.Voids, void)
}

func (r VoidRequest) check() error {
	const op = "redeem.Void"
	names := 0
	for _, given := range []bool{!r.Redemption.IsZero(), r.SaleKey != "", r.Receipt != "", r.Scanned != ""} {
		if given {
			names++
		}
	}
	switch {
	case names != 1:
		return fault.New(fault.InvalidRequest, op, "name the redemption in one way: by its id, sale key, receipt or offer")
	case r.Key == "":
		r.Key = "none"
	}
	return invalid(op, cmp.Or(r.sale(record.Sale{Key: r.Key}).Check(), r.Returned.Check()))
}

// Void takes a redemption back, durably, before it returns. A full void frees the use for this terminal at once and, when it
// arrives, at the backend for whatever arrives after it. Voiding again what was voided returns the same records.
// Errors: fault.InvalidRequest, fault.NotFound, those of offer.Parse and record.ParseReceipt for what was scanned or typed, and
// as for Redeem.
func (t *Terminal) Void(ctx context.Context, req VoidRequest) (Voided, error) {
	if err := req.check(); err != nil {
		return Voided{}, err
	}
	w, err := t.aim(req)
	if err != nil {
		return Voided{}, err
	}
	if t.cfg.Policy.Training || req.Training {
		return Voided{Training: true}, nil
	}
	if err := t.withdraw(ctx, w); err != nil {
		return Voided{}, err
	}
	if !w.done.Again {
		if !req.Partial {
			t.books.unbook(w.done.Redemptions...)
		}
		t.wakeUp()
	}
	return w.done, nil
}

// A withdrawal is a void on its way into the journal.
type withdrawal struct {
	req       VoidRequest
	presented offer.Presented // where the offer was scanned
	time      record.Evidence
	done      Voided
}

// aim reads what the request names, as far as that needs no lock.
func (t *Terminal) aim(req VoidRequest) (w *withdrawal, err error) {
	w = &withdrawal{req: req, time: t.readTime()}
	if req.Scanned != "" {
		if w.presented, err = offer.Parse(req.Scanned); err != nil {
			return nil, err
		}
		if !w.presented.Identifies() {
			return nil, fault.New(fault.InvalidRequest, "redeem.Void", "a coupon without a serial names no redemption: give the receipt or the sale key")
		}
	}
	if req.Receipt == "" {
		return w, nil
	}
	w.req.Receipt, err = record.ParseReceipt(string(req.Receipt))
	return w, err
}

func (t *Terminal) withdraw(ctx context.Context, w *withdrawal) error {
	t.books.gate.RLock()
	defer t.books.gate.RUnlock()
	return t.journal.Append(ctx, func(v *outbox.View) ([]outbox.Entry, error) {
		w.done = Voided{}
		if again, err := w.before(v); again || err != nil {
			return nil, err
		}
		named, err := w.redemptions(v)
		if err != nil {
			return nil, err
		}
		if len(named) == 0 {
			return t.voidElsewhere(v, w)
		}
		return t.voidAll(v, w, named)
	})
}

// before finds what a call with the same key did.
func (w *withdrawal) before(v *outbox.View) (again bool, err error) {
	if w.req.Key == "" {
		return false, nil
	}
	voids, err := recordsOf(v, returnKey(w.req.Key), record.Void)
	for _, void := range voids {
		w.done.Again = true
		w.done.add(void.rec.Of, void.rec.ID)
	}
	return w.done.Again, err
}

// redemptions finds what the request names in this terminal's journal, voided or not.
func (w *withdrawal) redemptions(v *outbox.View) ([]found, error) {
	if !w.req.Redemption.IsZero() {
		return recordsAt(v, []outbox.ID{outbox.ID(w.req.Redemption)}, record.Redemption)
	}
	var all []found
	for _, key := range w.keys() {
		some, err := recordsOf(v, key, record.Redemption)
		if err != nil {
			return nil, err
		}
		all = addNew(all, some)
	}
	return all, nil
}

// keys are what the redemptions that the request names are found by.
func (w *withdrawal) keys() []string {
	switch {
	case w.req.SaleKey != "":
		return []string{saleKey(w.req.SaleKey)}
	case w.req.Receipt != "":
		return []string{receiptKey(w.req.Receipt)}
	}
	return offerKeys(w.presented)
}

// addNew adds those that are not there yet: an offer with two names is found by both.
func addNew(all, more []found) []found {
	for _, f := range more {
		if !contains(all, f.ID) {
			all = append(all, f)
		}
	}
	return all
}

func contains(all []found, id outbox.ID) bool {
	for _, f := range all {
		if f.ID == id {
			return true
		}
	}
	return false
}

// voidAll makes a void for each redemption that still stands. Where all were voided, it tells the records that did it.
func (t *Terminal) voidAll(v *outbox.View, w *withdrawal, named []found) ([]outbox.Entry, error) {
	var entries []outbox.Entry
	number, prev := v.Next()
	for _, redemption := range named {
		if redemption.Voided {
			continue
		}
		rec, err := t.takeBack(v, w, redemption.rec)
		if err != nil {
			return nil, err
		}
		rec.Number, rec.Prev = number, record.Hash(prev)
		entry, err := voidEntry(rec, w.req.Key)
		if err != nil {
			return nil, err
		}
		number, prev = number+1, outbox.Hash(record.HashOf(entry.Payload))
		entries = append(entries, entry)
		w.done.add(redemption.rec.ID, rec.ID)
	}
	if len(entries) == 0 {
		return nil, w.repeat(v, named)
	}
	return entries, nil
}

// takeBack makes the record of a void. Together the voids of a redemption take back what was given and no more.
func (t *Terminal) takeBack(v *outbox.View, w *withdrawal, redemption record.Record) (record.Record, error) {
	left := redemption.Given
	voids, err := recordsOf(v, voidKey(redemption.ID), record.Void)
	if err != nil {
		return record.Record{}, err
	}
	for _, void := range voids {
		left.Amount -= void.rec.Given.Amount
	}
	rec := t.next(v, record.Void, w.time)
	rec.Offer, rec.Alias, rec.Coupon, rec.Campaign = redemption.Offer, redemption.Alias, redemption.Coupon, redemption.Campaign
	rec.Of, rec.Sale, rec.Partial = redemption.ID, w.req.sale(redemption.Sale), w.req.Partial
	rec.Given, rec.GivenBy = left, redemption.GivenBy
	back := w.req.Returned
	switch {
	case back == record.Money{}:
	case redemption.Given == record.Money{} || back.Currency == left.Currency && back.Amount <= left.Amount:
		rec.Given, rec.GivenBy = back, record.GivenByPOS
	default:
		return record.Record{}, fault.New(fault.InvalidRequest, "redeem.Void", "%d %s cannot be taken back of the %d %s that are left",
			back.Amount, back.Currency, left.Amount, left.Currency)
	}
	return rec, nil
}

// sale is how a void names its sale: as the redemption did, but for what the request says.
func (r VoidRequest) sale(of record.Sale) record.Sale {
	of.Operator = r.Operator
	for _, part := range []struct {
		into *string
		from string
	}{{&of.Transaction, r.Transaction}, {&of.BusinessDate, r.BusinessDate}, {&of.Shift, r.Shift}} {
		if part.from != "" {
			*part.into = part.from
		}
	}
	return of
}

// voidEntry gives the use back, unless only a part was returned.
func voidEntry(rec record.Record, key string) (outbox.Entry, error) {
	raw, err := rec.Encode()
	if err != nil {
		return outbox.Entry{}, err
	}
	names := []string{saleKey(rec.Sale.Key)}
	if !rec.Of.IsZero() {
		names = append(names, voidKey(rec.Of))
	}
	if key != "" {
		names = append(names, returnKey(key))
	}
	entry := outbox.Entry{Kind: outbox.KindRecord, ID: outbox.ID(rec.ID), Names: names, Payload: raw}
	if entry.Ref = outbox.ID(rec.Of); !rec.Partial && !rec.Of.IsZero() {
		entry.Uses = -1
	}
	return entry, nil
}

// repeat tells what an earlier call did.
func (w *withdrawal) repeat(v *outbox.View, named []found) error {
	w.done.Again = true
	for _, redemption := range named {
		voids, err := v.Find(voidKey(redemption.rec.ID))
		if err != nil {
			return err
		}
		for _, void := range voids {
			w.done.add(redemption.rec.ID, record.ID(void))
		}
	}
	return nil
}

func voidKey(redemption record.ID) string { return "void:" + string(redemption[:]) }

func returnKey(key string) string { return "return:" + key }
