package redeem_test

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A model is what a till ought to know and say, in the plainest words that the documentation allows: lists that are counted
// anew for every question. It shares no code with the till.
type model struct {
	policy  redeem.Policy
	made    time.Time // of the bundle in force
	revoked []offer.ID
	spent   trust.Filter
	offline map[string]trust.Allowance // the bundle's, by campaign

	known time.Time     // it is at least so late: signed time and what was counted since
	disk  knownAt       // what a start reads of that
	noted time.Time     // since when another record takes it along only after a minute
	up    time.Duration // the machine's count since its start

	ledger []*use
}

// A knownAt is a moment that was known when the machine had counted so much.
type knownAt struct {
	moment time.Time
	up     time.Duration
}

// A use is a redemption that the till allowed.
type use struct {
	redemption record.ID
	offer      offer.ID
	sale       string
	campaign   string
	at         time.Time
	given      int64
	unproven   bool
	exclusive  bool
	reported   bool
	voided     bool
	returned   time.Time // when it was voided
	voidKnown  bool      // that the backend has heard of that
}

// A wish is what is asked of the till.
type wish struct {
	pass     offer.Pass
	short    bool // it is shown as a short code
	sale     string
	given    int64
	override bool
}

func (m *model) pass(d time.Duration) { m.known, m.up = m.known.Add(d), m.up+d }

func (m *model) hear(server time.Time) { m.known = later(m.known, server) }

// save puts on the disk what is known.
func (m *model) save() { m.disk = knownAt{m.known, m.up} }

