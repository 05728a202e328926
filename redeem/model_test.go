package redeem_test

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A model is what a till ought to know and say, in the plainest words that the documentation allows: lists that are
// counted anew for every question. It shares no code with the till.
type model struct {
	policy  redeem.Policy
	made    time.Time // of the bundle in force
	revoked []offer.ID
	spent   trust.Filter
	offline map[string]trust.Allowance // the bundle's, by campaign
	beyond  map[string]bool            // campaigns of which more than a till may grant alone is asked about

	timeModel

	ledger []*use
}

// A use is a redemption that the till allowed.
type use struct {
	redemption record.ID
	offer      offer.ID
	sale       string
	group      int // which uses were granted together
	campaign   string
	at         time.Time
	given      int64 // as it was corrected
	currency   string
	back       int64 // what was taken back of it
	most       int64 // one use gives no more; 0: nobody knows
	unproven   bool
	exclusive  bool
	reported   bool
	voided     bool
	returned   time.Time // when it was voided
	voidKnown  bool      // that the backend has heard of that

	// What was known of the time.
	known, wall time.Time
	trusted     bool
	up          time.Duration
	boot        int
}

// A wish is what is asked of the till.
type wish struct {
	pass     offer.Pass
	short    bool // it is shown as a short code
	sale     string
	uses     int
	given    int64
	currency string // of that; empty: nobody works an amount out
	byPOS    bool
	override bool
}

