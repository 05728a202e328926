// Package limits counts what was redeemed and taken back, for the limits of a policy.
package limits

import (
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

const (
	hour = int64(time.Hour / time.Millisecond)
	day  = 24 * hour
)

// Counters count what the backend has not answered, what was redeemed within an hour, what without a signature or
// without the hub within a day, and what was taken back within a day. They are kept in memory and read from the
// journal when a limit first asks for them, so that nothing is stored twice and a terminal without limits pays nothing.
// The zero value is ready.
//
// Two locks guard them, and the first is taken before the second. The gate is held for reading by whoever appends to
// the journal, settles its records, or reads the sums under the journal's lock (Begin, End), and for writing while Load
// reads the journal: what is counted from the journal is then counted from nowhere else, and nobody waits for the sums
// under the lock that Load needs. The other one guards the sums; it is held for moments, and by Load.
//
// The methods may be called by several goroutines at once.
type Counters struct {
	gate sync.RWMutex

	mu    sync.Mutex // guards what follows
	ready bool
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
	id       record.ID
	at       int64 // by the earliest moment, else the wall clock; milliseconds since 1970
	campaign string
	given    record.Money
	unproven bool
	alone    bool // it was redeemed while the hub did not answer
	answered bool
	countsIn uint8 // a bit for each kind of counter in which it counts now
}

func newEntry(rec *record.Record, at int64) *entry {
	return &entry{id: rec.ID, at: at, campaign: rec.Campaign, given: rec.Given, unproven: !rec.Proven,
		alone: slices.Contains(rec.Notes, record.HubUnreachable)}
}

// Begin is called before an append to the journal or a settlement of which the records are counted, and End after it.
func (c *Counters) Begin() { c.gate.RLock() }

// BeginCounted is Begin with the journal counted, as of a moment in milliseconds since 1970: Reset waits for End. Its
// error is the journal's, and nothing is begun then.
func (c *Counters) BeginCounted(log *journal.Log, now int64) error {
	for {
		c.gate.RLock()
		if c.isReady() {
			return nil
		}
		c.gate.RUnlock()
		if err := c.Load(log, now); err != nil {
			return err
		}
	}
}

func (c *Counters) isReady() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ready
}

// End ends what Begin began.
func (c *Counters) End() { c.gate.RUnlock() }

// Read says how far limits are at a moment, in milliseconds since 1970. Before Load nothing is counted.
func (c *Counters) Read(now int64, limits []decision.Limit, into *decision.Counters) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ready {
		c.moveTo(now)
	}
	for i := range limits {
		into.Used[i] = c.sum(limits[i].Counter).allowance(limits[i].Allowed.Currency)
	}
	if len(c.waiting) > 0 {
		into.Waiting = time.Duration(c.latest-c.waiting[0].at) * time.Millisecond
	}
	into.Partial = c.partial
}

// UnansweredWorth is what the redemptions that the backend has not answered are worth, by currency.
func (c *Counters) UnansweredWorth() []record.Money {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.totals[decision.Unanswered].values)
}

