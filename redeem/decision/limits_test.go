package decision_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A limit is met exactly, and exceeded by one.
func TestLimitOfRedemptions(t *testing.T) {
	both := trust.Allowance{Number: 3, Value: 100, Currency: "EUR"}
	eur := func(n int64) record.Money { return record.Money{Amount: n, Currency: "EUR"} }
	for _, test := range []struct {
		name        string
		limit, used trust.Allowance
		given       record.Money
		uses        int
		says        string
		at          []int64 // limit and use
	}{
		{"the last of a number", number(3), number(2), eur(1 << 30), 1, "allow", nil},
		{"one more", number(3), number(3), record.Money{}, 1, "ask over-limit", []int64{3, 3}},
		{"the last two", number(3), number(1), record.Money{}, 2, "allow", nil},
		{"one more of two", number(3), number(2), record.Money{}, 2, "ask over-limit", []int64{3, 2}},
		{"the last of a value", euros(100), euros(60), eur(40), 1, "allow", nil},
		{"a cent more", euros(100), euros(60), eur(41), 1, "ask over-limit", []int64{100, 60}},
		{"an amount that nobody knows", euros(100), euros(100), record.Money{}, 1, "allow", nil},
		{"a value that is exceeded already", euros(100), euros(101), record.Money{}, 1, "ask over-limit", []int64{100, 101}},
		{"another currency", euros(100), euros(0), record.Money{Amount: 1, Currency: "CHF"}, 1, "ask over-limit",
			[]int64{100, 0}},
		{"nothing in another currency", euros(100), euros(0), record.Money{Currency: "CHF"}, 1, "allow", nil},
		{"both, in number", both, trust.Allowance{Number: 3, Value: 10}, eur(1), 1, "ask over-limit", []int64{3, 3}},
		{"both, in value", both, trust.Allowance{Number: 2, Value: 99}, eur(2), 1, "ask over-limit", []int64{100, 99}},
		{"both are met", both, trust.Allowance{Number: 2, Value: 99}, eur(1), 1, "allow", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene()
			s.pass.Uses, s.pass.OfflineUses, s.request.Uses, s.request.Given = 9, 9, test.uses, test.given
			s.policy.PerHour, s.used["perHour"] = test.limit, test.used
			d := s.decide(t)
			require.Equal(t, test.says, d.String())
			assert.Equal(t, []decision.Budget{{Name: "perHour", Limit: test.limit, Used: test.used}}, d.Budgets, "it is told")
			if test.at != nil {
				assert.Equal(t, test.at, []int64{d.Reasons[0].Limit, d.Reasons[0].Used}, "limit and use")
			}
		})
	}
}

// The detail says which of the three ways a limit was exceeded.
func TestHowALimitIsExceeded(t *testing.T) {
	for detail, test := range map[string]struct {
		limit, used trust.Allowance
		given       record.Money
	}{
		"3 of the 3 redemptions":               {number(3), number(3), record.Money{}},
		"counts EUR and cannot bound CHF":      {euros(100), euros(0), record.Money{Amount: 1, Currency: "CHF"}},
		"60 of the 100 EUR that the limit":     {euros(100), euros(60), record.Money{Amount: 41, Currency: "EUR"}},
		"101 of the 100 EUR that the limit":    {euros(100), euros(101), record.Money{Currency: "CHF"}},
		"200 of the 100 EUR that the limit pe": {euros(100), euros(200), record.Money{}},
	} {
		s := newScene()
		s.request.Given, s.policy.PerHour, s.used["perHour"] = test.given, test.limit, test.used
		d := s.decide(t)
		require.Len(t, d.Reasons, 1, detail)
		assert.Contains(t, d.Reasons[0].Detail, detail)
	}
}

