package backend

import (
	"cmp"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/rows"
	"github.com/offlane/offlane/transport/wire"
)

// A booking judges the records of one report in one transaction. It reads all rows that they touch, decides in memory, and
// writes what changed.
type booking struct {
	tx       Tx
	now      int64
	terminal *Terminal
	sent     record.Evidence

	entries   map[record.ID]*Entry
	offers    map[offer.ID]*Offer
	aliases   map[string]*Offer
	campaigns map[string]*Campaign
	coupons   map[string]*coupon

	changedEntries map[record.ID]*Entry
	changedOffers  map[offer.ID]*Offer
}

func newBooking(tx Tx, terminal *Terminal, sent record.Evidence, now int64) *booking {
	return &booking{
		tx: tx, now: now, terminal: terminal, sent: sent,
		entries: map[record.ID]*Entry{}, offers: map[offer.ID]*Offer{}, aliases: map[string]*Offer{}, campaigns: map[string]*Campaign{},
		changedEntries: map[record.ID]*Entry{}, changedOffers: map[offer.ID]*Offer{},
	}
}

// book gives each item its verdict, the one it got before where it came before, and reports whether any was new.
func (b *booking) book(items []item) (verdicts []record.Verdict, fresh bool, err error) {
	if err := b.load(items); err != nil {
		return nil, false, err
	}
	for i := range items {
		entry := b.known(&items[i])
		if entry == nil {
			fresh = true
			entry = b.judge(&items[i])
		}
		verdicts = append(verdicts, entry.Verdict)
	}
	return verdicts, fresh, b.save()
}

// load reads what the items name: entries first, since a void's offer may be known only from its redemption.
func (b *booking) load(items []item) error {
	var names []record.ID
	var receipts []record.Receipt
	var ids []offer.ID
	var aliases []string
	for i := range items {
		it, rec := &items[i], &items[i].record
		names, ids, aliases = append(names, it.name), append(ids, rec.Offer), append(aliases, rec.Alias)
		switch {
		case it.err != nil || it.forged:
			names = append(names, it.spare())
		case rec.Kind == record.Redemption:
			names = append(names, b.receiptStub(it.name.Receipt()))
		case it.byReceipt():
			names, receipts = append(names, b.receiptStub(rec.Receipt)), append(receipts, rec.Receipt)
		default:
			names = append(names, rec.Of)
		}
	}
	if err := b.loadEntries(names, receipts); err != nil {
		return err
	}
	if err := b.loadEntries(b.spares(items), nil); err != nil {
		return err
	}
	for _, e := range b.entries {
		ids = append(ids, e.Offer)
	}
	if err := cmp.Or(b.loadOffers(ids, aliases), b.loadCoupons(items)); err != nil {
		return err
	}
	return b.loadEntries(b.usesOf(items), nil)
}

// spares are the names of items whose own is taken by other bytes.
func (b *booking) spares(items []item) (names []record.ID) {
	for i := range items {
		if e := b.entries[items[i].name]; e != nil && e.Raw != nil && e.Hash != items[i].hash {
			names = append(names, items[i].spare())
		}
	}
	return names
}

// usesOf are the redemptions that voids by offer alone may be about.
func (b *booking) usesOf(items []item) (names []record.ID) {
	for i := range items {
		rec := &items[i].record
		if o := b.find(rec); o != nil && rec.Kind == record.Void && rec.Of.IsZero() {
			for _, u := range o.Uses {
				names = append(names, u.Record)
			}
		}
	}
	return names
}

func (b *booking) loadEntries(names []record.ID, receipts []record.Receipt) (err error) {
	var entries, found []Entry
	if len(names) > 0 {
		entries, err = b.tx.Entries(names)
	}
	if len(receipts) > 0 && err == nil {
		found, err = b.tx.Redemptions(b.terminal.Place.Merchant, receipts)
	}
	for _, e := range append(entries, found...) {
		if b.entries[e.ID] == nil {
			b.entries[e.ID] = &e
		}
	}
	return err
}

func (b *booking) loadOffers(ids []offer.ID, aliases []string) error {
	offers, err := b.tx.Offers(ids, aliases)
	for i := range offers {
		o := &offers[i]
		b.offers[o.ID], b.aliases[o.Alias] = o, o
		if b.campaigns[o.Campaign] == nil && err == nil {
			b.campaigns[o.Campaign], err = campaignOf(b.tx, o.Campaign)
		}
	}
	delete(b.aliases, "")
	return err
}

// known returns the entry of an item that came before with the same bytes.
func (b *booking) known(it *item) *Entry {
	for _, name := range []record.ID{it.name, it.spare()} {
		if e := b.entries[name]; e != nil && e.Raw != nil && e.Hash == it.hash {
			return e
		}
	}
	return nil
}

