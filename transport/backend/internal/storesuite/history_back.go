package storesuite

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// namesRedemption reports whether a void or a correction names one redemption, by id or by receipt.
func (f *fact) namesRedemption() bool { return !f.rec.Of.IsZero() || f.rec.Receipt != "" }

// isAbout reports whether a void or a correction names a redemption.
func (f *fact) isAbout(redemption *fact) bool {
	switch {
	case f.merchant != redemption.merchant:
		return false
	case !f.rec.Of.IsZero():
		return f.rec.Of == redemption.id
	case f.rec.Receipt != "":
		return f.rec.Receipt == redemption.id.Receipt() && redemption.kind == record.Redemption
	}
	return false
}

// giveBack books a void or a correction on its redemption, or has it wait for that. What had been confirmed before a
// restore stays so.
func (b *plainBooks) giveBack(f *fact) {
	b.bookBack(f)
	if f.stood && f.status == record.Rejected {
		b.standAlone(f)
	}
}

func (b *plainBooks) standAlone(f *fact) {
	f.refuse(record.Confirmed, "")
	b.flag(f, "clamped")
}

func (b *plainBooks) bookBack(f *fact) {
	o := b.offerBy(f.rec.Offer, f.rec.Alias)
	var target *fact
	switch {
	case !f.rec.Of.IsZero():
		target = b.byID(f.rec.Of)
	case f.rec.Receipt != "":
		target = b.findByReceipt(f)
	case o == nil:
		f.reject(fault.UnknownOffer)
		return
	default:
		target = b.newestBefore(f, b.uses(o))
		if target != nil && target.latest > f.earliest {
			b.flag(f, "overlap")
		}
	}
	switch {
	case target == nil:
		b.wait(f)
	case target.merchant != f.merchant:
		f.reject(fault.OtherMerchant)
	default:
		b.bookOn(f, target)
	}
}

// findByReceipt finds a merchant's redemption by its receipt.
func (b *plainBooks) findByReceipt(void *fact) *fact {
	for _, f := range b.facts {
		if void.isAbout(f) && !f.spare {
			return f
		}
	}
	return nil
}

// newestBefore is the newest redemption by the same merchant that can have been made before a void.
func (b *plainBooks) newestBefore(void *fact, uses []*fact) (newest *fact) {
	for _, f := range uses {
		if f.merchant == void.merchant && f.canBeBefore(void) && (newest == nil || f.latest >= newest.latest) {
			newest = f
		}
	}
	return newest
}

// canBeBefore reports whether a redemption can have been made before a void: by its till's chain where that made both,
// else by the moments.
func (f *fact) canBeBefore(void *fact) bool {
	if f.till == void.till && f.rec.Chain == void.rec.Chain && f.rec.Number > void.rec.Number {
		return false
	}
	return f.earliest <= void.latest
}

// wait keeps a void or a correction until its redemption comes or can no longer come.
func (b *plainBooks) wait(f *fact) {
	o := b.offerBy(f.rec.Offer, f.rec.Alias)
	if o != nil && !slices.Contains(o.audience, f.merchant) && !f.stood {
		f.reject(fault.OtherMerchant)
		return
	}
	if b.countWaits(f) >= wire.MaxUses && !f.stood {
		f.reject(fault.OverLimit)
		return
	}
	f.overdue = b.millis()
	if o != nil {
		f.offer, f.campaign = o, o.campaign.ID
		f.overdue = max(f.overdue, o.notAfter)
	}
	f.overdue += alone.Milliseconds()
	f.effect, f.status, f.given = awaits, record.Received, f.said
}

// countWaits counts what waits for the same.
func (b *plainBooks) countWaits(f *fact) (n int) {
	for _, other := range b.facts {
		same := other.rec.Of == f.rec.Of && other.effect == awaits
		if f.rec.Of.IsZero() {
			same = same && other.rec.Receipt == f.rec.Receipt
			if f.rec.Receipt == "" {
				same = same && other.offer == b.offerBy(f.rec.Offer, f.rec.Alias)
			} else {
				same = same && other.merchant == f.merchant
			}
		}
		if same {
			n++
		}
	}
	return n
}

// bookOn books a void or a correction on what it is about.
func (b *plainBooks) bookOn(f, target *fact) {
	if f.offer = target.offer; target.campaign != "" || target.effect == gave {
		f.campaign = target.campaign
	}
	switch {
	case target.effect == gave:
		b.change(f, target)
	case target.kind == record.Redemption || target.kind == 0: // nothing was given: nothing comes back
		f.effect, f.status = nothing, record.Confirmed
	default:
		f.reject(fault.NotFound)
	}
}

// change has a redemption that gave something follow a void or a correction of it.
func (b *plainBooks) change(f, target *fact) {
	booked, clamped, reason := b.outcome(f, target)
	if reason != "" {
		f.reject(reason)
		return
	}
	f.status, f.effect = record.Confirmed, tookBack
	if clamped {
		b.flag(f, "clamped")
	}
	switch {
	case f.kind == record.Correction:
		f.effect, target.given = corrected, booked
		if f.till == target.till {
			target.correctedBy = max(target.correctedBy, f.rec.Number)
		}
		if c := b.campaignOf(target); c != nil && isOver(c, booked) {
			b.flag(f, "over-terms")
		}
	default:
		target.takenBack += booked.Amount
		if !f.rec.Partial && target.voided.IsZero() {
			target.voided = f.id
		}
	}
	if f.given = booked; booked != f.rec.Given {
		f.booked = &booked
	}
}

