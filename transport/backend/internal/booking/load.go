package booking

import (
	"cmp"
	"crypto/sha256"
	"math"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/internal/waits"
	"github.com/offlane/offlane/transport/backend/store"
)

// names are what the items touch.
type names struct {
	entries  []record.ID
	receipts []record.Receipt
	offers   []offer.ID
	aliases  []string
	targets  []store.Target
}

// load reads what the items name: entries first, since a void's offer may be known only from its redemption.
func (b *booking) load() error {
	n := b.names()
	if err := b.loadEntries(n.entries, n.receipts); err != nil {
		return err
	}
	for _, e := range b.entries {
		n.offers = append(n.offers, e.Offer)
		if err := b.loadCampaign(e.Campaign); err != nil {
			return err
		}
	}
	if err := b.loadOffers(n.offers, n.aliases); err != nil {
		return err
	}
	if err := b.loadClaimed(); err != nil {
		return err
	}
	if err := b.loadCoupons(); err != nil {
		return err
	}
	if err := b.loadWaiting(n.targets); err != nil {
		return err
	}
	if err := b.loadEntries(append(b.usesOf(), b.waitingRecords()...), nil); err != nil {
		return err
	}
	return b.loadTerminals()
}

func (b *booking) names() (n names) {
	merchant := b.Terminal.Place.Merchant
	for i := range b.Items {
		it, rec := &b.Items[i], &b.Items[i].Record
		n.entries = append(n.entries, it.Name, fallbackID(it))
		n.targets = append(n.targets, waits.TargetRecord(it.Name))
		if it.Err != nil {
			continue
		}
		n.offers, n.aliases = append(n.offers, rec.Offer), append(n.aliases, rec.Alias)
		if !rec.Of.IsZero() {
			n.entries = append(n.entries, rec.Of)
		}
		switch {
		case rec.Kind == record.Redemption:
			n.targets = append(n.targets, waits.TargetReceipt(merchant, it.Name.Receipt()))
			if !rec.Offer.IsZero() {
				n.targets = append(n.targets, waits.TargetOffer(rec.Offer))
			}
		case isByReceipt(rec):
			n.receipts = append(n.receipts, rec.Receipt)
		}
	}
	return n
}

// usesOf are the redemptions that voids by offer alone may be about.
func (b *booking) usesOf() (ids []record.ID) {
	for i := range b.Items {
		rec := &b.Items[i].Record
		if o := b.find(rec); o != nil && b.Items[i].Err == nil && isByOffer(rec) {
			for _, u := range o.Uses {
				ids = append(ids, u.Record)
			}
		}
	}
	return ids
}

func (b *booking) waitingRecords() (ids []record.ID) {
	for _, waits := range b.waits {
		for _, w := range waits {
			ids = append(ids, w.Record)
		}
	}
	return ids
}

func (b *booking) loadEntries(ids []record.ID, receipts []record.Receipt) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id record.ID) bool { return b.entries[id] != nil })
	var entries, printed []store.Entry
	var err error
	if len(ids) > 0 {
		entries, err = b.tx.Entries(ids)
	}
	if len(receipts) > 0 && err == nil {
		printed, err = b.tx.Redemptions(b.Terminal.Place.Merchant, receipts)
	}
	for _, e := range append(entries, printed...) {
		if b.entries[e.ID] == nil {
			b.loaded[e.ID], b.entries[e.ID] = e, &e
		}
	}
	return err
}

func (b *booking) loadOffers(ids []offer.ID, aliases []string) error {
	offers, err := b.tx.Offers(ids, aliases)
	if err != nil {
		return err
	}
	for i := range offers {
		o := &offers[i]
		b.offers[o.ID], b.aliases[o.Alias] = o, o
		if err := b.loadCampaign(o.Campaign); err != nil {
			return err
		}
	}
	delete(b.aliases, "")
	return nil
}

// loadCampaign reads a campaign once. One that is not there, or is not as it was written, is nil.
func (b *booking) loadCampaign(id string) error {
	if _, ok := b.campaigns[id]; ok || id == "" {
		return nil
	}
	c, err := b.tx.Campaign(id)
	if err != nil && fault.CodeOf(err) != fault.Damaged {
		return err
	}
	if err != nil {
		c = nil
	}
	b.campaigns[id] = c
	return nil
}

