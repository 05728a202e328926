package storesuite

import (
	"maps"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// figures are the counts by campaign, merchant, store, day and currency.
func (b *plainBooks) figures() map[wire.Tally]wire.Tally {
	all := map[wire.Tally]wire.Tally{}
	for _, o := range b.offers {
		key := wire.Tally{Campaign: o.campaign.ID, Day: utcDay(o.accepted), Currency: o.campaign.Terms.Currency}
		sum := all[key]
		sum.Accepted++
		all[key] = sum
	}
	for _, f := range b.facts {
		key := wire.Tally{Campaign: f.campaign, Merchant: f.merchant, Store: f.store, Day: f.day,
			Currency: f.given.Currency}
		sum := all[key]
		f.countIn(&sum)
		all[key] = sum
	}
	maps.DeleteFunc(all, func(_, sum wire.Tally) bool { return sum == wire.Tally{} })
	return all
}

func (f *fact) countIn(sum *wire.Tally) {
	switch f.effect {
	case gave:
		sum.Redeemed++
		sum.Given += f.given.Amount
		sum.Delay += f.delay
	case tookBack:
		sum.Voided++
		sum.TakenBack += f.given.Amount
	case corrected:
		sum.Corrected++
	case awaits:
		sum.Waiting++
		sum.WaitingAmount += f.given.Amount
	}
	switch f.status {
	case record.Duplicate:
		sum.Duplicates++
	case record.Rejected:
		sum.Rejected++
	case record.Quarantined:
		sum.Quarantined++
	}
}

// ledger is what each campaign comes to by currency, today.
func (b *plainBooks) ledger() map[wire.LedgerLine]wire.LedgerLine {
	all := map[wire.LedgerLine]wire.LedgerLine{}
	add := func(campaign, currency string, by wire.LedgerLine) {
		key := wire.LedgerLine{Campaign: campaign, Currency: currency}
		sum := all[key]
		sum.Accepted, sum.Given = sum.Accepted+by.Accepted, sum.Given+by.Given
		sum.TakenBack, sum.Liability = sum.TakenBack+by.TakenBack, sum.Liability+by.Liability
		all[key] = sum
	}
	for _, o := range b.offers {
		add(o.campaign.ID, o.campaign.Terms.Currency, wire.LedgerLine{Accepted: 1, Liability: b.liability(o)})
	}
	for _, f := range b.facts {
		switch f.effect {
		case gave:
			add(f.campaign, f.given.Currency, wire.LedgerLine{Given: f.given.Amount})
		case tookBack:
			add(f.campaign, f.given.Currency, wire.LedgerLine{TakenBack: f.given.Amount})
		}
	}
	maps.DeleteFunc(all, func(_, sum wire.LedgerLine) bool { return sum == wire.LedgerLine{} })
	return all
}

// liability is what an offer can still give: its uses left times the most of its terms. It ends on the day after the
// last on which a late report can come.
func (b *plainBooks) liability(o *plainOffer) int64 {
	left := o.maxUses - len(b.uses(o))
	most, bounded := o.campaign.Terms.Most()
	end := utcDay(o.notAfter + alone.Milliseconds() + (24 * time.Hour).Milliseconds())
	if left < 0 || !bounded || end <= utcDay(b.millis()) {
		return 0
	}
	return int64(left) * most
}
