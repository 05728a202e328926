package booking

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// A giveBack is what a void or a correction asks of a redemption.
type giveBack struct {
	rec *record.Record
	// stands says that the backend had confirmed it before it was restored: it is booked as far as there is something
	// left. said is the amount that it had confirmed.
	stands bool
	said   record.Money
}

// remainder reports whether a void takes back what is left, whatever its amount says.
func (g giveBack) remainder() bool {
	return g.rec.Given.Currency == "" || g.rec.GivenBy == record.GivenByRemainder
}

// An outcome is what a void or a correction comes to: what it books and how the redemption stands after it, or why it
// is rejected.
type outcome struct {
	after   store.Entry
	booked  record.Money
	clamped bool
	err     error
}

// apply says what a void or a correction does to a redemption, as a function of the two. c is the redemption's
// campaign, nil if it is not known.
func apply(target store.Entry, g giveBack, c *store.Campaign) outcome {
	out := outcome{after: target, booked: record.Money{Currency: target.Given.Currency}}
	switch {
	case !target.Voided.IsZero() && !g.stands:
		out.err = fault.New(fault.AlreadyVoided, "", "the redemption was taken back before, by record %s", target.Voided)
	case g.rec.Kind == record.Correction:
		out.correct(g, c)
	default:
		out.void(g)
	}
	return out
}

func (out *outcome) void(g giveBack) {
	most, back := returnable(&out.after), g.rec.Given
	switch {
	case g.remainder():
		out.booked.Amount = most
	case back.Amount != 0 && back.Currency != out.after.Given.Currency || back.Amount > most:
		if !g.stands {
			out.err = fault.New(fault.OverReturn, "", "%d %s cannot be taken back: %d %s are left of what was given",
				back.Amount, back.Currency, most, out.after.Given.Currency)
			return
		}
		out.booked.Amount = most
	default:
		out.booked.Amount = back.Amount
	}
	out.clamped = g.stands && out.booked.Amount < g.said.Amount
	out.after.TakenBack += out.booked.Amount
	if !g.rec.Partial && out.after.Voided.IsZero() {
		out.after.Voided = g.rec.ID
	}
}

// returnable is what voids may still take back of a redemption, in the currency of what it gave.
func returnable(e *store.Entry) int64 { return e.Given.Amount - e.TakenBack }

// correct changes what a redemption gave. What stands is booked as near to it as can be. A till's corrections may come
// in another order than it made them, after a restore say: the one that was made last counts.
func (out *outcome) correct(g giveBack, c *store.Campaign) {
	own := g.rec.Terminal == out.after.Terminal
	if own && g.rec.Number < out.after.CorrectedBy {
		out.booked = out.after.Given
		return
	}
	to := g.rec.Given
	if own {
		out.after.CorrectedBy = g.rec.Number
	}
	if out.tookAll() && to.Amount > out.after.TakenBack {
		out.booked, out.clamped = out.after.Given, true
		return
	}
	switch {
	case out.after.Given.Currency != "" && to.Currency != out.after.Given.Currency:
		out.err = fault.New(fault.OtherCurrency, "", "it gave %s and cannot be corrected to %s", out.after.Given.Currency,
			to.Currency)
		to = out.after.Given
	case isForeign(c, to): // it gave nothing that is known
		out.err = fault.New(fault.OtherCurrency, "", "the offer is in %s, and the correction in %s", c.Terms.Currency,
			to.Currency)
		to = out.after.Given
	case to.Amount < out.after.TakenBack:
		out.err = fault.New(fault.OverReturn, "", "%d of it were taken back already: it cannot be corrected to %d",
			out.after.TakenBack, to.Amount)
		to.Amount = out.after.TakenBack
	case exceeds(c, to) && !isOverridden(g.rec, fault.OverTerms) && !g.stands:
		out.err = fault.New(fault.OverTerms, "", "the offer gives less than %d", to.Amount)
	}
	if g.stands {
		out.err, out.clamped = nil, out.err != nil
	}
	if out.err != nil {
		return
	}
	out.after.Given, out.booked = to, to
}

// tookAll reports whether a void took back all that was given. It would have taken more had a correction that stands
// come before it, as it did before a restore.
func (out *outcome) tookAll() bool { return !out.after.Voided.IsZero() && returnable(&out.after) == 0 }

// exceeds reports whether an amount is more than a campaign's terms can give.
func exceeds(c *store.Campaign, given record.Money) bool {
	if c == nil || c.Terms.IsZero() {
		return false
	}
	most, bounded := c.Terms.Most()
	return bounded && given.Amount > most
}

// isForeign reports whether an amount is in another currency than a campaign's terms.
func isForeign(c *store.Campaign, given record.Money) bool {
	return c != nil && c.Terms.Currency != "" && given.Currency != "" && given.Currency != c.Terms.Currency
}

// giveBack books a void or a correction on its redemption, or keeps it until that comes. What was confirmed before a
// restore is rejected for nothing.
func (b *booking) giveBack(e *store.Entry, rec *record.Record) error {
	target, err := b.target(e, rec)
	switch {
	case err != nil:
		refuse(e, record.Rejected, err)
	case target == nil:
		if err := b.wait(e, rec); err != nil {
			return err
		}
	case target.Place.Merchant != e.Place.Merchant:
		refuse(e, record.Rejected, fault.New(fault.OtherMerchant, "",
			"the redemption that it is about is another merchant's"))
	default:
		b.bookOnTarget(e, giveBack{rec: rec, stands: b.wasConfirmed(e), said: b.statedAmount(e)}, target)
	}
	if b.wasConfirmed(e) && e.Verdict.Status == record.Rejected {
		b.standAlone(e)
	}
	return nil
}