// most is what one use of it gives at most; 0: nobody knows.
func (w wish) most() int64 {
	if w.short || w.pass.Terms.IsZero() {
		return 0
	}
	return w.pass.Terms.Amount
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

// live are the uses that stand and of which a condition holds.
func (m *model) live(holds func(*use) bool) (live []*use) {
	for _, u := range m.ledger {
		if !u.voided && holds(u) {
			live = append(live, u)
		}
	}
	return live
}

// longAfter reports whether a use was certainly more than 20 hours ago.
func (m *model) longAfter(u *use, wall time.Time) bool {
	const long = 20 * time.Hour
	if u.boot == m.boot {
		return m.up-u.up > long
	}
	return m.known.Sub(u.known.Add(7*24*time.Hour)) > long || u.trusted && m.trusted(wall) && wall.Sub(u.wall) > long
}

// inSale finds what stands of the wish's sale, and of other offers or of the same.
func (m *model) inSale(w wish, wall time.Time, long, same bool) []*use {
	return m.live(func(u *use) bool {
		return u.sale == w.sale && (u.offer == w.pass.ID) == same && m.longAfter(u, wall) == long
	})
}

// differs reports whether a repeated wish is for something else than stands in the books.
func (w wish) differs(standing []*use) bool {
	sum := int64(0)
	for _, u := range standing {
		sum += u.given
	}
	return len(standing) != w.uses || w.currency != "" && (sum != w.given || standing[0].currency != w.currency)
}

// left is how many more uses a till may grant of an offer in this dress.
func (m *model) left(w wish) int {
	allowed, alone := w.allowed()
	ours := func(u *use) bool { return u.offer == w.pass.ID }
	unheard := func(u *use) bool { return ours(u) && !u.reported }
	return max(min(allowed-len(m.live(ours)), alone-len(m.live(unheard))), 0)
}

// allowed is how many uses there are, and how many a till may grant alone.
func (w wish) allowed() (allowed, alone int) {
	if w.short {
		return 1, 1
	}
	return w.pass.Uses, w.pass.OfflineUses
}

// expect returns all that speaks against a wish, and how strongly.
func (m *model) expect(w wish, wall time.Time) map[fault.Code]decision.Outcome {
	against := map[fault.Code]decision.Outcome{}
	speaks := func(code fault.Code, outcome decision.Outcome) {
		if against[code] != redeem.Refuse {
			against[code] = outcome
		}
	}
	m.expectTime(w, wall, speaks)
	if slices.Contains(m.revoked, w.pass.ID) {
		speaks(fault.Revoked, redeem.Refuse)
	}
	present := m.present(wall)
	ahead := m.made.After(present.Add(agreeing)) // nobody knows its age
	if m.policy.MaxBundleAge > 0 && (ahead || later(present, m.claim).Sub(m.made) > m.policy.MaxBundleAge) {
		speaks(fault.BundleTooOld, redeem.Ask)
	}
	if m.spent.Has(w.pass.ID, "") && !m.tookBack(w.pass.ID) {
		speaks(fault.RedeemedElsewhere, redeem.Ask)
	}
	for _, u := range m.inSale(w, wall, false, false) {
		if u.exclusive || exclusive(w) {
			speaks(fault.NotCombinable, redeem.Refuse)
		}
	}
	if w.byPOS && w.most() > 0 && w.given > w.most()*int64(w.uses) {
		speaks(fault.OverTerms, redeem.Ask)
	}
	m.expectUses(w, speaks)
	m.expectLimits(w, speaks)
	return against
}

// tookBack reports whether the till knows better than the bundle, since it took a use back of which the bundle cannot
// know.
func (m *model) tookBack(id offer.ID) bool {
	return slices.ContainsFunc(m.ledger, func(u *use) bool {
		return u.offer == id && u.voided && (!u.voidKnown || u.returned.After(m.made))
	})
}

func (m *model) expectUses(w wish, speaks func(fault.Code, decision.Outcome)) {
	allowed, alone := w.allowed()
	ours := func(u *use) bool { return u.offer == w.pass.ID }
	unheard := func(u *use) bool { return ours(u) && !u.reported }
	switch {
	case len(m.live(ours)) >= allowed:
		speaks(fault.AlreadyRedeemed, redeem.Refuse)
	case len(m.live(ours))+w.uses > allowed:
		speaks(fault.OverLimit, redeem.Refuse)
	case len(m.live(unheard))+w.uses > alone && m.beyond[w.campaign()]:
		speaks(fault.OverLimit, redeem.Ask)
	case len(m.live(unheard))+w.uses > alone:
		speaks(fault.OverLimit, redeem.Refuse)
	}
}

func (m *model) expectLimits(w wish, speaks func(fault.Code, decision.Outcome)) {
	now, campaign := m.now(), w.campaign()
	within := func(d time.Duration, holds func(*use) bool) []*use {
		return m.live(func(u *use) bool { return u.at.After(now.Add(-d)) && holds(u) })
	}
	exceeds := func(limit trust.Allowance, uses []*use) bool {
		sum := w.given
		for _, u := range uses {
			sum += u.given
		}
		return limit.Number > 0 && len(uses)+w.uses > limit.Number || limit.Value > 0 && sum > limit.Value
	}
	unheard := m.live(func(u *use) bool { return !u.reported })
	ofCampaign := m.live(func(u *use) bool { return !u.reported && u.campaign == campaign })
	limit := m.offline[campaign]
	if limit.IsZero() && campaign != "" {
		limit = m.policy.PerCampaign
	}
	any := func(*use) bool { return true }
	silent := func(u *use) bool { return m.policy.MaxUnreported > 0 && now.Sub(u.at) > m.policy.MaxUnreported }
	if exceeds(m.policy.PerHour, within(time.Hour, any)) || exceeds(m.policy.Unreported, unheard) ||
		exceeds(limit, ofCampaign) ||
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
func outcome(against map[fault.Code]decision.Outcome, override bool) decision.Outcome {
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
func (m *model) record(w wish, redemptions []record.ID, wall time.Time) {
	shares := dealt(w.given, make([]int64, w.uses))
	group := len(m.ledger)
	for i, redemption := range redemptions {
		m.ledger = append(m.ledger, &use{
			redemption: redemption, offer: w.pass.ID, sale: w.sale, campaign: w.campaign(), at: m.now(),
			given: shares[i], unproven: w.short,
			group: group, currency: w.currency, most: w.most(), exclusive: exclusive(w),
			known: m.known, wall: wall, trusted: m.trusted(wall), up: m.up, boot: m.boot,
		})
	}
	m.note(wall)
}

// dealt deals a total out, each next unit to whoever has least, the earlier one where two have the same; all begin with
// what they must have.
func dealt(total int64, least []int64) []int64 {
	have := slices.Clone(least)
	for _, n := range least {
		total -= n
	}
	for ; total > 0; total-- {
		poorest := 0
		for i, n := range have {
			if n < have[poorest] {
				poorest = i
			}
		}
		have[poorest]++
	}
	return have
}

// returns takes an amount back of a use, or without one what is left; it returns the code of the error that is to be
// expected.
func (m *model) returns(u *use, stated *int64, partial bool) fault.Code {
	back := u.given - u.back
	if stated != nil {
		if *stated > back || u.currency == "" && *stated > 0 {
			return fault.OverReturn
		}
		back = *stated
	}
	u.back += back
	if !partial {
		u.voided, u.returned = true, m.known
	}
	return ""
}

// newest is the newest use of an offer that stands; nil: none does.
func (m *model) newest(id offer.ID) *use {
	live := m.live(func(u *use) bool { return u.offer == id })
	if len(live) == 0 {
		return nil
	}
	return live[len(live)-1]
}

// corrects changes what the uses that were granted together with one give; it returns the code of the error that is to
// be expected, and whether nothing changed.
func (m *model) corrects(u *use, amount int64, byPOS, override bool) (code fault.Code, again bool) {
	all := m.live(func(other *use) bool { return other.group == u.group })
	before, back, backs := int64(0), int64(0), []int64(nil)
	for _, x := range all {
		before, back, backs = before+x.given, back+x.back, append(backs, x.back)
	}
	most := u.most * int64(len(all))
	switch {
	case most == 0 && !byPOS:
		return fault.InvalidRequest, false
	case most > 0 && byPOS && amount > most && !override:
		return fault.OverTerms, false
	case most > 0 && !byPOS:
		amount = min(amount, most)
	}
	switch {
	case amount < back:
		return fault.OverReturn, false
	case amount == before && u.currency != "":
		return "", true
	}
	for i, share := range dealt(amount, backs) {
		all[i].given, all[i].currency = share, "EUR"
	}
	return "", false
}

// sums are what was given and what was taken back, all told.
func (m *model) sums() (given, back int64) {
	for _, u := range m.ledger {
		given, back = given+u.given, back+u.back
	}
	return given, back
}

// report tells the backend everything.
func (m *model) report(server, wall time.Time) {
	for _, u := range m.ledger {
		u.reported, u.voidKnown = true, u.voided
	}
	m.hear(server, true, wall)
	m.save(wall)
}