// Add counts a redemption that is about to be recorded, at a moment, and reports whether it did: before Load nothing is
// counted. Where it is not recorded after all, Remove takes it out.
func (c *Counters) Add(rec *record.Record, at int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ready {
		c.add(newEntry(rec, at))
	}
	return c.ready
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
func (c *Counters) tally(key decision.CounterKey) *tally {
	if key.Kind.OfCampaign() {
		return c.campaigns[key]
	}
	return &c.totals[key.Kind]
}

func (c *Counters) sum(key decision.CounterKey) tally {
	if t := c.tally(key); t != nil {
		return *t
	}
	return tally{}
}

// addTo counts an entry in one counter.
func (c *Counters) addTo(kind decision.CounterKind, x *entry) {
	key := decision.CounterKey{Kind: kind, Campaign: x.campaign}
	t := c.tally(key)
	if t == nil {
		t = &tally{}
		c.campaigns[key] = t
	}
	t.add(1, x.given)
	x.countsIn |= 1 << kind
}

// removeFrom takes an entry out of counters in which it may count.
func (c *Counters) removeFrom(x *entry, kinds ...decision.CounterKind) {
	for _, kind := range kinds {
		if x.countsIn&(1<<kind) == 0 {
			continue
		}
		x.countsIn &^= 1 << kind
		key := decision.CounterKey{Kind: kind, Campaign: x.campaign}
		t := c.tally(key)
		t.add(-1, record.Money{Amount: -x.given.Amount, Currency: x.given.Currency})
		if t.number == 0 {
			*t = tally{}
			delete(c.campaigns, key)
		}
	}
	if x.countsIn == 0 {
		delete(c.counted, x.id)
	}
}

// find returns the entry that still counts somewhere, or nil.
func (c *Counters) find(id record.ID) *entry {
	for _, x := range c.fresh {
		if x.countsIn != 0 {
			c.counted[x.id] = x
		}
	}
	c.fresh = c.fresh[:0]
	return c.counted[id]
}

// add counts a redemption. Times do not go back within the counters.
func (c *Counters) add(x *entry) {
	c.follow(x.at)
	x.at = c.latest
	c.fresh = append(c.fresh, x)
	c.addTo(decision.Hourly, x)
	if !x.answered {
		c.addTo(decision.Unanswered, x)
		c.addTo(decision.UnansweredOf, x)
		c.waiting = append(c.waiting, x)
	}
	if x.unproven {
		c.addTo(decision.UnprovenDaily, x)
		c.addTo(decision.UnprovenDailyOf, x)
	}
	if x.alone {
		c.addTo(decision.WithoutHubDaily, x)
	}
	c.recent = append(c.recent, x)
	c.moveTo(c.latest)
}

// wentBack is how far time goes back before it is believed to have been wrong: calls that overtake each other differ
// by less.
const wentBack = int64(time.Minute / time.Millisecond)

// follow goes on to a moment. Where that lies well before the last one, the wall clock had been wrong while nothing
// better was known: what was counted then counts from now on.
func (c *Counters) follow(now int64) {
	if now > c.latest-wentBack {
		c.latest = max(c.latest, now)
		return
	}
	c.latest = now
	for _, all := range [][]*entry{c.recent, c.waiting} {
		for _, x := range all {
			x.at = min(x.at, now)
		}
	}
	for _, x := range c.voids {
		x.at = min(x.at, now)
	}
}

// moveTo moves the windows up to a moment.
func (c *Counters) moveTo(now int64) {
	c.follow(now)
	for ; c.inHour < len(c.recent) && c.recent[c.inHour].at <= c.latest-hour; c.inHour++ {
		c.removeFrom(c.recent[c.inHour], decision.Hourly)
	}
	for len(c.recent) > 0 && c.recent[0].at <= c.latest-day {
		c.removeFrom(c.recent[0], decision.UnprovenDaily, decision.UnprovenDailyOf, decision.WithoutHubDaily)
		c.recent, c.inHour = c.recent[1:], c.inHour-1
	}
	for len(c.waiting) > 0 && c.waiting[0].answered {
		c.waiting = c.waiting[1:]
	}
	c.forgetVoids()
}

// Remove takes redemptions out that were voided, or were not recorded after all.
func (c *Counters) Remove(ids ...record.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		if x := c.find(id); x != nil {
			x.answered = true
			c.removeFrom(x, decision.Hourly, decision.Unanswered, decision.UnansweredOf, decision.UnprovenDaily,
				decision.UnprovenDailyOf, decision.WithoutHubDaily)
		}
	}
}

// Correct changes the amount of a redemption wherever it counts.
func (c *Counters) Correct(id record.ID, given record.Money) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.correctLocked(id, given)
}

func (c *Counters) correctLocked(id record.ID, given record.Money) {
	x := c.find(id)
	if x == nil {
		return
	}
	for kind := range decision.CounterKinds {
		if x.countsIn&(1<<kind) != 0 {
			t := c.tally(decision.CounterKey{Kind: kind, Campaign: x.campaign})
			t.add(0, record.Money{Amount: -x.given.Amount, Currency: x.given.Currency})
			t.add(0, given)
		}
	}
	x.given = given
}

// Answer takes redemptions out of what waits for the backend.
func (c *Counters) Answer(settled []journal.Settlement) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range settled {
		if x := c.find(record.ID(s.Ref)); x != nil {
			x.answered = true
			c.removeFrom(x, decision.Unanswered, decision.UnansweredOf)
		}
	}
}

// Reset forgets everything: Load reads the journal anew. It waits for End of what was begun.
func (c *Counters) Reset() {
	c.gate.Lock()
	defer c.gate.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget()
}

func (c *Counters) forget() {
	c.ready, c.counted, c.fresh, c.recent, c.waiting, c.campaigns, c.voids = false, nil, nil, nil, nil, nil, nil
	c.totals, c.inHour, c.latest = [decision.CounterKinds]tally{}, 0, 0
}
