package booking

import (
	"cmp"
	"errors"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/rows"
)

// judge makes the entry of an item that is new, and settles what waited for it.
func (b *booking) judge(i int) (*rows.Entry, error) {
	it := &b.Items[i]
	e := &rows.Entry{ID: it.Name, Raw: it.Raw, Hash: it.Hash, Terminal: b.Terminal.ID, Place: b.Terminal.Place}
	e.Verdict = record.Verdict{Version: record.Version, Record: it.Name, Hash: it.Hash, Judged: b.now}
	_, taken := b.entries[it.Name]
	switch {
	case it.Err != nil:
		refuse(e, record.Quarantined, it.Err)
	case taken:
		refuse(e, record.Rejected, fault.New(fault.Conflict, "", "the record id %s stands for other bytes already", it.Name))
	default:
		b.describe(e, &it.Record)
		if err := b.decide(e, i); err != nil {
			return nil, err
		}
	}
	if e.Day == "" {
		e.Day = rows.DayOf(b.now)
	}
	if taken || it.Err != nil {
		e.ID = fallbackID(it)
	}
	return e, b.finish(e, it)
}

// finish numbers an entry's verdict and has it written; then it settles what waited for it by name.
func (b *booking) finish(e *rows.Entry, it *record.Item) error {
	b.put(e)
	if e.Effect == rows.Waits {
		return nil
	}
	if err := b.number(e); err != nil {
		return err
	}
	if e.Kind == record.Redemption || e.Kind == 0 && e.Verdict.Status == record.Quarantined {
		return b.settleWaiting(e, it)
	}
	return nil
}

// describe copies what is booked by.
func (b *booking) describe(e *rows.Entry, rec *record.Record) {
	e.Kind, e.Given, e.Campaign, e.Until = rec.Kind, rec.Given, b.claimed(rec), rec.Until
	e.Place.Store, e.Place.Lane = cmp.Or(rec.Place.Store, e.Place.Store), cmp.Or(rec.Place.Lane, e.Place.Lane)
	b.date(e, rec)
}

// date says when a record was made, as far as the evidence and what is known of its offer say.
func (b *booking) date(e *rows.Entry, rec *record.Record) {
	at := b.momentOf(rec, b.find(rec))
	e.Earliest, e.Latest, e.Day = at.Earliest, at.Latest, b.dayOf(rec, at)
}

// decide gives an entry its status. A returned error is the store's, or ErrAlone.
func (b *booking) decide(e *rows.Entry, i int) error {
	rec := &b.Items[i].Record
	if rec.Place.Merchant != "" && rec.Place.Merchant != b.Terminal.Place.Merchant {
		refuse(e, record.Rejected, fault.New(fault.OtherMerchant, "", "the record is of %q, the terminal of %q",
			rec.Place.Merchant, b.Terminal.Place.Merchant))
		return nil
	}
	if b.stands(e, i) {
		return nil
	}
	if err := b.recoverOffer(e, i); err != nil {
		return err
	}
	switch rec.Kind {
	case record.Void, record.Correction:
		return b.giveBack(e, rec)
	case record.Release:
		b.release(e, rec)
		return nil
	}
	return b.redeem(e, rec)
}

// release ends a reservation, which took no use: there is nothing to give back.
func (b *booking) release(e *rows.Entry, rec *record.Record) {
	e.Verdict.Status = record.Confirmed
	held := b.entries[rec.Of]
	switch {
	case held == nil:
	case b.stood(e) && held.Terminal != e.Terminal: // it was not known then
	case held.Terminal != e.Terminal || held.Kind != record.Reservation:
		refuse(e, record.Rejected, fault.New(fault.NotFound, "", "what it releases is no reservation of this terminal"))
	case held.Voided.IsZero():
		e.Offer, e.Campaign, held.Voided = held.Offer, cmp.Or(held.Campaign, e.Campaign), e.ID
		b.put(held)
	}
}

// maxDetail is how many bytes of an error a person is told.
const maxDetail = 400

// refuse gives an entry a status that counts nothing but itself.
func refuse(e *rows.Entry, status record.Status, err error) {
	e.Effect = rows.NoEffect
	e.Verdict.Status, e.Verdict.Reason = status, fault.CodeOf(err)
	if status == record.Quarantined {
		e.Verdict.Reason = fault.Quarantined
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		e.Verdict.Detail = f.Detail[:min(len(f.Detail), maxDetail)]
	}
}