// outcome says what a void or a correction books on a redemption. What had been confirmed before a restore stands as
// far as it can.
func (b *plainBooks) outcome(f, target *fact) (booked record.Money, clamped bool, reason fault.Code) {
	asked, left := f.rec.Given, target.given.Amount-target.takenBack
	if !target.voided.IsZero() && !f.stood {
		return booked, false, fault.AlreadyVoided
	}
	if f.kind == record.Correction {
		return b.correction(f, target)
	}
	booked = record.Money{Amount: asked.Amount, Currency: target.given.Currency}
	switch {
	case asked.Currency == "" || f.rec.GivenBy == record.GivenByRemainder:
		booked.Amount = left
	case asked.Amount > left || asked.Amount != 0 && asked.Currency != target.given.Currency:
		if !f.stood {
			return booked, false, fault.OverReturn
		}
		booked.Amount = left
	}
	return booked, f.stood && booked.Amount < f.said.Amount, ""
}

func (b *plainBooks) correction(f, target *fact) (booked record.Money, clamped bool, reason fault.Code) {
	asked := f.rec.Given
	if f.till == target.till && f.rec.Number < target.correctedBy {
		return target.given, false, ""
	}
	if all := target.given.Amount == target.takenBack; !target.voided.IsZero() && all && asked.Amount > target.takenBack {
		return target.given, true, ""
	}
	switch c := b.campaignOf(target); {
	case target.given.Currency != "" && asked.Currency != target.given.Currency:
		booked, reason = target.given, fault.OtherCurrency
	case c != nil && c.Terms.Currency != "" && asked.Currency != c.Terms.Currency:
		booked, reason = target.given, fault.OtherCurrency
	case asked.Amount < target.takenBack:
		booked, reason = record.Money{Amount: target.takenBack, Currency: target.given.Currency}, fault.OverReturn
	case c != nil && isOver(c, asked) && !f.overrides(fault.OverTerms) && !f.stood:
		return asked, false, fault.OverTerms
	default:
		return asked, false, ""
	}
	if f.stood {
		return booked, true, ""
	}
	return booked, false, reason
}

// waitsFor is what waits for a redemption, in the order in which it came: what names it, and then what names its
// offer alone and can have been made after it.
func (b *plainBooks) waitsFor(f *fact) (named, offered []*fact) {
	for _, w := range b.facts {
		switch {
		case w.effect != awaits || w.merchant != f.merchant:
		case w.isAbout(f):
			named = append(named, w)
		case !w.namesRedemption() && w.offer != nil && w.offer == f.offer && f.canBeBefore(w):
			offered = append(offered, w)
		}
	}
	return named, offered
}

// isTakenBackAtOnce reports whether what waits for a redemption takes it back wholly. It changes nothing.
func (b *plainBooks) isTakenBackAtOnce(f *fact) bool {
	if named, offered := b.waitsFor(f); len(named)+len(offered) == 0 {
		return false
	}
	trial := b.clone()
	again := *f
	again.effect = gave
	if f.offer != nil {
		again.offer = trial.offerBy(f.offer.id, "")
	}
	trial.settle(&again)
	return !again.voided.IsZero()
}

// settle gives what waits for a booked redemption its verdict.
func (b *plainBooks) settle(f *fact) {
	named, offered := b.waitsFor(f)
	for _, w := range named {
		b.bookOn(w, f)
	}
	for _, w := range offered {
		if !f.voided.IsZero() {
			break
		}
		if f.latest > w.earliest {
			b.flag(w, "overlap")
		}
		b.bookOn(w, f)
	}
}

// settleUnbooked confirms what names a redemption that was not booked. It moves nothing.
func (b *plainBooks) settleUnbooked(f *fact) {
	named, _ := b.waitsFor(f)
	for _, w := range named {
		w.effect, w.status = nothing, record.Confirmed
	}
}

// settleForeign rejects what other merchants' tills have waiting for a redemption by its id.
func (b *plainBooks) settleForeign(f *fact) {
	if f.kind != record.Redemption {
		return
	}
	for _, w := range b.facts {
		switch {
		case w.effect != awaits || w.rec.Of != f.id || w.merchant == f.merchant:
		case w.stood:
			b.standAlone(w)
		default:
			w.reject(fault.OtherMerchant)
		}
	}
}

// mostGivenUp is how many waiting records get their verdict at once.
const mostGivenUp = 100

// giveUp rejects what a till has waiting for a redemption that can no longer come.
func (b *plainBooks) giveUp(l *till) {
	n := 0
	for _, f := range b.facts {
		if f.till != l || f.effect != awaits || f.overdue > b.millis() || n == mostGivenUp {
			continue
		}
		n++
		if f.stood {
			b.standAlone(f)
		} else {
			f.reject(fault.NotFound)
		}
	}
}
