package booking

import (
	"maps"
	"slices"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// A backend that was restored from a backup does not know the offers that it issued after that, nor the verdicts that
// it gave. The terminals bring both back: the passes, and the statements that it signed.

// wants reports whether an item waits for what its terminal keeps beside it, or for records before it: its offer is
// not known or there is a gap before it, it was not asked for yet, and something was restored.
func (b *booking) wants(i int) bool {
	it := &b.Items[i]
	if b.rules.Recover == nil || b.Passes != nil || it.Err != nil {
		return false
	}
	if b.Gap {
		return true
	}
	if it.Record.Kind == record.Release {
		return false
	}
	rec := &it.Record
	if back := rec.Kind == record.Void || rec.Kind == record.Correction; back && b.entries[rec.Of] != nil {
		return false
	}
	return (!rec.Offer.IsZero() || rec.Alias != "") && b.find(rec) == nil
}

// wasConfirmed reports whether the backend had confirmed a record before it was restored.
func (b *booking) wasConfirmed(e *store.Entry) bool {
	v, ok := b.Stand[e.Hash]
	return ok && v.Record == e.ID && v.Status == record.Confirmed
}

// statedAmount is the amount of a record as a verdict from before the restore has it, else as the record has it.
func (b *booking) statedAmount(e *store.Entry) record.Money {
	if v := b.Stand[e.Hash]; b.wasConfirmed(e) && v.Booked != nil {
		return *v.Booked
	}
	return e.Given
}

// stands gives an item the verdict that the backend had signed for it, where that booked nothing: it is final.
func (b *booking) stands(e *store.Entry, i int) bool {
	v, ok := b.Stand[e.Hash]
	if !ok || v.Record != e.ID || v.Status == record.Confirmed {
		return false
	}
	if o := b.find(&b.Items[i].Record); o != nil && b.hasPart(o.Campaign) {
		e.Offer, e.Campaign = o.ID, o.Campaign
	}
	e.Effect, e.Verdict.Status, e.Verdict.Reason = posting.NoEffect, v.Status, v.Reason
	e.Verdict.Detail, e.Verdict.First = v.Detail, v.First
	return true
}

// recoverOffer takes up the offer of an item from its pass, if it is one that the backend issued and forgot. What
// cannot be taken up is listed for a person.
func (b *booking) recoverOffer(e *store.Entry, i int) error {
	rec := &b.Items[i].Record
	if b.rules.Recover == nil || b.Passes == nil || b.find(rec) != nil || rec.Offer.IsZero() && rec.Alias == "" {
		return nil
	}
	pass, err := b.rules.Recover(b.Passes[i])
	if err == nil && (pass.ID != rec.Offer && !rec.Offer.IsZero() || rec.Alias != "" && pass.Alias != rec.Alias) {
		pass = nil
	}
	if err != nil || pass == nil {
		b.flagUnrecovered(e, rec)
		return nil
	}
	if err := b.loadCampaign(pass.Campaign); err != nil {
		return err
	}
	if err := b.loadOffers([]offer.ID{pass.ID}, []string{pass.Alias}); err != nil {
		return err
	}
	c, taken := b.campaigns[pass.Campaign], b.offers[pass.ID] != nil || b.aliases[pass.Alias] != nil
	switch {
	case taken && b.find(rec) != nil: // another report brought it, and what belongs to it was not read
		return ErrAgain
	case taken, c == nil, pass.Owner != c.Merchant, !slices.Contains(pass.Audience, e.Place.Merchant):
		b.flagUnrecovered(e, rec)
		return nil
	default:
		b.addOffer(newRecovered(pass, b.Passes[i], b.now), c)
		b.flag(flags.Recovered, e, "its offer was taken up from the pass")
	}
	b.date(e, rec)
	return nil
}

func (b *booking) flagUnrecovered(e *store.Entry, rec *record.Record) {
	if rec.Kind == record.Redemption {
		b.flag(flags.Unrecovered, e, "its offer is not known since the restore, and no pass shows that it was issued")
	}
}

// newRecovered returns the offer of a pass. It belongs to no device.
func newRecovered(pass *offer.Pass, text string, now int64) *store.Offer {
	return &store.Offer{
		ID: pass.ID, Alias: pass.Alias, Campaign: pass.Campaign, Accepted: pass.IssuedAt.UnixMilli(),
		NotBefore: pass.ValidFrom().UnixMilli(),
		NotAfter:  pass.NotAfter.UnixMilli(), MaxUses: pass.MaxUses(), Pass: text, Recovered: now,
	}
}

func (b *booking) addOffer(o *store.Offer, c *store.Campaign) {
	b.offers[o.ID] = o
	if o.Alias != "" {
		b.aliases[o.Alias] = o
	}
	b.addedOffers = append(b.addedOffers, o.ID)
	Accept(&b.sums, c, o, b.rules.LongestAlone)
}

// countAccepted counts the offers that were taken up against the limits of their campaigns.
func (b *booking) countAccepted() error {
	accepted := map[string]int64{}
	for _, id := range b.addedOffers {
		if c := b.campaigns[b.offers[id].Campaign]; c.Limit > 0 {
			accepted[c.ID]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(accepted)) {
		c, err := b.tx.LockCampaign(id)
		if err != nil {
			return err
		}
		c.Accepted += accepted[id]
		if err := b.tx.PutCampaign(*c); err != nil {
			return err
		}
	}
	return nil
}

// redeemAgain books a redemption that the backend had confirmed before it was restored, whatever was booked since.
// Where its offer is not known, it is booked on the campaign that it names.
func (b *booking) redeemAgain(e *store.Entry, rec *record.Record, o *store.Offer, c *coupon) error {
	if err := b.loadCampaign(rec.Campaign); err != nil {
		return err
	}
	switch {
	case o != nil:
		e.Offer, e.Campaign = o.ID, o.Campaign
	case b.campaigns[rec.Campaign] == nil: // it is not known since the restore either
		e.Campaign = rec.Campaign
	}
	e.Verdict.Status = record.Confirmed
	if rec.Kind == record.Reservation {
		return nil
	}
	e.Effect = posting.Gave
	returns := b.returnsOf(e)
	if o != nil {
		b.take(e, o, c, returns.takesAll())
	}
	return b.settleReturns(e, returns)
}
