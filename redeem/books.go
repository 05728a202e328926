package redeem

import (
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/outbox"
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

	mu      sync.Mutex // guards what follows
	ready   bool
	booked  map[record.ID]*booking
	recent  []*booking // by time; those before inHour left the hour's count
	inHour  int
	waiting []*booking // unanswered, oldest first; answered ones are taken out when they come first
	sums    map[account]*tally
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
	in       []account  // where it counts now
	room     [5]account // where that list stands
}

// An account is what a sum is kept for.
type account struct {
	kind     accountKind
	campaign string
}

type accountKind uint8

const (
	hourly accountKind = iota
	unanswered
	unansweredOf // of one campaign
	unprovenDaily
	unprovenDailyOf
)

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

func (b *books) sum(a account) tally {
	if t := b.sums[a]; t != nil {
		return *t
	}
	return tally{}
}

func (b *books) enter(x *booking, accounts ...account) {
	for _, a := range accounts {
		t := b.sums[a]
		if t == nil {
			t = &tally{}
			b.sums[a] = t
		}
		t.add(1, x.given)
	}
	x.in = append(x.in, accounts...) // at most one of each kind, so that it stays in its room
}

// leave takes a booking out of the accounts for which gone says so.
func (b *books) leave(x *booking, gone func(accountKind) bool) {
	kept := x.in[:0]
	for _, a := range x.in {
		if !gone(a.kind) {
			kept = append(kept, a)
			continue
		}
		t := b.sums[a]
		t.add(-1, record.Money{Amount: -x.given.Amount, Currency: x.given.Currency})
		if t.number == 0 {
			delete(b.sums, a)
		}
	}
	x.in = kept
	if len(x.in) == 0 {
		delete(b.booked, x.id)
	}
}

// book counts a redemption. Times do not go back within the books.
func (b *books) book(x *booking) {
	b.follow(x.at)
	x.at = b.latest
	b.booked[x.id] = x
	b.enter(x, account{kind: hourly})
	if !x.answered {
		b.enter(x, account{kind: unanswered}, account{unansweredOf, x.campaign})
		b.waiting = append(b.waiting, x)
	}
	if x.unproven {
		b.enter(x, account{kind: unprovenDaily}, account{unprovenDailyOf, x.campaign})
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
}

// passTo moves the windows up to a moment.
func (b *books) passTo(now int64) {
	b.follow(now)
	for ; b.inHour < len(b.recent) && b.recent[b.inHour].at <= b.latest-hour; b.inHour++ {
		b.leave(b.recent[b.inHour], func(k accountKind) bool { return k == hourly })
	}
	for len(b.recent) > 0 && b.recent[0].at <= b.latest-day {
		b.leave(b.recent[0], func(k accountKind) bool { return k == unprovenDaily || k == unprovenDailyOf })
		b.recent, b.inHour = b.recent[1:], b.inHour-1
	}
	for len(b.waiting) > 0 && b.waiting[0].answered {
		b.waiting = b.waiting[1:]
	}
}

// unbook takes a redemption out that was voided, or was not recorded after all.
func (b *books) unbook(ids ...record.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if x := b.booked[id]; x != nil {
			x.answered = true
			b.leave(x, func(accountKind) bool { return true })
		}
	}
}

// answer takes redemptions out of what waits for the backend.
func (b *books) answer(settled []outbox.Settlement) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range settled {
		if x := b.booked[record.ID(s.Ref)]; x != nil {
			x.answered = true
			b.leave(x, func(k accountKind) bool { return k == unanswered || k == unansweredOf })
		}
	}
}

// open reads the books from the journal, once.
func (b *books) open(journal *outbox.Log, now int64) error {
	b.gate.Lock()
	defer b.gate.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ready {
		return nil
	}
	b.booked, b.sums, b.recent, b.waiting, b.inHour, b.latest = map[record.ID]*booking{}, map[account]*tally{}, nil, nil, 0, 0
	for stored, err := range journal.History() {
		if err != nil {
			return err
		}
		if x := bookingOf(stored, now); x != nil {
			x.at = min(x.at, now)
			b.book(x)
		}
	}
	b.passTo(now)
	b.ready = true
	return nil
}

// close forgets the books; they are read anew when they are next asked for.
func (b *books) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ready, b.booked, b.sums, b.recent, b.waiting = false, nil, nil, nil, nil
}

// bookingOf returns the booking of a record, or nil for what counts in no account: another kind, voided, or answered and old.
func bookingOf(stored outbox.Stored, now int64) *booking {
	answered := stored.State != outbox.Pending
	written := stored.Written.UnixMilli() // 0 where nothing was known of the time
	if stored.Voided || stored.Payload == nil || answered && written > 0 && written < now-day {
		return nil
	}
	rec, err := record.Decode(stored.Payload)
	if err != nil || rec.Kind != record.Redemption {
		return nil
	}
	x := newBooking(rec)
	x.answered = answered
	return x
}

func newBooking(rec record.Record) *booking {
	at := rec.Time.Earliest
	if at == 0 {
		at = rec.Time.Wall
	}
	x := &booking{id: rec.ID, at: at, campaign: rec.Campaign, given: rec.Given, unproven: !rec.Proven}
	x.in = x.room[:0]
	return x
}
