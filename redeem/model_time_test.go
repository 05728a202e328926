package redeem_test

import (
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
)

const (
	agreeing = 2 * time.Minute
	week     = 7 * 24 * time.Hour
)

// A timeModel is what a till ought to know of the time. Its moments are as of now: they move on with every count.
type timeModel struct {
	known time.Time     // it is at least so late: signed time and what was counted since
	claim time.Time     // the present by a signed time that nothing confirms; zero: there is none
	since time.Duration // what was counted since the claim came
	boot  int           // which start that is
	heard int           // the start in which the backend's clock was heard last
	from  int           // the start in which the claim came
	off   time.Duration // of the wall clock when the time was last known
	zero  time.Time     // what the wall clock said when the machine's count was zero, as long as nobody sets it
	seen  int           // the start in which that was seen

	counted time.Duration // all that the machine counted
	up      time.Duration // its count since its start
	disk    *timeModel    // what a start reads
	noted   time.Duration // the count from which another record takes it along only after a minute
}

func (m *timeModel) pass(d time.Duration) {
	m.known, m.up, m.counted = m.known.Add(d), m.up+d, m.counted+d
	if !m.claim.IsZero() {
		m.claim, m.since = m.claim.Add(d), m.since+d
	}
}

// hear takes a signed time; now says that it is the backend's clock, and not when a bundle was made.
func (m *timeModel) hear(server time.Time, now bool, wall time.Time) {
	jump := server.Sub(m.known)
	denied := server.After(wall.Add(agreeing)) && m.trusted(wall)
	doubtful := jump > agreeing && (m.heard == m.boot || jump > week || denied)
	if doubtful && !m.confirms(server, now) {
		return
	}
	if doubtful {
		m.claim, m.since = time.Time{}, 0
	}
	if jump < -agreeing {
		return
	}
	m.known = later(m.known, server)
	if now {
		m.claim, m.since, m.heard = time.Time{}, 0, m.boot
	}
}

// confirms takes a time that is too far ahead, and reports whether it is the second one that says so.
func (m *timeModel) confirms(server time.Time, now bool) bool {
	further, agrees := server.Sub(m.claim), agreeing
	if m.from != m.boot {
		agrees = week
	}
	switch {
	case !m.claim.IsZero() && !now && further <= 0:
	case m.claim.IsZero() || further < -agreeing || further > agrees:
		m.claim, m.since, m.from = server, 0, m.boot
	default:
		return m.since >= time.Hour
	}
	return false
}

// save puts on the disk what is known.
func (m *timeModel) save(wall time.Time) {
	m.look(wall)
	disk := *m
	disk.disk, m.disk, m.noted = nil, &disk, m.counted
}

// note is what a record takes along: how much was counted, and that the wall clock was set.
func (m *timeModel) note(wall time.Time) {
	moved := m.set(wall) || m.seen != m.disk.seen || !m.zero.Equal(m.disk.zero)
	if m.counted >= m.noted+time.Minute || moved {
		m.save(wall)
	}
}

// set reports whether somebody set the wall clock in this run of the machine.
func (m *timeModel) set(wall time.Time) bool {
	return m.seen == m.boot && wall.Add(-m.up).Sub(m.zero).Abs() > agreeing
}

// look compares the wall clock with the time where that is known. One that was set where it is not known is off by what
// nobody knows.
func (m *timeModel) look(wall time.Time) {
	set := m.set(wall)
	if m.heard == m.boot {
		m.off = beyond(wall.Sub(m.known))
	} else if set {
		m.off = 0
	}
	if set || m.seen != m.boot {
		m.zero, m.seen = wall.Add(-m.up), m.boot
	}
}

// start is what a till knows when it is opened, in a run of the machine and with what that counted.
func (m *timeModel) start(boot int, up time.Duration, wall time.Time) {
	disk := m.disk
	since := up
	if up >= disk.up {
		since -= disk.up
	}
	*m = *disk
	m.disk, m.noted = disk, disk.counted
	m.pass(since)
	m.boot, m.up = boot, up
	m.look(wall)
}

func (m *timeModel) trusted(wall time.Time) bool {
	return !wall.Before(m.known.Add(-agreeing)) && !wall.After(m.known.Add(week))
}

// present is the moment that a till goes by.
func (m *timeModel) present(wall time.Time) time.Time {
	off := m.off
	if m.heard == m.boot {
		off = beyond(wall.Sub(m.known))
	} else if m.set(wall) {
		off = 0
	} else if right := wall.Add(-off); right.Before(m.known) || right.After(m.known.Add(week)) {
		off = 0
	}
	return later(wall.Add(-off), m.known)
}

// beyond leaves out what clocks that agree may differ.
func beyond(off time.Duration) time.Duration {
	if off.Abs() <= agreeing {
		return 0
	}
	return off
}

func (m *model) expectTime(w wish, wall time.Time, speaks func(fault.Code, decision.Outcome)) {
	against := redeem.Refuse
	if !m.trusted(wall) {
		speaks(fault.ClockUntrusted, redeem.Ask)
		against = redeem.Ask
	}
	now := m.present(wall)
	valid := func(at time.Time) [2]bool { return [2]bool{at.Before(w.pass.NotBefore), at.Before(w.pass.NotAfter)} }
	switch {
	case w.short: // it says nothing of its validity
	case !m.claim.IsZero() && valid(m.claim) != valid(now):
		speaks(fault.ClockUntrusted, redeem.Ask)
	case !m.known.Before(w.pass.NotAfter):
		speaks(fault.Expired, redeem.Refuse)
	case !now.Before(w.pass.NotAfter):
		speaks(fault.Expired, against)
	case now.Before(w.pass.NotBefore):
		speaks(fault.NotYetValid, against)
	}
}
