package arbiter

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/record"
)

// Limits say how long claims last. The zero value is not usable.
type Limits struct {
	// Lease is how long a claim that nobody confirms refuses others.
	Lease time.Duration
	// Margin is how much longer than a lane's own reservation the hub holds the offer.
	Margin time.Duration
	// Memory is how long a claim that was given up is remembered, so that a delayed copy of it is known as old.
	Memory time.Duration
}

// An Arbiter is the state of one hub. It must be used by one goroutine at a time.
type Arbiter struct {
	limits        Limits
	version       uint64
	claims        map[Key]*Claim
	byName        map[Name][]*Claim
	byUse         map[record.ID]*Claim
	byPaper       map[record.Receipt]record.ID // of redemptions
	lanes         map[record.TerminalID]*Lane
	missing       map[record.TerminalID]bool // lanes that may hold what was not told
	changedClaims []*Claim                   // each once
	changes       Changes                    // the others
}

// Changes are what a call changed, to be stored. Of a claim or a lane the state with the highest version counts.
type Changes struct {
	Claims []Claim
	Lanes  []Lane
	// Dropped are claims of which nothing need be stored any more.
	Dropped []Drop
}

// A Drop says that of a claim nothing need be stored since a version.
type Drop struct {
	Key     Key
	Version uint64
}

// New makes an arbiter that knows nothing.
func New(limits Limits) *Arbiter {
	return &Arbiter{
		limits: limits, claims: map[Key]*Claim{}, byName: map[Name][]*Claim{}, byUse: map[record.ID]*Claim{},
		byPaper: map[record.Receipt]record.ID{}, lanes: map[record.TerminalID]*Lane{},
		missing: map[record.TerminalID]bool{},
	}
}

// Restore takes up what was stored, in any order; of several states of one claim or lane the highest version counts.
// All leases and holds begin anew.
func (a *Arbiter) Restore(now time.Duration, stored Changes) {
	for i := range stored.Claims {
		c := stored.Claims[i].clone()
		if old := a.claims[c.Key]; old == nil || old.Version < c.Version {
			a.remove(old)
			c.since = now
			a.insert(&c)
		}
		a.version = max(a.version, c.Version)
	}
	for _, l := range stored.Lanes {
		if old := a.lanes[l.ID]; old == nil || old.Version < l.Version {
			l.Notices = slices.Clone(l.Notices)
			a.lanes[l.ID] = &l
		}
		a.version = max(a.version, l.Version)
	}
}

// insert adds a claim to the indexes.
func (a *Arbiter) insert(c *Claim) {
	a.claims[c.Key] = c
	for _, name := range c.Names {
		a.byName[name] = append(a.byName[name], c)
	}
	for _, use := range c.Uses {
		a.indexUse(c, use.Record)
	}
}

func (a *Arbiter) indexUse(c *Claim, id record.ID) {
	a.byUse[id] = c
	a.byPaper[id.Receipt()] = id
}

// remove takes a claim out of the indexes; nil: there is none.
func (a *Arbiter) remove(c *Claim) {
	if c == nil {
		return
	}
	delete(a.claims, c.Key)
	for _, name := range c.Names {
		rest := slices.DeleteFunc(a.byName[name], func(other *Claim) bool { return other == c })
		if len(rest) == 0 {
			delete(a.byName, name)
			continue
		}
		a.byName[name] = rest
	}
	for _, use := range c.Uses {
		delete(a.byUse, use.Record)
		delete(a.byPaper, use.Record.Receipt())
	}
}

// storeClaim has a claim stored.
func (a *Arbiter) storeClaim(c *Claim) {
	a.version++
	c.Version = a.version
	if !c.isChanged {
		c.isChanged = true
		a.changedClaims = append(a.changedClaims, c)
	}
}

// Changes returns what changed since it was called last.
func (a *Arbiter) Changes() Changes {
	changes := a.changes
	changes.Claims = slices.Grow(changes.Claims, len(a.changedClaims))
	for _, c := range a.changedClaims {
		c.isChanged = false
		changes.Claims = append(changes.Claims, c.clone())
	}
	clear(a.changedClaims)
	a.changedClaims, a.changes = a.changedClaims[:0], Changes{}
	return changes
}

// Len returns how many claims there are.
func (a *Arbiter) Len() int { return len(a.claims) }

// others are the claims of an offer but for one, each once.
func (a *Arbiter) others(names []Name, but Key) (all []*Claim) {
	for _, name := range names {
		for _, c := range a.byName[name] {
			if c.Key != but && !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	return all
}

// isLeased reports whether the pending uses of a claim refuse others.
func (a *Arbiter) isLeased(c *Claim, now time.Duration) bool {
	return c.Pending > 0 && c.Reservation.IsZero() && now-c.since < a.limits.Lease
}

// isHeld reports whether a reservation holds the offer.
func (a *Arbiter) isHeld(c *Claim, now time.Duration) bool {
	return c.Pending > 0 && !c.Reservation.IsZero() && now-c.since < c.Hold+a.limits.Margin
}

// isSilent reports whether nobody knows what became of the pending uses.
func (a *Arbiter) isSilent(c *Claim, now time.Duration) bool {
	return c.Pending > 0 && c.Reservation.IsZero() && !c.TakenOver && now-c.since >= a.limits.Lease
}

// Sweep drops what counts for nothing any more: what was given up or lapsed, after Memory, and what is kept until
// before the earliest moment that it can be; the zero time drops nothing of those.
func (a *Arbiter) Sweep(now time.Duration, earliest time.Time) {
	for key, c := range a.claims {
		lapsed := !c.Reservation.IsZero() && !a.isHeld(c, now)
		if c.Pending > 0 && lapsed {
			c.endReservation()
			c.Pending, c.since = 0, now
			a.storeClaim(c)
		}
		ended := len(c.Uses) == 0 && c.Pending == 0 && now-c.since >= a.limits.Memory
		past := c.KeepUntil != 0 && !earliest.IsZero() && c.KeepUntil <= earliest.UnixMilli() && !a.isHeld(c, now)
		if ended || past {
			a.remove(c)
			a.version++
			a.changes.Dropped = append(a.changes.Dropped, Drop{key, a.version})
		}
	}
}

// Touch has a claim stored again as it is.
func (a *Arbiter) Touch(key Key) {
	if c := a.claims[key]; c != nil {
		a.storeClaim(c)
	}
}

// TouchLane has a lane stored again as it is.
func (a *Arbiter) TouchLane(id record.TerminalID) {
	if l := a.lanes[id]; l != nil {
		a.laneChanged(l)
	}
}