// start is what a till knows when it is opened.
func (m *model) start() {
	m.known = m.disk.moment.Add(m.up)
	if m.up >= m.disk.up {
		m.known = m.known.Add(-m.disk.up)
	}
	m.noted = m.disk.moment
	m.hear(m.made)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// now is the moment by which limits go: time does not go back among the uses.
func (m *model) now() time.Time {
	now := m.known
	for _, u := range m.ledger {
		now = later(now, u.at)
	}
	return now
}

func (m *model) trusted(wall time.Time) bool {
	return !wall.Before(m.known.Add(-2*time.Minute)) && !wall.After(m.known.Add(7*24*time.Hour))
}

// live are the uses that stand and of which a condition holds.
func (m *model) live(holds func(*use) bool) (live []*use) {
	for _, u := range m.ledger {
		if !u.voided && holds(u) {
			live = append(live, u)
		}
	}
	return live
}

// again finds what the same sale got for the same offer.
func (m *model) again(w wish) *use {
	same := m.live(func(u *use) bool { return u.sale == w.sale && u.offer == w.pass.ID })
	if len(same) == 0 {
		return nil
	}
	return same[0]
}

// expect returns all that speaks against a wish, and how strongly.
func (m *model) expect(w wish, wall time.Time) map[fault.Code]redeem.Outcome {
	against := map[fault.Code]redeem.Outcome{}
	speaks := func(code fault.Code, outcome redeem.Outcome) {
		if against[code] != redeem.Refuse {
			against[code] = outcome
		}
	}
	m.expectTime(w, wall, speaks)
	if slices.Contains(m.revoked, w.pass.ID) {
		speaks(fault.Revoked, redeem.Refuse)
	}
	if m.policy.MaxBundleAge > 0 && later(wall, m.known).Sub(m.made) > m.policy.MaxBundleAge {
		speaks(fault.BundleTooOld, redeem.Ask)
	}
	if m.spent.Has(w.pass.ID, "") && !m.tookBack(w.pass.ID) {
		speaks(fault.RedeemedElsewhere, redeem.Ask)
	}
	for _, u := range m.live(func(u *use) bool { return u.sale == w.sale }) {
		if u.exclusive || exclusive(w) {
			speaks(fault.NotCombinable, redeem.Refuse)
		}
	}
	m.expectUses(w, speaks)
	m.expectLimits(w, speaks)
	return against
}

func (m *model) expectTime(w wish, wall time.Time, speaks func(fault.Code, redeem.Outcome)) {
	now, early := later(wall, m.known), redeem.Refuse
	if !m.trusted(wall) {
		speaks(fault.ClockUntrusted, redeem.Ask)
		now, early = m.known, redeem.Ask
	}
	switch {
	case w.short: // it says nothing of its validity
	case !now.Before(w.pass.NotAfter):
		speaks(fault.Expired, redeem.Refuse)
	case now.Before(w.pass.NotBefore):
		speaks(fault.NotYetValid, early)
	}
}

// tookBack reports whether the till knows better than the bundle, since it took a use back of which the bundle cannot know.
func (m *model) tookBack(id offer.ID) bool {
	return slices.ContainsFunc(m.ledger, func(u *use) bool {
		return u.offer == id && u.voided && (!u.voidKnown || u.returned.After(m.made))
	})
}

func (m *model) expectUses(w wish, speaks func(fault.Code, redeem.Outcome)) {
	allowed, alone := w.pass.Uses, w.pass.OfflineUses
	if w.short {
		allowed, alone = 1, 1
	}
	ours := func(u *use) bool { return u.offer == w.pass.ID }
	unheard := func(u *use) bool { return ours(u) && !u.reported }
	switch {
	case len(m.live(ours)) >= allowed:
		speaks(fault.AlreadyRedeemed, redeem.Refuse)
	case len(m.live(unheard)) >= alone:
		speaks(fault.OverLimit, redeem.Refuse)
	}
}

func (m *model) expectLimits(w wish, speaks func(fault.Code, redeem.Outcome)) {
	now, campaign := m.now(), w.campaign()
	within := func(d time.Duration, holds func(*use) bool) []*use {
		return m.live(func(u *use) bool { return u.at.After(now.Add(-d)) && holds(u) })
	}
	exceeds := func(limit trust.Allowance, uses []*use) bool {
		sum := w.given
		for _, u := range uses {
			sum += u.given
		}
		return limit.Number > 0 && len(uses)+1 > limit.Number || limit.Value > 0 && sum > limit.Value
	}
	unheard := m.live(func(u *use) bool { return !u.reported })
	ofCampaign := m.live(func(u *use) bool { return !u.reported && u.campaign == campaign })
	limit := m.offline[campaign]
	if limit.IsZero() && campaign != "" {
		limit = m.policy.PerCampaign
	}
	any := func(*use) bool { return true }
	silent := func(u *use) bool { return m.policy.MaxUnreported > 0 && now.Sub(u.at) > m.policy.MaxUnreported }
	if exceeds(m.policy.PerHour, within(time.Hour, any)) || exceeds(m.policy.Unreported, unheard) || exceeds(limit, ofCampaign) ||
		slices.ContainsFunc(unheard, silent) {
		speaks(fault.OverLimit, redeem.Ask)
	}
	daily := m.policy.UnprovenPerDay
	if w.short && (daily.IsZero() || exceeds(daily, within(24*time.Hour, func(u *use) bool { return u.unproven }))) {
		speaks(fault.Unproven, redeem.Ask)
	}
}

func exclusive(w wish) bool { return !w.short && !w.pass.Terms.IsZero() && !w.pass.Terms.Combinable }

// campaign is what is known of it: a short code names none.
func (w wish) campaign() string {
	if w.short {
		return ""
	}
	return w.pass.Campaign
}

// outcome is what the reasons come to.
func outcome(against map[fault.Code]redeem.Outcome, override bool) redeem.Outcome {
	worst := redeem.Allow
	for _, o := range against {
		if o == redeem.Refuse || worst == redeem.Allow {
			worst = o
		}
	}
	if worst == redeem.Ask && override {
		return redeem.Allow
	}
	return worst
}

// record notes what was allowed.
func (m *model) record(w wish, redemption record.ID) {
	m.ledger = append(m.ledger, &use{
		redemption: redemption, offer: w.pass.ID, sale: w.sale, campaign: w.campaign(), at: m.now(), given: w.given, unproven: w.short,
		exclusive: exclusive(w),
	})
	if !m.known.Before(m.noted.Add(time.Minute)) {
		m.save()
		m.noted = m.known
	}
}

// report tells the backend everything.
func (m *model) report(server time.Time) {
	for _, u := range m.ledger {
		u.reported, u.voidKnown = true, u.voided
	}
	m.hear(server)
	m.save()
}
