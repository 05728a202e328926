package redeem

import (
	"context"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/outbox"
	"github.com/offlane/offlane/redeem/record"
)

// A VoidRequest takes a redemption back. Redemption names it; or SaleKey does, and then every redemption of that sale that
// still stands is voided in one step.
type VoidRequest struct {
	Redemption record.ID
	SaleKey    string
	// Partial says that only some items were returned: the fact is kept and reported, but the use is not free again.
	Partial bool
	// Returned is what was taken back of the discount. Zero: the whole of it.
	Returned record.Money
	// Operator is the POS's name of the cashier; optional.
	Operator string
}

// A Voided says which records took which redemptions back.
type Voided struct {
	// Redemptions and Voids are pairs: Voids[i] took back Redemptions[i].
	Redemptions, Voids []record.ID
	// Again says that they had been voided before: nothing was recorded anew.
	Again bool
}

// Void takes a redemption back, durably, before it returns. A full void frees the use for this terminal at once and, when it
// arrives, at the backend for whatever arrives after it. Voiding again what was voided returns the same records.
// Errors: fault.InvalidRequest, fault.NotFound, and as for Redeem.
func (t *Terminal) Void(ctx context.Context, req VoidRequest) (Voided, error) {
	const op = "redeem.Void"
	if req.Redemption.IsZero() == (req.SaleKey == "") {
		return Voided{}, fault.New(fault.InvalidRequest, op, "name either a redemption or a sale key")
	}
	t.books.gate.RLock()
	defer t.books.gate.RUnlock()
	at := t.readTime()
	var done Voided
	err := t.journal.Append(ctx, func(v *outbox.View) ([]outbox.Entry, error) {
		found, err := redemptionsOf(v, req)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fault.New(fault.NotFound, op, "no redemption of this terminal's journal is named by %s", req.name())
		}
		done = Voided{}
		return t.voidAll(v, req, at, found, &done)
	})
	if err != nil {
		return Voided{}, err
	}
	if !done.Again {
		if !req.Partial {
			t.books.unbook(done.Redemptions...)
		}
		t.wakeUp()
	}
	return done, nil
}

func (r VoidRequest) name() string {
	if r.SaleKey != "" {
		return "this sale key"
	}
	return r.Redemption.String()
}

// redemptionsOf finds what a request names, voided or not.
func redemptionsOf(v *outbox.View, req VoidRequest) ([]outbox.Stored, error) {
	ids := []outbox.ID{outbox.ID(req.Redemption)}
	if req.SaleKey != "" {
		var err error
		if ids, err = v.Find(saleKey(req.SaleKey)); err != nil {
			return nil, err
		}
	}
	var found []outbox.Stored
	for _, id := range ids {
		stored, ok, err := v.Get(id)
		if err != nil {
			return nil, err
		}
		if !ok || stored.Payload == nil { // reported so long ago that only its keys are kept
			continue
		}
		rec, err := record.Decode(stored.Payload)
		if err != nil {
			return nil, err
		}
		if rec.Kind == record.Redemption {
			found = append(found, stored)
		}
	}
	return found, nil
}

// voidAll makes a void for each redemption that still stands. Where all were voided, it tells the records that did it.
func (t *Terminal) voidAll(v *outbox.View, req VoidRequest, at record.Evidence, found []outbox.Stored, done *Voided) ([]outbox.Entry, error) {
	var entries []outbox.Entry
	number, prev := v.Next()
	for _, stored := range found {
		if stored.Voided {
			continue
		}
		redemption, err := record.Decode(stored.Payload)
		if err != nil {
			return nil, err
		}
		rec := t.takeBack(v, req, at, redemption)
		rec.Number, rec.Prev = number, record.Hash(prev)
		entry, raw, err := voidEntry(rec, redemption)
		if err != nil {
			return nil, err
		}
		number, prev = number+1, outbox.Hash(record.HashOf(raw))
		entries = append(entries, entry)
		done.Redemptions, done.Voids = append(done.Redemptions, redemption.ID), append(done.Voids, rec.ID)
	}
	if len(entries) == 0 {
		return nil, done.repeat(v, found)
	}
	return entries, nil
}

func (t *Terminal) takeBack(v *outbox.View, req VoidRequest, at record.Evidence, redemption record.Record) record.Record {
	rec := t.next(v, record.Void, at)
	rec.Offer, rec.Alias, rec.Campaign, rec.Of = redemption.Offer, redemption.Alias, redemption.Campaign, redemption.ID
	rec.Sale, rec.Partial, rec.Given = redemption.Sale, req.Partial, redemption.Given
	rec.Sale.Operator = req.Operator
	if req.Returned != (record.Money{}) {
		rec.Given = req.Returned
	}
	return rec
}

// voidEntry gives the use back, unless only a part was returned.
func voidEntry(rec, redemption record.Record) (outbox.Entry, []byte, error) {
	raw, err := rec.Encode()
	if err != nil {
		return outbox.Entry{}, nil, err
	}
	entry := outbox.Entry{Kind: outbox.KindRecord, ID: outbox.ID(rec.ID), Names: []string{voidKey(redemption.ID), saleKey(rec.Sale.Key)}, Payload: raw}
	if entry.Ref = outbox.ID(redemption.ID); !rec.Partial {
		entry.Uses = -1
	}
	return entry, raw, nil
}

// repeat tells what an earlier call did.
func (d *Voided) repeat(v *outbox.View, found []outbox.Stored) error {
	d.Again = true
	for _, stored := range found {
		voids, err := v.Find(voidKey(record.ID(stored.ID)))
		if err != nil {
			return err
		}
		for _, void := range voids {
			d.Redemptions, d.Voids = append(d.Redemptions, record.ID(stored.ID)), append(d.Voids, record.ID(void))
		}
	}
	return nil
}

func voidKey(redemption record.ID) string { return "void:" + string(redemption[:]) }
