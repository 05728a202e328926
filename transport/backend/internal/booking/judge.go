package booking

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
)

// judge makes the entry of an item that is new, and settles what waited for it.
func (b *booking) judge(i int) (*store.Entry, error) {
	it := &b.Items[i]
	e := &store.Entry{ID: it.Name, Raw: it.Raw, Hash: it.Hash, Terminal: b.Terminal.ID, Place: b.Terminal.Place,
		Latest: b.now}
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
		b.flagWord(e, &it.Record)
		b.sums.Operate(e, &it.Record, b.isElsewhere(&it.Record))
	}
	if e.Day == "" {
		e.Day = posting.DayOf(b.now)
	}
	if taken || it.Err != nil {
		e.ID = fallbackID(it)
	}
	b.flagBlocked(e)
	return e, b.finish(e, it)
}

// isElsewhere reports whether a void is about a redemption that another terminal made, or may have made.
func (b *booking) isElsewhere(rec *record.Record) bool {
	of := b.entries[rec.Of]
	return rec.Kind == record.Void && (rec.Of.IsZero() || of != nil && of.Terminal != b.Terminal.ID)
}

// finish numbers an entry's verdict and has it written; then it settles what waited for it by name.
func (b *booking) finish(e *store.Entry, it *record.Item) error {
	b.put(e)
	if e.Effect == posting.Waits {
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

// describe copies what is booked by. The store is the one for which the terminal was enrolled when it made the record,
// not the one that the record names, and the day is one on which it can have made it.
func (b *booking) describe(e *store.Entry, rec *record.Record) {
	e.Kind, e.Given, e.Campaign, e.Until = rec.Kind, rec.Given, b.claimedCampaign(rec), rec.Until
	place, _ := terminals.PlaceOf(b.Terminal, rec.Number, rec.Place.Store)
	e.Place.Store, e.Place.Lane = place.Store, cmp.Or(rec.Place.Lane, place.Lane)
	if len(rec.Products) > 0 {
		b.products[e.ID] = rec.Products
	}
	b.date(e, rec)
}

// date says when a record was made, as far as the evidence and what is known of its offer say.
func (b *booking) date(e *store.Entry, rec *record.Record) {
	at := b.momentOf(rec, b.find(rec))
	_, zone := terminals.PlaceOf(b.Terminal, rec.Number, rec.Place.Store)
	e.Earliest, e.Latest, e.Day = at.earliest, at.latest, b.dayOf(rec, at, zone)
}

// flagWord has a person look at a record whose word was not taken.
func (b *booking) flagWord(e *store.Entry, rec *record.Record) {
	if rec.Place.Store != "" && rec.Place.Store != e.Place.Store {
		b.flag(flags.OtherStore, e, fmt.Sprintf("it names store %q", rec.Place.Store))
	}
	if rec.Sale.BusinessDate != "" && rec.Sale.BusinessDate != e.Day {
		b.flag(flags.BusinessDate, e, "it names the business date "+rec.Sale.BusinessDate)
	}
}

// flagBlocked has a person look at what can have been made while the terminal was blocked.
func (b *booking) flagBlocked(e *store.Entry) {
	if !terminals.MayBeBlocked(b.Terminal, e.Earliest, e.Latest) {
		return
	}
	detail := "it can have been made while the terminal was blocked"
	if since := b.Terminal.Blocked; since != 0 && e.Latest < since {
		detail = "it came after the block; it is before it by the terminal's own word alone"
	}
	b.flag(flags.Blocked, e, detail)
}

// decide gives an entry its status. A returned error is the store's, or ErrAlone.
func (b *booking) decide(e *store.Entry, i int) error {
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
func (b *booking) release(e *store.Entry, rec *record.Record) {
	e.Verdict.Status = record.Confirmed
	held := b.entries[rec.Of]
	switch {
	case held == nil:
	case b.wasConfirmed(e) && held.Terminal != e.Terminal: // it was not known then
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
func refuse(e *store.Entry, status record.Status, err error) {
	e.Effect = posting.NoEffect
	e.Verdict.Status, e.Verdict.Reason = status, fault.CodeOf(err)
	if status == record.Quarantined {
		e.Verdict.Reason = fault.Quarantined
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		e.Verdict.Detail = f.Detail[:min(len(f.Detail), maxDetail)]
	}
}
