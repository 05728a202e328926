package arbiter

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/record"
)

// A Lane is what the arbiter knows of a lane. It is stored as it is.
type Lane struct {
	ID record.TerminalID
	// Version is as in Claim.
	Version uint64
	// Session numbers the lane's programs, from 1.
	Session uint64
	// Chain and Told say how far the lane told its records.
	Chain record.ChainID
	Told  uint64
	// Announced says that it told in this epoch all that it holds.
	Announced bool
	// Notices wait to be heard, and Last is the number of the last one.
	Notices []Notice
	Last    uint64
}

// MaxNotices is the most notices that wait for a lane; with more the oldest is dropped.
const MaxNotices = 256

// A NoticeKind says what a lane is told.
type NoticeKind string

// The kinds of notices.
const (
	// NoticeConflict: the offer was used more often than it may be, by the lane and by another.
	NoticeConflict NoticeKind = "conflict"
	// NoticeTakenOver: a manager at another lane took over what the lane had claimed.
	NoticeTakenOver NoticeKind = "taken-over"
	// NoticeVoided: another lane took a redemption of the lane's back.
	NoticeVoided NoticeKind = "voided"
)

// A Notice is what the arbiter has to tell a lane.
type Notice struct {
	// Number counts the lane's notices, from 1.
	Number uint64
	Kind   NoticeKind
	// Lane is the other lane, and At when it did it, in milliseconds since 1970.
	Lane record.TerminalID
	At   int64
	// Record is the lane's own record, and Other the other's; zero where there is none.
	Record record.ID
	Other  record.ID
}

// lane returns a lane, and makes it where it is new.
func (a *Arbiter) lane(id record.TerminalID) *Lane {
	l := a.lanes[id]
	if l == nil {
		l = &Lane{ID: id}
		a.lanes[id] = l
	}
	return l
}

// laneChanged has a lane stored.
func (a *Arbiter) laneChanged(l *Lane) {
	a.version++
	l.Version = a.version
	stored := *l
	stored.Notices = slices.Clone(l.Notices)
	for i := range a.changes.Lanes {
		if a.changes.Lanes[i].ID == l.ID {
			a.changes.Lanes[i] = stored
			return
		}
	}
	a.changes.Lanes = append(a.changes.Lanes, stored)
}

// notify keeps a notice for a lane, unless the same one waits already.
func (a *Arbiter) notify(id record.TerminalID, n Notice) {
	l := a.lane(id)
	if slices.ContainsFunc(l.Notices, func(o Notice) bool {
		return o.Kind == n.Kind && o.Record == n.Record && o.Other == n.Other && o.Lane == n.Lane
	}) {
		return
	}
	l.Last++
	n.Number = l.Last
	l.Notices = append(l.Notices, n)
	l.Notices = l.Notices[max(0, len(l.Notices)-MaxNotices):]
	a.laneChanged(l)
}

// Notices returns what a lane has not heard yet.
func (a *Arbiter) Notices(id record.TerminalID) []Notice { return slices.Clone(a.lane(id).Notices) }

// DropNotices drops the notices of a lane up to a number.
func (a *Arbiter) DropNotices(id record.TerminalID, number uint64) {
	l := a.lane(id)
	n := len(l.Notices)
	l.Notices = slices.DeleteFunc(l.Notices, func(n Notice) bool { return n.Number <= number })
	if len(l.Notices) < n {
		a.laneChanged(l)
	}
}

// Begin gives a lane's program the number of its session.
func (a *Arbiter) Begin(id record.TerminalID) (session uint64) {
	l := a.lane(id)
	l.Session++
	a.laneChanged(l)
	return l.Session
}

// Session is the number of the lane's last session; 0: it had none.
func (a *Arbiter) Session(id record.TerminalID) uint64 { return a.lane(id).Session }

// LastTold is the chain and the number up to which a lane told its records.
func (a *Arbiter) LastTold(id record.TerminalID) (record.ChainID, uint64) {
	l := a.lane(id)
	return l.Chain, l.Told
}

// SetTold keeps how far a lane told its records, and whether that is all that it holds.
func (a *Arbiter) SetTold(id record.TerminalID, chain record.ChainID, number uint64, all bool) {
	l := a.lane(id)
	announced := l.Announced || all
	if all {
		delete(a.missing, id)
	}
	if l.Chain == chain && l.Told >= number && l.Announced == announced {
		return
	}
	if l.Chain != chain {
		l.Chain, l.Told = chain, 0
	}
	l.Told, l.Announced = max(l.Told, number), announced
	a.laneChanged(l)
}

// Open are the claims of a lane of which nobody knows what became, oldest attempt first.
func (a *Arbiter) Open(id record.TerminalID) (open []Claim) {
	for _, c := range a.claims {
		if c.Lane == id && c.Pending > 0 && c.Reservation.IsZero() {
			open = append(open, c.clone())
		}
	}
	slices.SortFunc(open, func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.Attempt, b.Attempt), bytes.Compare(a.Offer[:], b.Offer[:]))
	})
	return open
}

// Expect names the lanes that there are, without those that are blocked or out of service: what those of them hold that
// were never heard in this epoch asks.
func (a *Arbiter) Expect(lanes ...record.TerminalID) {
	clear(a.missing)
	for _, id := range lanes {
		if l := a.lanes[id]; l == nil || !l.Announced {
			a.missing[id] = true
		}
	}
}

// IsMissing reports whether there are any.
func (a *Arbiter) IsMissing() bool { return len(a.missing) > 0 }

// MissingLanes are the lanes that may hold what they have not told, in the order of their ids.
func (a *Arbiter) MissingLanes() (all []record.TerminalID) {
	for id := range a.missing {
		all = append(all, id)
	}
	slices.SortFunc(all, func(a, b record.TerminalID) int { return bytes.Compare(a[:], b[:]) })
	return all
}

// firstMissing is the first lane, but for one, that may hold what it has not told; zero: there is none.
func (a *Arbiter) firstMissing(but record.TerminalID) (first record.TerminalID) {
	for id := range a.missing {
		if id != but && (first.IsZero() || bytes.Compare(id[:], first[:]) < 0) {
			first = id
		}
	}
	return first
}
