package arbiter

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/record"
)

// A Fact is a record that stands in a lane's journal. Facts may be told again: they count once, and only notices are
// made again, since of a call that a crash cut short a part may be on disk.
type Fact struct {
	// Kind is record.Redemption, Void, Reservation or Release; facts of other kinds are passed over.
	Kind record.Kind
	// Record is its id, and Lane whose it is.
	Record record.ID
	Lane   record.TerminalID
	// Sale and Names say which sale and which offer; Names may be empty with a void.
	Sale  Name
	Names []Name
	// Group and Parts are, with a redemption, as in Use.
	Group record.ID
	Parts int
	// Allowed is how many uses the offer has, as far as the lane knows; 0: it does not.
	Allowed int
	// Of is the redemption that a void takes back, or the reservation that a release ends; Receipt is what is known of a
	// redemption of another lane.
	Of      record.ID
	Receipt record.Receipt
	// Partial says that a void frees no use.
	Partial bool
	// Hold is how much longer a reservation lasts at its lane.
	Hold time.Duration
	// At is the lane's wall clock when it was made, and KeepUntil until when it counts; in milliseconds since 1970.
	At, KeepUntil int64
}

func (f *Fact) key() (key Key, ok bool) {
	if len(f.Names) == 0 {
		return Key{}, false
	}
	return Key{f.Lane, f.Sale, f.Names[0]}, true
}

// Tell takes a fact.
func (a *Arbiter) Tell(now time.Duration, f Fact) {
	switch f.Kind {
	case record.Redemption:
		a.tellUse(f)
	case record.Void:
		a.tellVoid(f)
	case record.Reservation:
		a.tellReservation(now, f)
	case record.Release:
		a.tellRelease(now, f)
	}
}

// claimOf returns the claim that a fact is about, and makes one where there is none; nil: it names no offer.
func (a *Arbiter) claimOf(f *Fact) *Claim {
	key, ok := f.key()
	if !ok {
		return nil
	}
	c := a.claims[key]
	if c == nil {
		c = &Claim{Key: key, Allowed: maxUses, At: f.At}
		c.Names = append(c.Names, f.Names...)
		a.insert(c)
	}
	a.addNames(c, f.Names)
	if f.Allowed > 0 {
		c.Allowed = f.Allowed
	}
	c.KeepUntil = max(c.KeepUntil, f.KeepUntil)
	return c
}

// tellUse counts a redemption. Where the offer has not as many uses, all lanes that used it are told.
func (a *Arbiter) tellUse(f Fact) {
	if c := a.byUse[f.Record]; c != nil {
		if c.stands(f.Record) {
			a.tellConflict(c, f.Record)
		}
		return
	}
	c := a.claimOf(&f)
	if c == nil {
		return
	}
	c.Uses = append(c.Uses, Use{Record: f.Record, Group: f.Group, Parts: max(f.Parts, 1)})
	c.endReservation()
	c.Pending, c.TakenOver, c.At = 0, false, f.At
	a.indexUse(c, f.Record)
	a.storeClaim(c)
	a.tellConflict(c, f.Record)
}

// tellConflict tells the lanes that used an offer where they used it more often than it may be.
func (a *Arbiter) tellConflict(c *Claim, id record.ID) {
	all := a.others(c.Names, c.Key)
	used, allowed := c.live(), c.Allowed
	for _, other := range all {
		used += other.live()
		if other.live() > 0 {
			allowed = min(allowed, other.Allowed)
		}
	}
	if used <= allowed {
		return
	}
	for _, other := range all {
		theirs := other.lastLive()
		if theirs.IsZero() {
			continue
		}
		a.notify(c.Lane, Notice{Kind: NoticeConflict, Lane: other.Lane, At: other.At, Record: id, Other: theirs})
		a.notify(other.Lane, Notice{Kind: NoticeConflict, Lane: c.Lane, At: c.At, Record: theirs, Other: id})
	}
}

// stands reports whether a redemption was not taken back.
func (c *Claim) stands(id record.ID) bool {
	return slices.ContainsFunc(c.Uses, func(use Use) bool { return use.Record == id && use.Void.IsZero() })
}

// lastLive is the last redemption of a claim that stands; zero: none does.
func (c *Claim) lastLive() (id record.ID) {
	for _, use := range c.Uses {
		if use.Void.IsZero() {
			id = use.Record
		}
	}
	return id
}

// tellVoid frees the use that a void takes back, once. What is not known frees nothing.
func (a *Arbiter) tellVoid(f Fact) {
	if f.Partial {
		return
	}
	of := f.Of
	if of.IsZero() && f.Receipt != "" {
		of = a.byPaper[f.Receipt]
	}
	c := a.byUse[of]
	if of.IsZero() {
		c, of = a.newestUse(&f)
	}
	if c == nil {
		return
	}
	if c.void(of, f.Record) {
		a.storeClaim(c)
	} else if !c.isVoidedBy(of, f.Record) {
		return
	}
	if c.Lane != f.Lane {
		a.notify(c.Lane, Notice{Kind: NoticeVoided, Lane: f.Lane, At: f.At, Record: of, Other: f.Record})
	}
}

// newestUse finds the newest use of an offer that stands; nil: there is none, or the void took one back before.
func (a *Arbiter) newestUse(f *Fact) (newest *Claim, id record.ID) {
	for _, c := range a.others(f.Names, Key{}) {
		for _, use := range c.Uses {
			if use.Void == f.Record {
				return nil, record.ID{}
			}
		}
		if c.lastLive().IsZero() {
			continue
		}
		newest = newer(newest, c)
	}
	if newest == nil {
		return nil, record.ID{}
	}
	return newest, newest.lastLive()
}

// void takes a use back and reports whether it was not before.
func (c *Claim) void(id, by record.ID) bool {
	for i := range c.Uses {
		if use := &c.Uses[i]; use.Record == id && use.Void.IsZero() {
			use.Void = by
			return true
		}
	}
	return false
}

// isVoidedBy reports whether a use was taken back by a record.
func (c *Claim) isVoidedBy(id, by record.ID) bool {
	return slices.ContainsFunc(c.Uses, func(use Use) bool { return use.Record == id && use.Void == by })
}

// tellReservation holds the offer for as long as the lane does, and a little longer.
func (a *Arbiter) tellReservation(now time.Duration, f Fact) {
	c := a.claimOf(&f)
	if c == nil || c.Reservation == f.Record || c.Ended == f.Record || c.live() > 0 || f.Hold <= 0 {
		return
	}
	c.Reservation, c.Hold, c.Pending, c.TakenOver, c.since, c.At = f.Record, f.Hold, 1, false, now, f.At
	a.storeClaim(c)
}

// tellRelease ends a reservation, also one of which it comes first.
func (a *Arbiter) tellRelease(now time.Duration, f Fact) {
	c := a.claimOf(&f)
	switch {
	case c == nil:
		return
	case c.Reservation == f.Of && !f.Of.IsZero():
		c.endReservation()
		c.Pending, c.since = 0, now
	case c.Reservation.IsZero() && c.Ended.IsZero():
		c.Ended = f.Of
		if c.Pending == 0 {
			c.since = now
		}
	default:
		return
	}
	a.storeClaim(c)
}
