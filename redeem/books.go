package redeem

import (
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

const (
	hour = int64(time.Hour / time.Millisecond)
	day  = 24 * hour
)

// books count what was redeemed, for the limits: what the backend has not answered, what was redeemed within an hour, and
// what without a signature within a day. They are kept in memory and read from the journal when a limit first asks for
// them, so that nothing is stored twice and a terminal without limits pays nothing.
type books struct {
	// gate is held for reading by whoever appends or settles, and for writing while the journal is read: what is counted
	// from the journal is then counted from nowhere else.
	gate sync.RWMutex

	mu    sync.Mutex // guards what follows
	ready bool
	// partial says that records could not be read, so that more was redeemed than is counted.
	partial bool
	booked  map[record.ID]*booking
	// fresh are bookings that are not in booked yet: a redemption leaves that to the first answer or void that looks one up.
	fresh   []*booking
	recent  []*booking // by time; those before inHour left the hour's count
	inHour  int
	waiting []*booking // decision.Unanswered, oldest first; answered ones are taken out when they come first
	shop    [decision.CounterKinds]tally
	of      map[decision.CounterKey]*tally // of single campaigns
	voids   []*countedVoid                 // of the last 24 hours, by time
	latest  int64
}

// A booking is one redemption in the books.
type booking struct {
	id       record.ID
	at       int64 // by the earliest moment, else the wall clock; milliseconds since 1970
	campaign string
	given    record.Money
	unproven bool
	answered bool
	in       uint8 // a bit for each kind of account in which it counts now
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

// tally is where an account is kept; nil where nothing counts in one of a campaign.
func (b *books) tally(a decision.CounterKey) *tally {
	if a.Kind.OfCampaign() {
		return b.of[a]
	}
	return &b.shop[a.Kind]
}

func (b *books) sum(a decision.CounterKey) tally {
	if t := b.tally(a); t != nil {
		return *t
	}
	return tally{}
}

func (b *books) enter(x *booking, kind decision.CounterKind) {
	a := decision.CounterKey{Kind: kind, Campaign: x.campaign}
	t := b.tally(a)
	if t == nil {
		t = &tally{}
		b.of[a] = t
	}
	t.add(1, x.given)
	x.in |= 1 << kind
}

// leave takes a booking out of counters in which it may count.
func (b *books) leave(x *booking, kinds ...decision.CounterKind) {
	for _, kind := range kinds {
		if x.in&(1<<kind) == 0 {
			continue
		}
		x.in &^= 1 << kind
		a := decision.CounterKey{Kind: kind, Campaign: x.campaign}
		t := b.tally(a)
		t.add(-1, record.Money{Amount: -x.given.Amount, Currency: x.given.Currency})
		if t.number == 0 {
			*t = tally{}
			delete(b.of, a)
		}
	}
	if x.in == 0 {
		delete(b.booked, x.id)
	}
}

// find returns the booking that still counts somewhere, or nil.
func (b *books) find(id record.ID) *booking {
	for _, x := range b.fresh {
		if x.in != 0 {
			b.booked[x.id] = x
		}
	}
	b.fresh = b.fresh[:0]
	return b.booked[id]
}

// book counts a redemption. Times do not go back within the books.
func (b *books) book(x *booking) {
	b.follow(x.at)
	x.at = b.latest
	b.fresh = append(b.fresh, x)
	b.enter(x, decision.Hourly)
	if !x.answered {
		b.enter(x, decision.Unanswered)
		b.enter(x, decision.UnansweredOf)
		b.waiting = append(b.waiting, x)
	}
	if x.unproven {
		b.enter(x, decision.UnprovenDaily)
		b.enter(x, decision.UnprovenDailyOf)
	}
	b.recent = append(b.recent, x)
	b.passTo(b.latest)
}

// turnedBack is how far time goes back before it is believed to have been wrong: calls that overtake each other differ by less.
const turnedBack = int64(time.Minute / time.Millisecond)

// follow goes on to a moment. Where that lies well before the last one, the wall clock had been wrong while nothing better was
// known: what was counted then counts from now on.
func (b *books) follow(now int64) {
	if now > b.latest-turnedBack {
		b.latest = max(b.latest, now)
		return
	}
	b.latest = now
	for _, all := range [][]*booking{b.recent, b.waiting} {
		for _, x := range all {
			x.at = min(x.at, now)
		}
	}
	for _, x := range b.voids {
		x.at = min(x.at, now)
	}
}

// passTo moves the windows up to a moment.
func (b *books) passTo(now int64) {
	b.follow(now)
	for ; b.inHour < len(b.recent) && b.recent[b.inHour].at <= b.latest-hour; b.inHour++ {
		b.leave(b.recent[b.inHour], decision.Hourly)
	}
	for len(b.recent) > 0 && b.recent[0].at <= b.latest-day {
		b.leave(b.recent[0], decision.UnprovenDaily, decision.UnprovenDailyOf)
		b.recent, b.inHour = b.recent[1:], b.inHour-1
	}
	for len(b.waiting) > 0 && b.waiting[0].answered {
		b.waiting = b.waiting[1:]
	}
	b.forgetVoids()
}

// unbook takes a redemption out that was voided, or was not recorded after all.
func (b *books) unbook(ids ...record.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if x := b.find(id); x != nil {
			x.answered = true
			b.leave(x, decision.Hourly, decision.Unanswered, decision.UnansweredOf, decision.UnprovenDaily, decision.UnprovenDailyOf)
		}
	}
}

// correct changes the amount of a redemption wherever it counts.
func (b *books) correct(id record.ID, given record.Money) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.correctLocked(id, given)
}

func (b *books) correctLocked(id record.ID, given record.Money) {
	x := b.find(id)
	if x == nil {
		return
	}
	for kind := range decision.CounterKinds {
		if x.in&(1<<kind) != 0 {
			t := b.tally(decision.CounterKey{Kind: kind, Campaign: x.campaign})
			t.add(0, record.Money{Amount: -x.given.Amount, Currency: x.given.Currency})
			t.add(0, given)
		}
	}
	x.given = given
}

// answer takes redemptions out of what waits for the backend.
func (b *books) answer(settled []journal.Settlement) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range settled {
		if x := b.find(record.ID(s.Ref)); x != nil {
			x.answered = true
			b.leave(x, decision.Unanswered, decision.UnansweredOf)
		}
	}
}

// close forgets the books; they are read anew when they are next asked for.
func (b *books) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget()
}

func (b *books) forget() {
	b.ready, b.booked, b.fresh, b.recent, b.waiting, b.of, b.voids = false, nil, nil, nil, nil, nil, nil
	b.shop, b.inHour, b.latest = [decision.CounterKinds]tally{}, 0, 0
}

func newBooking(rec *record.Record) *booking {
	return &booking{id: rec.ID, at: momentOf(rec.Time), campaign: rec.Campaign, given: rec.Given, unproven: !rec.Proven}
}
