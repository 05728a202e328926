package limits

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// Sums are what counts at a moment. They know of no lock.
type sums struct {
	// partial says that records could not be read, so that more was redeemed than is counted.
	partial bool
	counted map[record.ID]*entry
	// fresh are entries that are not in counted yet: a redemption leaves that to the first answer or void that looks one
	// up.
	fresh     []*entry
	recent    []*entry // by time; those before inHour left the hour's counter
	inHour    int
	waiting   []*entry // unanswered, oldest first; answered ones are taken out when they come first
	totals    [decision.CounterKinds]tally
	campaigns map[decision.CounterKey]*tally // of single campaigns
	voids     []*void                        // of the last 24 hours, by time
	latest    int64
}

// An entry is one redemption that counts.
type entry struct {
	id        record.ID
	at        int64 // by the earliest moment, else the wall clock; milliseconds since 1970
	campaign  string
	given     record.Money
	unproven  bool
	alone     bool   // it was redeemed while the hub did not answer
	corrected uint64 // the number of the correction that set given; 0: none
	answered  bool
	countsIn  uint8 // a bit for each kind of counter in which it counts now
}

func newEntry(rec *record.Record, at int64) *entry {
	return &entry{id: rec.ID, at: at, campaign: rec.Campaign, given: rec.Given, unproven: !rec.Proven,
		alone: slices.Contains(rec.Notes, record.HubUnreachable)}
}

// read says how far limits are at a moment.
func (s *sums) read(now int64, limits []decision.Limit, into *decision.Counters) {
	s.moveTo(now)
	for i := range limits {
		into.Used[i] = s.sum(limits[i].Counter).allowance(limits[i].Allowed.Currency)
	}
	if len(s.waiting) > 0 {
		into.Waiting = time.Duration(s.latest-s.waiting[0].at) * time.Millisecond
	}
	into.Partial = s.partial
}

// A tally is a number of redemptions and their values in each currency, of which a till has few.
type tally struct {
	number int
	values []record.Money
}

func (t *tally) add(number int, value record.Money) {
	t.number += number
	for i := range t.values {
		if t.values[i].Currency == value.Currency {
			t.values[i].Amount += value.Amount
			return
		}
	}
	t.values = append(t.values, value)
}

func (t tally) valueIn(currency string) int64 {
	for _, v := range t.values {
		if v.Currency == currency {
			return v.Amount
		}
	}
	return 0
}

// allowance is the sum as far as it is in a currency.
func (t tally) allowance(currency string) trust.Allowance {
	return trust.Allowance{Number: t.number, Value: t.valueIn(currency), Currency: currency}
}

// tally is where a counter is kept; nil where nothing counts in one of a campaign.
func (s *sums) tally(key decision.CounterKey) *tally {
	if key.Kind.OfCampaign() {
		return s.campaigns[key]
	}
	return &s.totals[key.Kind]
}

func (s *sums) sum(key decision.CounterKey) tally {
	if t := s.tally(key); t != nil {
		return *t
	}
	return tally{}
}

// addTo counts an entry in one counter.
func (s *sums) addTo(kind decision.CounterKind, x *entry) {
	key := decision.CounterKey{Kind: kind, Campaign: x.campaign}
	t := s.tally(key)
	if t == nil {
		t = &tally{}
		s.campaigns[key] = t
	}
	t.add(1, x.given)
	x.countsIn |= 1 << kind
}

// removeFrom takes an entry out of counters in which it may count.
func (s *sums) removeFrom(x *entry, kinds ...decision.CounterKind) {
	for _, kind := range kinds {
		if x.countsIn&(1<<kind) == 0 {
			continue
		}
		x.countsIn &^= 1 << kind
		key := decision.CounterKey{Kind: kind, Campaign: x.campaign}
		t := s.tally(key)
		t.add(-1, record.Money{Amount: -x.given.Amount, Currency: x.given.Currency})
		if t.number == 0 {
			*t = tally{}
			delete(s.campaigns, key)
		}
	}
	if x.countsIn == 0 {
		delete(s.counted, x.id)
	}
}