func TestWhichLimitsApply(t *testing.T) {
	names := func(set func(*scene)) (all []string, needed bool, budgets int) {
		s := newScene()
		set(s)
		p := s.prepare(t)
		for _, l := range p.Limits() {
			all = append(all, l.Name+" "+l.Counter.Campaign)
		}
		d, _ := p.Decide(&s.ledger)
		return all, p.NeedsCounters(), len(d.Budgets)
	}
	code := func(s *scene) { s.request.Scanned = codeID.Code() }
	for name, test := range map[string]struct {
		set    func(*scene)
		limits []string
		needed bool
	}{
		"none": {func(*scene) {}, nil, false},
		"all": {func(s *scene) {
			s.policy.PerHour, s.policy.Unreported, s.policy.PerCampaign = number(1), number(1), number(1)
		},
			[]string{"perHour ", "unreported ", "perCampaign spring"}, true},
		"the campaign's own": {func(s *scene) { s.campaigns(func(c *trust.Campaign) { c.Offline = number(2) }) },
			[]string{"perCampaign spring"}, true},
		"of no campaign":                  {func(s *scene) { code(s); s.policy.PerCampaign = number(1) }, nil, false},
		"the limit of codes, with a pass": {func(s *scene) { s.policy.UnprovenPerDay = number(1) }, nil, false},
		"unproven": {func(s *scene) { code(s); s.policy.UnprovenPerDay = number(1) },
			[]string{"unprovenPerDay "}, true},
		"unproven of a campaign": {func(s *scene) {
			s.request.Scanned = coupon
			s.campaigns(func(c *trust.Campaign) { c.Unproven = number(1) })
		}, []string{"unprovenPerDay positive"}, true},
		"silence": {func(s *scene) { s.policy.MaxUnreported = 1 }, nil, true},
	} {
		limits, needed, budgets := names(test.set)
		assert.Equal(t, test.limits, limits, name)
		assert.Equal(t, test.needed, needed, name)
		assert.Equal(t, len(test.limits), budgets, "%s: each is told", name)
	}
}

// Without a limit no list of budgets is made.
func TestNoLimitsNoBudgets(t *testing.T) {
	assert.Nil(t, newScene().decide(t).Budgets, "none applied")
}

func TestCountersOfCampaigns(t *testing.T) {
	for kind, want := range map[decision.CounterKind]bool{decision.Hourly: false, decision.Unanswered: false,
		decision.UnansweredOf: true, decision.UnprovenDaily: false, decision.UnprovenDailyOf: true} {
		assert.Equal(t, want, kind.OfCampaign(), "kind %d", kind)
	}
}

func TestJournalThatCannotBeReadWhole(t *testing.T) {
	for name, test := range map[string]struct {
		set  func(*scene)
		says string
	}{
		"no limit applies": {func(*scene) {}, "allow"},
		"a limit":          {func(s *scene) { s.policy.PerHour = number(9) }, "ask damaged"},
		"no signature": {func(s *scene) { s.request.Scanned, s.policy.UnprovenPerDay = codeID.Code(), number(9) },
			"ask damaged"},
		"no signature, and none is allowed": {func(s *scene) { s.request.Scanned = codeID.Code() }, "ask damaged unproven"},
	} {
		s := newScene()
		s.ledger.Counters.Partial = true
		test.set(s)
		assert.Equal(t, test.says, s.decide(t).String(), name)
	}
}

func TestSilenceOfTheBackend(t *testing.T) {
	for _, test := range []struct {
		most, waiting time.Duration
		says          string
	}{
		{0, time.Hour, "allow"}, {time.Hour, 0, "allow"}, {time.Hour, time.Hour, "allow"},
		{time.Hour, time.Hour + time.Millisecond, "ask over-limit"},
	} {
		s := newScene()
		s.policy.MaxUnreported, s.ledger.Counters.Waiting = test.most, test.waiting
		d := s.decide(t)
		require.Equal(t, test.says, d.String(), "%s of %s", test.waiting, test.most)
		if len(d.Reasons) > 0 {
			assert.Equal(t, []int64{3600, 3600}, []int64{d.Reasons[0].Limit, d.Reasons[0].Used}, "in seconds")
		}
	}
}