// judge makes the entry of an item that is new.
func (b *booking) judge(it *item) *Entry {
	e := &Entry{ID: it.name, Raw: it.raw, Hash: it.hash, Terminal: b.terminal.ID, Place: b.terminal.Place, Day: rows.DayOf(b.now)}
	e.Verdict = record.Verdict{Version: record.Version, Record: it.name, Hash: it.hash, Judged: b.now}
	stub := b.entries[it.name]
	switch {
	case it.err != nil:
		b.refuse(e, record.Quarantined, it.err)
		e.ID = it.spare()
	case stub != nil && stub.Raw != nil:
		b.refuse(e, record.Rejected, fault.New(fault.Conflict, "", "the record id %s stands for other bytes already", it.name))
		e.ID = it.spare()
	case it.forged:
		b.refuse(e, record.Rejected, fault.New(fault.Forged, "", "the terminal's signature does not cover this record"))
		e.ID = it.spare()
	default:
		b.describe(e, &it.record)
		b.decide(e, &it.record)
	}
	b.terminal.LastVerdict++
	e.Verdict.Number = b.terminal.LastVerdict
	b.put(e)
	return e
}

// describe copies what reports count by.
func (b *booking) describe(e *Entry, rec *record.Record) {
	e.Kind, e.Given, e.Campaign = rec.Kind, rec.Given, rec.Campaign
	if rec.Place.Store != "" {
		e.Place.Store = rec.Place.Store
	}
	if rec.Place.Lane != "" {
		e.Place.Lane = rec.Place.Lane
	}
	if _, err := time.Parse(time.DateOnly, rec.Sale.BusinessDate); err == nil {
		e.Day = rec.Sale.BusinessDate
	}
}

func (b *booking) decide(e *Entry, rec *record.Record) {
	var err error
	switch {
	case rec.Place.Merchant != "" && rec.Place.Merchant != b.terminal.Place.Merchant:
		err = fault.New(fault.OtherMerchant, "", "the record is of %q, the terminal of %q", rec.Place.Merchant, b.terminal.Place.Merchant)
	case rec.Kind == record.Void:
		err = b.void(e, rec)
	default:
		err = b.redeem(e, rec)
	}
	if err != nil {
		b.refuse(e, record.Rejected, err)
	}
}

// redeem books a redemption, or notes a reservation, which takes no use.
func (b *booking) redeem(e *Entry, rec *record.Record) error {
	o, c := b.find(rec), b.coupons[rec.Coupon]
	if o == nil && c != nil {
		return b.redeemCoupon(e, rec, c)
	}
	if o == nil {
		return fault.New(fault.UnknownOffer, "", "this backend never issued the offer")
	}
	if err := b.inForce(e, rec, o, b.campaigns[o.Campaign]); err != nil || rec.Kind == record.Reservation {
		return err
	}
	e.Voided = b.voidOf(e, o)
	if o.IsSpent() && e.Voided.IsZero() {
		b.duplicate(e, o)
		return nil
	}
	latest := b.momentOf(rec, o).Latest
	e.Delay = (latest - o.Accepted) / 1000
	if e.Voided.IsZero() {
		o.Uses = append(o.Uses, Use{Record: e.ID, Terminal: e.Terminal, Place: e.Place, Redeemed: latest, Committed: b.now, Given: rec.Given})
		b.changed(o)
	}
	return nil
}

func (b *booking) momentOf(rec *record.Record, o *Offer) record.Moment {
	return record.MomentOf(rec.Time, b.sent, o.Accepted, b.now)
}

// inForce confirms a record of an offer that was good there and then, or says why it was not.
func (b *booking) inForce(e *Entry, rec *record.Record, o *Offer, c *Campaign) error {
	e.Offer, e.Campaign = o.ID, o.Campaign
	if err := c.MayRedeem(e.Place); err != nil {
		return err
	}
	at := b.momentOf(rec, o)
	vouched := rec.Override != nil && slices.Contains(rec.Override.Reasons, fault.ClockUntrusted)
	if err := judgeTime(at, o, earlier(o.Revoked, c.Revoked), vouched, b.now); err != nil {
		return err
	}
	if rec.Sale.BusinessDate == "" {
		e.Day = rows.DayOf(at.Latest)
	}
	e.Verdict.Status = record.Confirmed
	return nil
}

// voidOf returns the void that came before this redemption and takes it back: one that names it by id or by receipt, or one
// that names the offer alone.
func (b *booking) voidOf(e *Entry, o *Offer) record.ID {
	for _, name := range []record.ID{e.ID, b.receiptStub(e.ID.Receipt())} {
		stub := b.entries[name]
		if stub == nil || stub.Raw != nil || stub.Voided.IsZero() || stub.Place.Merchant != e.Place.Merchant {
			continue
		}
		void := stub.Voided
		if name != e.ID {
			stub.Voided = record.ID{} // two redemptions with one receipt are one in 10^13; only the first is taken back
			b.put(stub)
		}
		return void
	}
	for i, owed := range o.Owed {
		if owed.Place.Merchant == e.Place.Merchant {
			o.Owed = slices.Delete(slices.Clone(o.Owed), i, i+1)
			b.changed(o)
			return owed.Record
		}
	}
	return record.ID{}
}

