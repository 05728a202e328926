package backend

import (
	"cmp"
	"crypto/sha256"
	"math"
	"slices"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
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

// book gives each item its verdict, the one it got before where it came before, and reports whether any was new.
func (b *booking) book(items []record.Item) (verdicts []record.Verdict, fresh bool, err error) {
	b.entries, b.changedEntries = map[record.ID]*Entry{}, map[record.ID]*Entry{}
	b.offers, b.changedOffers = map[offer.ID]*Offer{}, map[offer.ID]*Offer{}
	b.aliases, b.campaigns, b.coupons = map[string]*Offer{}, map[string]*Campaign{}, map[string]*coupon{}
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
func (b *booking) load(items []record.Item) error {
	var names []record.ID
	var receipts []record.Receipt
	var ids []offer.ID
	var aliases []string
	for i := range items {
		it, rec := &items[i], &items[i].Record
		names, ids, aliases = append(names, it.Name, spare(it)), append(ids, rec.Offer), append(aliases, rec.Alias)
		switch {
		case it.Err != nil:
		case rec.Kind == record.Redemption:
			names = append(names, b.receiptStub(it.Name.Receipt()))
		case byReceipt(*it):
			names, receipts = append(names, b.receiptStub(rec.Receipt)), append(receipts, rec.Receipt)
		default:
			names = append(names, rec.Of)
		}
	}
	if err := b.loadEntries(names, receipts); err != nil {
		return err
	}
	for _, e := range b.entries {
		ids = append(ids, e.Offer)
	}
	if err := cmp.Or(b.loadOffers(ids, aliases), b.loadCoupons(items)); err != nil {
		return err
	}
	return b.loadEntries(append(b.usesOf(items), b.earlyVoids()...), nil)
}

// usesOf are the redemptions that voids by offer alone may be about.
func (b *booking) usesOf(items []record.Item) (names []record.ID) {
	for i := range items {
		rec := &items[i].Record
		if o := b.find(rec); o != nil && rec.Kind == record.Void && rec.Of.IsZero() {
			for _, u := range o.Uses {
				names = append(names, u.Record)
			}
		}
	}
	return names
}

func (b *booking) loadEntries(names []record.ID, receipts []record.Receipt) error {
	var found []Entry
	entries, err := b.tx.Entries(names)
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

// A coupon is a campaign as its GS1 number alone presents it, without a serial: it identifies no offer, so that it is in no index
// and may be redeemed again and again, until the campaign's budget is used up.
type coupon struct {
	*Campaign
	given int64
}

// offer is the coupon as an offer that can be used again and again.
func (c *coupon) offer() *Offer {
	return &Offer{Campaign: c.ID, NotBefore: c.Starts, NotAfter: cmp.Or(c.NotAfter, math.MaxInt64), MaxUses: math.MaxInt}
}

// loadCoupons finds the campaigns of the items' coupons. One with a budget is locked, so that no two bookings use it up at once.
func (b *booking) loadCoupons(items []record.Item) error {
	if !slices.ContainsFunc(items, func(it record.Item) bool { return it.Err == nil && it.Record.Coupon != "" }) {
		return nil
	}
	campaigns, err := b.tx.Campaigns()
	if err != nil {
		return err
	}
	for i := range campaigns {
		c, number := &campaigns[i], wire.CouponPrefix+campaigns[i].Coupon
		presented := func(it record.Item) bool { return it.Record.Coupon == number }
		if !slices.Contains(c.Merchants(), b.terminal.Place.Merchant) || !slices.ContainsFunc(items, presented) {
			continue
		}
		if c.Budget != 0 {
			if c, err = b.tx.LockCampaign(c.ID); err != nil {
				return err
			}
		}
		given, err := givenOf(b.tx, c)
		if err != nil {
			return err
		}
		b.coupons[number], b.campaigns[c.ID] = &coupon{c, given}, c
	}
	return nil
}

// known returns the entry of an item that came before with the same bytes.
func (b *booking) known(it *record.Item) *Entry {
	for _, name := range []record.ID{it.Name, spare(it)} {
		if e := b.entries[name]; e != nil && e.Raw != nil && e.Hash == it.Hash {
			return e
		}
	}
	return nil
}

// put has the entry written. A stub gives way to the redemption that it stood for.
func (b *booking) put(e *Entry) { b.entries[e.ID], b.changedEntries[e.ID] = e, e }

func (b *booking) save() error {
	return cmp.Or(b.tx.PutEntries(valuesOf(b.changedEntries)), b.tx.PutOffers(valuesOf(b.changedOffers)))
}

func valuesOf[K comparable, V any](m map[K]*V) (values []V) {
	for _, v := range m {
		values = append(values, *v)
	}
	return values
}

// spare is the name under which a record is kept that cannot be kept under its own id.
func spare(it *record.Item) record.ID {
	sum := sha256.Sum256(append([]byte("offlane spare name 1\x00"), it.Hash[:]...))
	return record.ID(sum[:16])
}

// receiptStub names the entry that stands for a redemption of which only the receipt is known.
func (b *booking) receiptStub(receipt record.Receipt) record.ID {
	sum := sha256.Sum256([]byte("offlane receipt stub 1\x00" + b.terminal.Place.Merchant + "\x00" + string(receipt)))
	return record.ID(sum[:16])
}

// byReceipt reports whether the item is a void that names its redemption by receipt alone.
func byReceipt(it record.Item) bool {
	return it.Err == nil && it.Record.Kind == record.Void && it.Record.Of.IsZero() && it.Record.Receipt != ""
}
