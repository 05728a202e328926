package arbiter

import (
	"time"

	"github.com/offlane/offlane/redeem/record"
)

// A Request asks for uses of an offer.
type Request struct {
	Key
	// Names are the offer's, of which the first one stands in the Key.
	Names []Name
	// Attempt is higher than that of every earlier request of the same lane.
	Attempt uint64
	// Uses is how many are wanted, and Allowed how many the offer has; both at least 1.
	Uses, Allowed int
	// Override says that a manager at the lane decided: what would ask is granted.
	Override bool
	// At is the hub's wall clock, and KeepUntil until when the claim counts; in milliseconds since 1970.
	At, KeepUntil int64
}

// A Result is what a request comes to.
type Result uint8

// The results. Taken and Reserved refuse, Silent, Missing and Differs ask.
const (
	// Granted: the offer is claimed for the lane, for the time of a lease.
	Granted Result = iota
	// Taken: others used it up.
	Taken
	// Reserved: another lane is about to use it, or holds it for a sale.
	Reserved
	// Silent: another lane claimed it and does not answer.
	Silent
	// Missing: a lane has not told what it holds.
	Missing
	// Differs: lanes read different numbers of uses, and by the smaller one it is used up.
	Differs
	// Stale: the lane made a later attempt.
	Stale
)

var resultNames = [...]string{"granted", "taken", "reserved", "silent", "missing", "differs", "stale"}

// String returns the result's name.
func (r Result) String() string { return resultNames[r] }

// asks reports whether a manager may decide otherwise.
func (r Result) asks() bool { return r == Silent || r == Missing || r == Differs }

// An Answer is the answer to a Request.
type Answer struct {
	Result Result
	// Overrode is what would have asked but for the override; Granted: nothing.
	Overrode Result
	// Lane and At say who stands in the way and since when, by the hub's wall clock in milliseconds since 1970; zero where
	// nobody does.
	Lane record.TerminalID
	At   int64
}

// A standing is what others have of an offer.
type standing struct {
	taken, reserved, silent int
	least                   int    // the smallest number of uses that a lane read
	taker, holder, mute     *Claim // the newest of each
}

func (a *Arbiter) standing(others []*Claim, allowed int, now time.Duration) standing {
	s := standing{least: allowed}
	for _, c := range others {
		s.least = min(s.least, c.Allowed)
		if n := c.live(); n > 0 {
			s.taken, s.taker = s.taken+n, newer(s.taker, c)
		}
		switch {
		case c.TakenOver:
		case a.isLeased(c, now), a.isHeld(c, now):
			s.reserved, s.holder = s.reserved+c.Pending, newer(s.holder, c)
		case a.isSilent(c, now):
			s.silent, s.mute = s.silent+c.Pending, newer(s.mute, c)
		}
	}
	return s
}

func newer(a, b *Claim) *Claim {
	if a == nil || b.At >= a.At {
		return b
	}
	return a
}

// weigh says what a request for so many uses comes to without an override, and which claim stands in the way.
func (s *standing) weigh(uses, allowed int, missing bool) (Result, *Claim) {
	taken, running := s.taken+uses, s.taken+s.reserved+uses
	switch {
	case taken > allowed:
		return Taken, s.taker
	case running > allowed:
		return Reserved, s.holder
	case running+s.silent > allowed:
		return Silent, s.mute
	case running+s.silent > s.least:
		return Differs, newest(s.taker, s.holder, s.mute)
	case missing:
		return Missing, nil
	}
	return Granted, nil
}

func newest(claims ...*Claim) (last *Claim) {
	for _, c := range claims {
		if c != nil {
			last = newer(last, c)
		}
	}
	return last
}

// Claim comes to the answer to a request. A claim that is granted again is the same claim, with another lease.
func (a *Arbiter) Claim(now time.Duration, req Request) Answer {
	c := a.claims[req.Key]
	if c != nil && req.Attempt <= c.Attempt {
		return Answer{Result: Stale}
	}
	if c != nil && c.live() > 0 { // the lane told that this sale has it
		c.Attempt = req.Attempt
		a.storeClaim(c)
		return Answer{Result: Granted}
	}
	others := a.others(req.Names, req.Key)
	s := a.standing(others, req.Allowed, now)
	missing := a.firstMissing(req.Lane)
	result, other := s.weigh(req.Uses, req.Allowed, !missing.IsZero())
	answer := Answer{Result: result}
	switch {
	case result == Missing:
		answer.Lane = missing
	case other != nil:
		answer.Lane, answer.At = other.Lane, other.At
	}
	switch {
	case result == Granted:
	case !req.Override || !result.asks():
		return answer
	case result == Silent:
		a.takeOver(req.Lane, others, now)
	}
	answer.Result, answer.Overrode = Granted, result
	a.grant(now, c, req)
	return answer
}

// grant makes a claim, or has one that there is begin anew.
func (a *Arbiter) grant(now time.Duration, c *Claim, req Request) {
	if c == nil {
		c = &Claim{Key: req.Key}
		c.Names = append(c.Names, req.Names...)
		a.insert(c)
	}
	a.addNames(c, req.Names)
	c.Attempt, c.Allowed, c.At, c.KeepUntil = req.Attempt, req.Allowed, req.At, req.KeepUntil
	c.TakenOver = false
	if c.Reservation.IsZero() || !a.isHeld(c, now) {
		c.endReservation()
		c.Pending, c.since = req.Uses, now
	}
	c.Pending = max(c.Pending, req.Uses)
	a.storeClaim(c)
}

// addNames adds names that were not known of an offer.
func (a *Arbiter) addNames(c *Claim, names []Name) {
	for _, name := range names {
		if len(c.Names) < MaxNames && !shares(c.Names, []Name{name}) {
			c.Names = append(c.Names, name)
			a.byName[name] = append(a.byName[name], c)
		}
	}
}

// takeOver has the silent claims of an offer not count any more, since a manager at a lane decided. The lanes that made
// them are told.
func (a *Arbiter) takeOver(by record.TerminalID, others []*Claim, now time.Duration) {
	for _, c := range others {
		if a.isSilent(c, now) {
			c.TakenOver = true
			a.storeClaim(c)
			a.notify(c.Lane, Notice{Kind: NoticeTakenOver, Lane: by, At: c.At})
		}
	}
}

// GiveUp ends what a lane claimed and did not record. An older attempt than the last one changes nothing.
func (a *Arbiter) GiveUp(now time.Duration, key Key, attempt uint64) {
	c := a.claims[key]
	if c == nil { // it overtook its claim, which must not be granted any more
		c = &Claim{Key: key, Names: []Name{key.Offer}, Attempt: attempt, Allowed: maxUses, since: now}
		a.insert(c)
		return
	}
	if attempt < c.Attempt {
		return
	}
	c.Attempt = attempt
	if c.Pending > 0 && c.Reservation.IsZero() {
		c.Pending, c.TakenOver, c.since = 0, false, now
	}
	a.storeClaim(c)
}

// maxUses is more uses than an offer has, for claims of which nobody said how many.
const maxUses = 1 << 30
