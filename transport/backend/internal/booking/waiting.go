package booking

import (
	"bytes"
	"errors"
	"maps"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/waits"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

func (b *booking) loadWaiting(targets []store.Target) error {
	for i := range b.Items { // an alias names an offer as well
		if o := b.find(&b.Items[i].Record); o != nil && b.Items[i].Err == nil && b.Items[i].Record.Kind == record.Redemption {
			targets = append(targets, waits.TargetOffer(o.ID))
		}
	}
	slices.Sort(targets)
	waits, err := b.tx.Waiting(slices.Compact(targets))
	for _, w := range waits {
		b.waits[w.Target] = append(b.waits[w.Target], w)
	}
	if err != nil {
		return err
	}
	return b.loadCrowds()
}

// loadCrowds counts what waits beside the items.
func (b *booking) loadCrowds() error {
	var targets []store.Target
	for i := range b.Items {
		rec := &b.Items[i].Record
		if b.Items[i].Err == nil && (rec.Kind == record.Void || rec.Kind == record.Correction) && b.entries[rec.Of] == nil {
			targets = append(targets, b.targetOf(rec))
		}
	}
	slices.Sort(targets)
	waits, err := b.tx.Waiting(slices.Compact(targets))
	for _, w := range waits {
		b.crowds[w.Target]++
	}
	return err
}

// targetOf is what a void or a correction waits for.
func (b *booking) targetOf(rec *record.Record) store.Target {
	switch o := b.find(rec); {
	case isByReceipt(rec):
		return waits.TargetReceipt(b.Terminal.Place.Merchant, rec.Receipt)
	case isByOffer(rec) && o != nil:
		return waits.TargetOffer(o.ID)
	}
	return waits.TargetRecord(rec.Of)
}

// loadTerminals locks the terminals of what waits, in the order of their ids. What was settled since it was read waits
// no more. A row that cannot be read is nil. Reports that hold their own terminals and want one another's would wait
// for each other, so that this is for the merchant's lock alone.
func (b *booking) loadTerminals() error {
	ids := map[record.TerminalID]bool{}
	for target, waits := range b.waits {
		b.waits[target] = slices.DeleteFunc(waits, func(w store.Waiting) bool {
			e := b.entries[w.Record]
			return e == nil || e.Err == nil && e.Effect != posting.Waits
		})
		for _, w := range b.waits[target] {
			ids[w.Terminal] = true
		}
	}
	delete(ids, b.Terminal.ID)
	if len(ids) > 0 && !b.Alone {
		return ErrAlone
	}
	for _, id := range slices.SortedFunc(maps.Keys(ids), compareTerminals) {
		if _, err := b.terminal(id); err != nil && fault.CodeOf(err) != fault.Damaged {
			return err
		}
	}
	return nil
}

// wait keeps a void or a correction whose redemption has not come.
func (b *booking) wait(e *store.Entry, rec *record.Record) error {
	target := b.targetOf(rec)
	switch o := b.find(rec); {
	case b.wasConfirmed(e):
	case o != nil && errors.Is(mayRedeem(e.Place, o, b.campaigns[o.Campaign]), fault.OtherMerchant):
		refuse(e, record.Rejected, fault.New(fault.OtherMerchant, "", "the offer is not for this merchant"))
		return nil
	case b.crowds[target] >= wire.MaxUses:
		refuse(e, record.Rejected, fault.New(fault.OverLimit, "", "%d voids wait for this redemption already", wire.MaxUses))
		return nil
	}
	if !isByOffer(rec) && !b.Alone { // the lock of the offer keeps those by offer in step
		return ErrAlone
	}
	return b.addWaiting(e, rec, target)
}

func (b *booking) addWaiting(e *store.Entry, rec *record.Record, target store.Target) error {
	t, err := b.terminal(e.Terminal)
	if err != nil {
		return err
	}
	end := b.now
	if o := b.find(rec); o != nil {
		e.Offer, e.Campaign = o.ID, o.Campaign
		end = max(end, o.NotAfter)
	}
	w := store.Waiting{Target: target, Record: e.ID, Terminal: e.Terminal, Number: rec.Number, Received: b.now,
		Until:  end + b.rules.LongestAlone.Milliseconds(),
		Stands: b.wasConfirmed(e)}
	e.Effect, e.Given, e.Verdict.Status = posting.Waits, b.statedAmount(e), record.Received
	t.Awaiting++
	b.changedTerminals[t.ID] = true
	b.waits[target] = append(b.waits[target], w)
	b.crowds[target]++
	b.added[w.Record] = w
	return nil
}

// A returns is what waits for a redemption.
type returns struct {
	waits []store.Waiting
	takes bool
}

// takesAll reports whether the redemption is taken back wholly at once.
func (r *returns) takesAll() bool { return r.takes }

// returnsOf works out what happens to a redemption that came after voids and corrections of it. Those that name it
// come first, in the order in which they were received; then, as long as it stands, those that name the offer alone
// and can have been made after it.
func (b *booking) returnsOf(e *store.Entry) (r returns) {
	entry := *e
	add := func(w store.Waiting) {
		r.waits = append(r.waits, w)
		if out := apply(entry, b.giveBackOf(w), b.promiseTo(&entry)); out.err == nil {
			entry = out.after
		}
	}
	for _, w := range b.namedWaits(e) {
		add(w)
	}
	for _, w := range b.waits[waits.TargetOffer(e.Offer)] {
		void := b.entries[w.Record]
		if entry.Voided.IsZero() && void.Place.Merchant == e.Place.Merchant && e.Earliest <= void.Latest &&
			!follows(e, void) {
			add(w)
		}
	}
	r.takes = !entry.Voided.IsZero()
	return r
}

// namedWaits are the voids and corrections that wait for a redemption by its id or receipt.
func (b *booking) namedWaits(e *store.Entry) []store.Waiting {
	if len(b.waits) == 0 {
		return nil
	}
	all := slices.Clone(b.waits[waits.TargetRecord(e.Verdict.Record)])
	if e.Kind == record.Redemption {
		all = append(all, b.waits[waits.TargetReceipt(e.Place.Merchant, e.Verdict.Record.Receipt())]...)
	}
	waits.Sort(all)
	return slices.DeleteFunc(all, func(w store.Waiting) bool {
		void := b.entries[w.Record]
		return void == nil || void.Place.Merchant != e.Place.Merchant
	})
}

// giveBackOf reads what a waiting record asks for out of the record.
func (b *booking) giveBackOf(w store.Waiting) giveBack {
	rec, err := record.Decode(b.entries[w.Record].Raw)
	if err != nil { // it was read when it came
		rec = record.Record{Kind: record.Void, ID: w.Record, Partial: true}
	}
	return giveBack{rec: &rec, stands: w.Stands, said: b.entries[w.Record].Given}
}

// settleReturns gives the waiting records of a booked redemption their verdicts.
func (b *booking) settleReturns(e *store.Entry, r returns) error {
	for _, w := range r.waits {
		void, g := b.entries[w.Record], b.giveBackOf(w)
		void.Offer, void.Campaign = e.Offer, e.Campaign
		if w.Target == waits.TargetOffer(e.Offer) && e.Latest > void.Earliest {
			b.flag(flags.Overlap, void, "the redemption that it takes back may have come after it")
		}
		b.book(void, g, e, apply(*e, g, b.promiseTo(e)))
		if err := b.endWait(void, w); err != nil {
			return err
		}
	}
	return nil
}

// settleWaiting gives what still waits for a redemption by name its verdict, when that was not booked: nothing was
// given, so nothing is taken back.
func (b *booking) settleWaiting(e *store.Entry, it *record.Item) error {
	for _, w := range b.namedWaits(e) {
		void := b.entries[w.Record]
		void.Effect, void.Verdict.Status = posting.NoEffect, record.Confirmed
		if err := b.endWait(void, w); err != nil {
			return err
		}
	}
	if e.Verdict.Status == record.Quarantined { // it takes no id: the record that has it may be another's, and may come
		return nil
	}
	return b.settleForeign(it)
}

// settleForeign rejects voids of other merchants that waited for a redemption by its id.
func (b *booking) settleForeign(it *record.Item) error {
	for _, w := range slices.Clone(b.waits[waits.TargetRecord(it.Name)]) {
		void := b.entries[w.Record]
		if void == nil {
			continue
		}
		if w.Stands {
			b.standAlone(void)
		} else {
			refuse(void, record.Rejected, fault.New(fault.OtherMerchant, "",
				"the redemption that it is about is another merchant's"))
		}
		if err := b.endWait(void, w); err != nil {
			return err
		}
	}
	return nil
}

// endWait ends the waiting of a record that has its verdict now, of whichever terminal it is.
func (b *booking) endWait(e *store.Entry, w store.Waiting) error {
	e.Verdict.Judged = b.now
	if err := b.number(e); err != nil {
		return err
	}
	t := b.terminals[w.Terminal]
	t.Awaiting = max(t.Awaiting-1, 0)
	b.result.Others = b.result.Others || w.Terminal == b.Terminal.ID
	b.put(e)
	b.crowds[w.Target]--
	b.waits[w.Target] = slices.DeleteFunc(slices.Clone(b.waits[w.Target]), func(o store.Waiting) bool {
		return o.Record == w.Record
	})
	if _, fresh := b.added[w.Record]; fresh {
		delete(b.added, w.Record)
		return nil
	}
	b.dropped[w.Record] = w
	return nil
}

func (b *booking) saveWaiting() error {
	for _, w := range sortWaits(b.dropped) {
		if err := b.tx.DropWaiting(w); err != nil {
			return err
		}
	}
	for _, w := range sortWaits(b.added) {
		if err := b.tx.AddWaiting(w); err != nil {
			return err
		}
	}
	return nil
}

func sortWaits(waits map[record.ID]store.Waiting) []store.Waiting {
	return slices.SortedFunc(maps.Values(waits), func(a, b store.Waiting) int {
		return bytes.Compare(a.Record[:], b.Record[:])
	})
}