func (b *booking) duplicate(e *Entry, o *Offer) {
	first := o.Uses[0]
	reason := fault.RedeemedElsewhere
	if first.Terminal == e.Terminal {
		reason = fault.AlreadyRedeemed
	}
	e.Verdict.Status, e.Verdict.Reason = record.Duplicate, reason
	e.Verdict.Detail = "store " + first.Place.Store + ", lane " + first.Place.Lane + " was booked first"
	e.Verdict.First = &record.First{Place: first.Place, Record: first.Record, Redeemed: first.Redeemed, Committed: first.Committed}
}

// void takes back the redemption that it names. One that did not come yet is remembered as voided.
func (b *booking) void(e *Entry, rec *record.Record) error {
	e.Verdict.Status = record.Confirmed
	target, name := b.target(e, rec)
	if rec.Until != 0 || target != nil && target.Raw != nil && !target.IsBooked() {
		e.Kind = 0 // it releases a reservation, or takes back what was a duplicate: neither was counted
	}
	switch {
	case target == nil && rec.Partial:
		return nil
	case target == nil && name.IsZero():
		return b.owe(e, b.find(rec))
	case target == nil:
		b.put(&Entry{ID: name, Place: record.Place{Merchant: e.Place.Merchant}, Terminal: e.Terminal, Voided: e.ID})
		return nil
	case target.Place.Merchant != e.Place.Merchant:
		return fault.New(fault.OtherMerchant, "", "the redemption that it voids is another merchant's")
	case target.Raw != nil && target.Kind != record.Redemption && target.Kind != record.Reservation:
		return fault.New(fault.NotFound, "", "what it voids is no redemption")
	}
	e.Offer, e.Campaign = target.Offer, target.Campaign
	if rec.Partial {
		return nil
	}
	if !target.Voided.IsZero() {
		return fault.New(fault.AlreadyVoided, "", "the redemption was voided before, by record %s", target.Voided)
	}
	target.Voided = e.ID
	b.put(target)
	b.free(target)
	return nil
}

// target returns the entry that a void is about, or nil and the name under which to remember that it was voided, which is zero
// where the void names nothing but the offer.
func (b *booking) target(e *Entry, rec *record.Record) (*Entry, record.ID) {
	name := rec.Of
	if name.IsZero() && rec.Receipt != "" {
		name = b.receiptStub(rec.Receipt)
		for id, other := range b.entries {
			if other.Kind == record.Redemption && other.Place.Merchant == e.Place.Merchant && id.Receipt() == rec.Receipt {
				return other, id
			}
		}
	}
	if name.IsZero() {
		name = lastUse(b.find(rec), e.Place.Merchant)
	}
	return b.entries[name], name
}

// owe remembers that the offer's next redemption of this merchant is taken back.
func (b *booking) owe(e *Entry, o *Offer) error {
	switch {
	case o == nil:
		return fault.New(fault.UnknownOffer, "", "this backend never issued the offer that it voids")
	case len(o.Owed) >= wire.MaxUses:
		return fault.New(fault.OverLimit, "", "%d voids of this offer wait for a redemption already", len(o.Owed))
	}
	e.Offer, e.Campaign = o.ID, o.Campaign
	o.Owed = append(o.Owed, Use{Record: e.ID, Terminal: e.Terminal, Place: e.Place, Committed: b.now, Given: e.Given})
	b.changed(o)
	return nil
}

// free gives the use that a redemption took back to its offer.
func (b *booking) free(target *Entry) {
	o := b.offers[target.Offer]
	if o == nil {
		return
	}
	isIt := func(u Use) bool { return u.Record == target.ID }
	if slices.ContainsFunc(o.Uses, isIt) {
		o.Uses = slices.DeleteFunc(slices.Clone(o.Uses), isIt)
		b.changed(o)
	}
}

// lastUse is the merchant's last booked redemption of the offer.
func lastUse(o *Offer, merchant string) record.ID {
	if o != nil {
		for _, u := range slices.Backward(o.Uses) {
			if u.Place.Merchant == merchant {
				return u.Record
			}
		}
	}
	return record.ID{}
}

func (b *booking) find(rec *record.Record) *Offer {
	if o := b.offers[rec.Offer]; o != nil && !rec.Offer.IsZero() {
		return o
	}
	return b.aliases[rec.Alias]
}

func (b *booking) refuse(e *Entry, status record.Status, err error) {
	e.Verdict.Status, e.Verdict.Reason, e.Verdict.Detail = status, fault.CodeOf(err), detailOf(err)
	if status == record.Quarantined {
		e.Verdict.Reason = fault.Quarantined
	}
}

// put has the entry written. A stub gives way to the redemption that it stood for.
func (b *booking) put(e *Entry) { b.entries[e.ID], b.changedEntries[e.ID] = e, e }

func (b *booking) changed(o *Offer) { b.changedOffers[o.ID] = o }

func (b *booking) save() error {
	return cmp.Or(b.tx.PutEntries(valuesOf(b.changedEntries)), b.tx.PutOffers(valuesOf(b.changedOffers)))
}

func valuesOf[K comparable, V any](m map[K]*V) (values []V) {
	for _, v := range m {
		values = append(values, *v)
	}
	return values
}

// earlier is the earlier of two moments, of which 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