// standAlone confirms what had been confirmed before a restore and of which there is nothing to be booked on. A person
// is told.
func (b *booking) standAlone(e *store.Entry) {
	e.Effect, e.Verdict.Status, e.Verdict.Reason, e.Verdict.Detail = posting.NoEffect, record.Confirmed, "", ""
	b.flag(flags.Clamped, e, "a verdict from before the restore had confirmed it, and what it is about is not known")
}

// bookOnTarget books a void or a correction on a redemption that is there. One that was never booked gives nothing
// back.
func (b *booking) bookOnTarget(e *store.Entry, g giveBack, target *store.Entry) {
	// it counts where its redemption does
	if e.Offer = target.Offer; target.Campaign != "" || target.Effect == posting.Gave {
		e.Campaign = target.Campaign
	}
	switch {
	case target.Effect == posting.Gave:
		b.book(e, g, target, apply(*target, g, b.promiseTo(target)))
	case target.Kind == record.Redemption || target.Kind == 0:
		e.Effect, e.Verdict.Status = posting.NoEffect, record.Confirmed
	default:
		refuse(e, record.Rejected, fault.New(fault.NotFound, "", "what it is about is no redemption"))
	}
}

// book puts an outcome into the books.
func (b *booking) book(e *store.Entry, g giveBack, target *store.Entry, out outcome) {
	if out.err != nil {
		refuse(e, record.Rejected, out.err)
		return
	}
	e.Effect, e.Verdict.Status = posting.TookBack, record.Confirmed
	if g.rec.Kind == record.Correction {
		e.Effect = posting.Corrected
	}
	if e.Given = out.booked; e.Given != g.rec.Given {
		e.Verdict.Booked = &e.Given
	}
	if out.clamped {
		b.flag(flags.Clamped, e, "less was left than a verdict from before the restore had confirmed")
	}
	if g.rec.Kind == record.Correction && exceeds(b.promiseTo(target), out.booked) {
		b.flag(flags.OverTerms, e, "a manager allowed more than the offer gives")
	}
	wasVoided := !target.Voided.IsZero()
	*target = out.after
	b.put(target)
	b.follow(target, !wasVoided && !target.Voided.IsZero())
}

// follow has the offer know of a redemption that was corrected, or that gives its use back.
func (b *booking) follow(target *store.Entry, free bool) {
	o := b.offers[target.Offer]
	if o == nil {
		return
	}
	for i, u := range o.Uses {
		if u.Record != target.ID {
			continue
		}
		uses := append([]store.Use(nil), o.Uses...)
		uses[i].Given = target.Given
		if free {
			uses = append(uses[:i], uses[i+1:]...)
		}
		b.setUses(o, uses)
		return
	}
}

// target returns the redemption that a void or a correction is about, nil where it has not come.
func (b *booking) target(e *store.Entry, rec *record.Record) (*store.Entry, error) {
	switch {
	case !rec.Of.IsZero():
		return b.entries[rec.Of], nil
	case isByReceipt(rec):
		return b.findByReceipt(e.Place.Merchant, rec.Receipt), nil
	}
	o := b.find(rec)
	if o == nil {
		return nil, fault.New(fault.UnknownOffer, "", "this backend never issued the offer that it voids")
	}
	u := newestUse(o, e, b.entries)
	if u == nil {
		return nil, nil
	}
	if u.Redeemed > e.Earliest {
		b.flag(flags.Overlap, e, "the redemption that it takes back may have come after it")
	}
	return b.entries[u.Record], nil
}

// findByReceipt finds a merchant's redemption by its receipt.
func (b *booking) findByReceipt(merchant string, receipt record.Receipt) *store.Entry {
	for id, e := range b.entries {
		if e.Kind == record.Redemption && e.Place.Merchant == merchant && id.Receipt() == receipt &&
			e.ID == e.Verdict.Record {
			return e
		}
	}
	return nil
}

// newestUse is the newest redemption of the offer by the void's merchant that can have been made before the void. Among
// the entries are those of the offer's uses.
func newestUse(o *store.Offer, void *store.Entry, entries map[record.ID]*store.Entry) (newest *store.Use) {
	for i := range o.Uses {
		u := &o.Uses[i]
		if u.Place.Merchant == void.Place.Merchant && u.Earliest <= void.Latest &&
			!follows(entries[u.Record], void) && (newest == nil || u.Redeemed >= newest.Redeemed) {
			newest = u
		}
	}
	return newest
}

// follows reports whether a redemption was made after a void, as the chain of the terminal says that made both. Where
// that does not say, the moments do.
func follows(redemption, void *store.Entry) bool {
	if redemption == nil || redemption.Terminal != void.Terminal {
		return false
	}
	later, err := record.Decode(redemption.Raw)
	if err != nil { // it is so old that it is not kept
		return false
	}
	earlier, err := record.Decode(void.Raw)
	return err == nil && later.Chain == earlier.Chain && later.Number > earlier.Number
}