// find returns the entry that still counts somewhere, or nil.
func (s *sums) find(id record.ID) *entry {
	for _, x := range s.fresh {
		if x.countsIn != 0 {
			s.counted[x.id] = x
		}
	}
	s.fresh = s.fresh[:0]
	return s.counted[id]
}

// add counts a redemption. Times do not go back within the counters.
func (s *sums) add(x *entry) {
	s.follow(x.at)
	x.at = s.latest
	s.fresh = append(s.fresh, x)
	s.addTo(decision.Hourly, x)
	if !x.answered {
		s.addTo(decision.Unanswered, x)
		s.addTo(decision.UnansweredOf, x)
		s.waiting = append(s.waiting, x)
	}
	if x.unproven {
		s.addTo(decision.UnprovenDaily, x)
		s.addTo(decision.UnprovenDailyOf, x)
	}
	if x.alone {
		s.addTo(decision.WithoutHubDaily, x)
	}
	s.recent = append(s.recent, x)
	s.moveTo(s.latest)
}

// wentBack is how far time goes back before it is believed to have been wrong: calls that overtake each other differ
// by less.
const wentBack = int64(time.Minute / time.Millisecond)

// follow goes on to a moment. Where that lies well before the last one, the wall clock had been wrong while nothing
// better was known: what was counted then counts from now on.
func (s *sums) follow(now int64) {
	if now > s.latest-wentBack {
		s.latest = max(s.latest, now)
		return
	}
	s.latest = now
	for _, all := range [][]*entry{s.recent, s.waiting} {
		for _, x := range all {
			x.at = min(x.at, now)
		}
	}
	for _, x := range s.voids {
		x.at = min(x.at, now)
	}
}

// moveTo moves the windows up to a moment.
func (s *sums) moveTo(now int64) {
	s.follow(now)
	for ; s.inHour < len(s.recent) && s.recent[s.inHour].at <= s.latest-hour; s.inHour++ {
		s.removeFrom(s.recent[s.inHour], decision.Hourly)
	}
	for len(s.recent) > 0 && s.recent[0].at <= s.latest-day {
		s.removeFrom(s.recent[0], decision.UnprovenDaily, decision.UnprovenDailyOf, decision.WithoutHubDaily)
		s.recent, s.inHour = s.recent[1:], s.inHour-1
	}
	for len(s.waiting) > 0 && s.waiting[0].answered {
		s.waiting = s.waiting[1:]
	}
	s.forgetVoids()
}

// remove takes redemptions out of all counters.
func (s *sums) remove(ids []record.ID) {
	for _, id := range ids {
		if x := s.find(id); x != nil {
			x.answered = true
			s.removeFrom(x, decision.Hourly, decision.Unanswered, decision.UnansweredOf, decision.UnprovenDaily,
				decision.UnprovenDailyOf, decision.WithoutHubDaily)
		}
	}
}

// A correction is the amount of a redemption that a record with a number sets.
type correction struct {
	of     record.ID
	number uint64
	given  record.Money
}

// correct changes the amount of a redemption wherever it counts.
func (s *sums) correct(c correction) {
	x := s.find(c.of)
	if x == nil || c.number < x.corrected {
		return
	}
	for kind := range decision.CounterKinds {
		if x.countsIn&(1<<kind) != 0 {
			t := s.tally(decision.CounterKey{Kind: kind, Campaign: x.campaign})
			t.add(0, record.Money{Amount: -x.given.Amount, Currency: x.given.Currency})
			t.add(0, c.given)
		}
	}
	x.given, x.corrected = c.given, c.number
}

// answer takes redemptions out of what waits for the backend.
func (s *sums) answer(settled []journal.Settlement) {
	for _, settlement := range settled {
		if x := s.find(record.ID(settlement.Ref)); x != nil {
			x.answered = true
			s.removeFrom(x, decision.Unanswered, decision.UnansweredOf)
		}
	}
}
