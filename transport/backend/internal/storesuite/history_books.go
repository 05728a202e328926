package storesuite

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// plainBooks are the rules of the books as plainly as they can be written: lists of what was accepted and of what came,
// in the order in which the backend took it. Everything else is worked out from the lists each time that it is asked
// for.
type plainBooks struct {
	*world
	campaigns []*wire.Campaign
	revoked   map[string]int64 // campaigns, by id, and when
	// agreements are those that were made, also those that ended since.
	agreements []plainAgreement
	offers     []*plainOffer
	facts      []*fact
	// flags counts what a person should look at. came are the numbers of each till's chain that were taken.
	flags map[flagged]int
	came  map[*till]map[uint64]bool
}

type flagged struct {
	till *till
	kind string
}

// A plainOffer is an offer that the backend knows.
type plainOffer struct {
	id       offer.ID
	alias    string
	campaign *wire.Campaign
	audience []string
	// accepted is when, with notBefore and notAfter the bounds of its validity; milliseconds since 1970.
	accepted, notBefore, notAfter int64
	maxUses                       int
	revoked                       int64
	recovered                     bool
}

// An effect is what a fact counts.
type effect int

const (
	nothing effect = iota
	gave
	tookBack
	corrected
	awaits
)

// A fact is a record that the backend took, with what became of it.
type fact struct {
	till *till
	hash record.Hash
	// id is the record's. spare says that it is kept under another name, since the id was taken.
	id    record.ID
	spare bool
	rec   record.Record // zero where it cannot be read

	status record.Status
	reason fault.Code
	booked *record.Money
	first  record.ID

	effect           effect
	kind             record.Kind
	merchant, store  string
	offer            *plainOffer
	campaign, day    string
	earliest, latest int64
	// given, takenBack and voided are a redemption's as it stands; delay is its seconds since acceptance.
	given            record.Money
	takenBack, delay int64
	// correctedBy is the number of the correction that set given; an older one changes nothing.
	correctedBy uint64
	voided      record.ID
	// overdue is when the redemption that it waits for can no longer come.
	overdue int64
	// stood says that it had been confirmed before a restore, said with which amount.
	stood bool
	said  record.Money
}

func (f *fact) String() string { return fmt.Sprintf("%s of %s", f.id, f.till.name) }

func newPlainBooks(w *world) *plainBooks {
	return &plainBooks{world: w, revoked: map[string]int64{}, flags: map[flagged]int{},
		came: map[*till]map[uint64]bool{}}
}

// clone is a copy that shares nothing that changes.
func (b *plainBooks) clone() *plainBooks {
	c := newPlainBooks(b.world)
	c.campaigns, c.agreements = b.campaigns, slices.Clone(b.agreements)
	c.revoked, c.flags = maps.Clone(b.revoked), maps.Clone(b.flags)
	moved := map[*plainOffer]*plainOffer{}
	for _, o := range b.offers {
		same := *o
		moved[o], c.offers = &same, append(c.offers, &same)
	}
	for _, f := range b.facts {
		same := *f
		same.offer = moved[f.offer]
		c.facts = append(c.facts, &same)
	}
	for l, numbers := range b.came {
		c.came[l] = maps.Clone(numbers)
	}
	return c
}

func (b *plainBooks) millis() int64 { return b.now.UnixMilli() }

func (b *plainBooks) flag(f *fact, kind string) { b.flags[flagged{f.till, kind}]++ }

// accept notes an accepted offer.
func (b *plainBooks) accept(p *pass, at int64) {
	b.offers = append(b.offers, &plainOffer{id: p.id, alias: p.alias, campaign: p.campaign, audience: p.audience,
		accepted:  at,
		notBefore: p.issued, notAfter: p.notAfter, maxUses: max(p.campaign.Uses, 1)})
}

// mayAccept says whether an offer of a campaign may be accepted: it is not revoked, its budget is not used up, and not
// as many were accepted as may be.
func (b *plainBooks) mayAccept(c *wire.Campaign) bool {
	accepted := int64(0)
	for _, o := range b.offers {
		if o.campaign == c {
			accepted++
		}
	}
	return b.revoked[c.ID] == 0 && (c.Budget == 0 || b.budgetLeft(c) > 0) && (c.Limit == 0 || accepted < c.Limit)
}

// budgetLeft is what a campaign may still give, in its budget's currency.
func (b *plainBooks) budgetLeft(c *wire.Campaign) int64 {
	currency, left := c.Currency, c.Budget
	if currency == "" {
		currency = c.Terms.Currency
	}
	for _, f := range b.facts {
		if f.effect == gave && f.campaign == c.ID && f.given.Currency == currency {
			left += f.takenBack - f.given.Amount
		}
	}
	return left
}

func (b *plainBooks) revokeCampaign(id string) {
	if b.revoked[id] == 0 {
		b.revoked[id] = b.millis()
	}
}

func (b *plainBooks) revoke(id offer.ID) (known bool) {
	o := b.offerBy(id, "")
	if o != nil && o.revoked == 0 {
		o.revoked = b.millis()
	}
	return o != nil
}

// offerBy finds an offer by its identifier, else by its GS1 number.
func (b *plainBooks) offerBy(id offer.ID, alias string) *plainOffer {
	for _, o := range b.offers {
		if !id.IsZero() && o.id == id {
			return o
		}
	}
	for _, o := range b.offers {
		if alias != "" && o.alias == alias {
			return o
		}
	}
	return nil
}

func (b *plainBooks) byHash(hash record.Hash) *fact {
	for _, f := range b.facts {
		if f.hash == hash {
			return f
		}
	}
	return nil
}

// byID finds what is kept under a record's own id.
func (b *plainBooks) byID(id record.ID) *fact {
	for _, f := range b.facts {
		if f.id == id && !f.spare {
			return f
		}
	}
	return nil
}

// uses are the redemptions of an offer that were not taken back wholly.
func (b *plainBooks) uses(o *plainOffer) (uses []*fact) {
	for _, f := range b.facts {
		if f.effect == gave && f.offer == o && f.voided.IsZero() {
			uses = append(uses, f)
		}
	}
	return uses
}

// missing are the numbers below a till's last one, or below another, that did not come, and the last.
func (b *plainBooks) missing(l *till, before uint64) (missing []record.Range, last uint64) {
	for n := range b.came[l] {
		last = max(last, n)
	}
	for n := uint64(1); n < max(last, before); n++ {
		switch end := len(missing) - 1; {
		case b.came[l][n]:
		case end >= 0 && missing[end].Last == n-1:
			missing[end].Last = n
		default:
			missing = append(missing, record.Range{First: n, Last: n})
		}
	}
	return missing, last
}

func utcDay(millis int64) string { return time.UnixMilli(millis).UTC().Format(time.DateOnly) }

func moneyText(m record.Money) string { return fmt.Sprintf("%d %s", m.Amount, m.Currency) }

// waiting counts a till's facts that wait.
func (b *plainBooks) waiting(l *till) int {
	n := 0
	for _, f := range b.facts {
		if f.till == l && f.effect == awaits {
			n++
		}
	}
	return n
}

// markedOffers are the offers of which tills are told: all uses are taken, or it was revoked. Those that ended are left
// out.
func (b *plainBooks) markedOffers() (ids []offer.ID) {
	for _, o := range b.offers {
		if o.notAfter > b.millis() && (o.revoked != 0 || len(b.uses(o)) >= o.maxUses) {
			ids = append(ids, o.id)
		}
	}
	slices.SortFunc(ids, func(a, c offer.ID) int { return slices.Compare(a[:], c[:]) })
	return ids
}