// A coupon is a campaign as its GS1 number alone presents it, without a serial: it identifies no offer, so that it is
// in no index and may be redeemed again and again, until the campaign's budget is used up.
type coupon struct {
	*store.Campaign
	left  int64               // of its budget
	spent map[record.ID]int64 // of it by the entries that this booking changed
	until int64               // when the merchant honours it no more, in milliseconds since 1970
}

// offer is the coupon as an offer that can be used again and again.
func (c *coupon) offer() *store.Offer {
	until := min(cmp.Or(c.NotAfter, math.MaxInt64), c.until)
	return &store.Offer{Campaign: c.ID, NotBefore: c.Starts, NotAfter: until, MaxUses: math.MaxInt}
}

// loadCoupons finds the campaigns of the items' coupons. One with a budget is locked, so that no two bookings use it
// up at once.
func (b *booking) loadCoupons() error {
	if !slices.ContainsFunc(b.Items, func(it record.Item) bool { return it.Err == nil && it.Record.Coupon != "" }) {
		return nil
	}
	campaigns, err := b.tx.Campaigns()
	if err != nil {
		return err
	}
	for i := range campaigns {
		c, number := &campaigns[i], rules.CouponPrefix+campaigns[i].Coupon
		presented := func(it record.Item) bool { return it.Err == nil && it.Record.Coupon == number }
		if !slices.Contains(rules.Merchants(c), b.Terminal.Place.Merchant) || !slices.ContainsFunc(b.Items, presented) {
			continue
		}
		until, err := b.honourEnd(c)
		if err != nil {
			return err
		}
		if until == 0 {
			continue
		}
		if b.coupons[number], err = b.lockCoupon(c, until); err != nil {
			return err
		}
		b.campaigns[c.ID] = b.coupons[number].Campaign
	}
	return nil
}

func (b *booking) lockCoupon(c *store.Campaign, until int64) (*coupon, error) {
	if c.Budget > 0 {
		var err error
		if c, err = b.tx.LockCampaign(c.ID); err != nil {
			return nil, err
		}
	}
	if c.Budget == 0 { // it may have been taken away meanwhile
		return &coupon{c, math.MaxInt64, nil, until}, nil
	}
	spent, err := b.tx.Spent(c.ID, rules.BudgetCurrency(c), "")
	return &coupon{c, c.Budget - posting.Usage(spent), map[record.ID]int64{}, until}, err
}

// spentAmount is what an entry has of the budget as it stands.
func (c *coupon) spentAmount(e *store.Entry) int64 {
	if e.Effect != posting.Gave || e.Given.Currency != rules.BudgetCurrency(c.Campaign) {
		return 0
	}
	return returnable(e)
}

// spend keeps budgets in step with a changed entry.
func (b *booking) spend(e *store.Entry) {
	for _, c := range b.coupons {
		if c.Budget == 0 || c.ID != e.Campaign {
			continue
		}
		before, counted := c.spent[e.ID]
		if was, ok := b.loaded[e.ID]; ok && !counted {
			before = c.spentAmount(&was)
		}
		c.spent[e.ID] = c.spentAmount(e)
		c.left += before - c.spent[e.ID]
	}
}

// fallbackID is the name under which a record is kept that cannot be kept under its own id.
func fallbackID(it *record.Item) record.ID {
	sum := sha256.Sum256(append([]byte("offlane spare name 1\x00"), it.Hash[:]...))
	return record.ID(sum[:16])
}

// isByReceipt reports whether a void names its redemption by receipt alone.
func isByReceipt(rec *record.Record) bool {
	return rec.Kind == record.Void && rec.Of.IsZero() && rec.Receipt != ""
}

// isByOffer reports whether a void names nothing but the offer.
func isByOffer(rec *record.Record) bool {
	return rec.Kind == record.Void && rec.Of.IsZero() && rec.Receipt == ""
}
