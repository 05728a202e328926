package decision_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

const ms = time.Millisecond

// An offer begins with its first moment and has ended with its last one, by a clock that is believed or not.
func TestValidity(t *testing.T) {
	untrusted := func(earliest time.Time) func(*scene) {
		return func(s *scene) { s.facts.Time.Trusted, s.facts.Time.Earliest = false, earliest.UnixMilli() }
	}
	claims := func(at time.Time) func(*scene) { return func(s *scene) { s.facts.Claimed = at.UnixMilli() } }
	none := func(*scene) {}
	for _, test := range []struct {
		name        string
		from, until time.Time
		set         func(*scene)
		says        string
	}{
		{"begins now", noon, time.Time{}, none, "allow"},
		{"begins later", noon.Add(ms), time.Time{}, none, "refuse not-yet-valid"},
		{"ends later", time.Time{}, noon.Add(ms), none, "allow"},
		{"ends now", time.Time{}, noon, none, "refuse expired"},
		{"no bound", time.Time{}, time.Time{}, none, "allow"},
		{"has certainly ended", time.Time{}, noon, untrusted(noon), "refuse expired clock-untrusted"},
		{"has ended by the clock", time.Time{}, noon, untrusted(noon.Add(-ms)), "ask clock-untrusted expired"},
		{"begins later by the clock", noon.Add(ms), time.Time{}, untrusted(noon), "ask clock-untrusted not-yet-valid"},
		{"ends between two clocks", time.Time{}, noon.Add(time.Hour), claims(noon.Add(time.Hour)), "ask clock-untrusted"},
		{"ends after both", time.Time{}, noon.Add(time.Hour), claims(noon.Add(time.Hour - ms)), "allow"},
		{"ended before both", time.Time{}, noon, claims(noon.Add(time.Hour)), "refuse expired"},
		{"begins between two clocks", noon.Add(time.Hour), time.Time{}, claims(noon.Add(time.Hour)), "ask clock-untrusted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene()
			s.campaigns(func(c *trust.Campaign) { c.NotBefore, c.NotAfter = test.from, test.until })
			test.set(s)
			d := s.decide(t)
			require.Equal(t, test.says, d.String())
			for _, r := range d.Reasons {
				assert.Equal(t, r.Code == fault.NotYetValid, r.Begins.Equal(test.from) && !r.Begins.IsZero(), "when it begins")
				assert.True(t, r.Ends.IsZero() || r.Ends.Equal(test.until), "when it ends: %s", r.Ends)
			}
		})
	}
}

// The decision tells the bounds that the pass and its campaign leave together.
func TestBoundsThatAreTold(t *testing.T) {
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	for name, test := range map[string]struct{ from, until, wantFrom, wantUntil time.Time }{
		"the pass alone":         {time.Time{}, time.Time{}, hour(-1), hour(24)},
		"the campaign is closer": {hour(0), hour(5), hour(0), hour(5)},
		"the pass is closer":     {hour(-9), hour(99), hour(-1), hour(24)},
		"the same":               {hour(-1), hour(24), hour(-1), hour(24)},
	} {
		s := newScene()
		s.campaigns(func(c *trust.Campaign) { c.NotBefore, c.NotAfter = test.from, test.until })
		d := s.decide(t)
		assert.Equal(t, []time.Time{test.wantFrom, test.wantUntil}, []time.Time{d.NotBefore, d.NotAfter}, name)
	}
	s := newScene()
	s.request.Scanned = codeID.Code()
	d := s.decide(t)
	assert.Zero(t, d.NotBefore, "nobody knows")
	assert.Zero(t, d.NotAfter, "nobody knows")
}

// The days of a coupon's bar code begin and end at midnight in the store's zone.
func TestDaysOfACoupon(t *testing.T) {
	east := time.FixedZone("east", 2*60*60)
	for _, test := range []struct {
		days string // begins and ends
		wall time.Time
		says string
	}{
		{"\x1d17261122", time.Date(2026, 11, 22, 21, 59, 59, 0, time.UTC), "ask unproven"},
		{"\x1d17261122", time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC), "refuse expired unproven"},
	} {
		s := newScene()
		s.facts.Zone = east
		s.facts.Time.Wall, s.facts.Time.Earliest = test.wall.UnixMilli(), test.wall.UnixMilli()
		s.request.Scanned, s.request.Separated = "]C125595012345678914711"+test.days, true
		assert.Equal(t, test.says, s.decide(t).String(), "%s at %s", test.days, test.wall)
	}
}

// What helps depends on why the clock is not believed.
func TestWhyTheClockIsNotBelieved(t *testing.T) {
	at := noon.UnixMilli()
	for detail, test := range map[string]struct {
		e       record.Evidence
		claimed int64
	}{
		"report again after 1h0m0s":               {record.Evidence{Wall: at}, at + 1},
		"no signed server time was ever received": {record.Evidence{Wall: at}, 0},
		"it was set back":                         {record.Evidence{Wall: at, Earliest: at + 1}, 0},
		"it was set forward":                      {record.Evidence{Wall: at + 1, Earliest: at + 1, Latest: at}, at + 1},
	} {
		s := newScene()
		s.facts.Time, s.facts.Claimed = test.e, test.claimed
		d := s.decide(t)
		require.Equal(t, "ask clock-untrusted", d.String(), detail)
		assert.Contains(t, d.Reasons[0].Detail, detail)
	}
}

func TestAgeOfTheBundle(t *testing.T) {
	for _, test := range []struct {
		name string
		made time.Duration // after noon
		most time.Duration
		set  func(*scene)
		says string
	}{
		{"any age", -99 * time.Hour, 0, nil, "allow"},
		{"as old as may be", -time.Hour, time.Hour, nil, "allow"},
		{"older", -time.Hour - ms, time.Hour, nil, "ask bundle-too-old"},
		{"made a little later by its own word", evidence.Slack, time.Hour, nil, "allow"},
		{"made much later by its own word", evidence.Slack + ms, time.Hour, nil, "ask bundle-too-old"},
		{"made much later, of any age", 99 * time.Hour, 0, nil, "allow"},
		{"older by a time that nothing confirms", 0, time.Hour,
			func(s *scene) { s.facts.Claimed = noon.Add(time.Hour + ms).UnixMilli() }, "ask bundle-too-old"},
		{"no bundle, of any age", 0, 0, func(s *scene) { s.bundle = nil }, "allow"},
		{"no bundle", 0, time.Hour, func(s *scene) { s.bundle = nil }, "ask bundle-too-old"},
	} {
		s := newScene()
		s.bundle.Made, s.policy.MaxBundleAge = noon.Add(test.made), test.most
		if test.set != nil {
			test.set(s)
		}
		assert.Equal(t, test.says, s.decide(t).String(), test.name)
	}
}
