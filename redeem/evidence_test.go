package redeem_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

// reboot starts the machine anew; its wall clock and what it counted are as given by the time that the till is opened.
func (w *watch) reboot(wall time.Time, name string, up time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = redeem.Reading{Wall: wall, SinceBoot: up, Boot: name}
}

func (s *shop) offline() {
	s.desk.refuse = func(string) error { return fault.New(fault.Unreachable, "desk", "no network") }
}

const day = 24 * time.Hour

// long makes a pass good for years, so that what the till says of it is about the clock.
func long(p *offer.Pass) { p.NotAfter = noon.AddDate(3, 0, 0) }

// What happens to the clock of a till that is alone, and what the till makes of it. Before each case it was online at
// noon and then alone for two days, with redemptions.
func TestWhatHappensToTheClockIsRecognised(t *testing.T) {
	for name, test := range map[string]struct {
		wall    time.Time
		boot    string
		trusted bool
	}{
		"nothing":                        {noon.Add(2 * day), "", true},
		"reboot":                         {noon.Add(2*day + time.Minute), "b2", true},
		"reboot after a night":           {noon.Add(2*day + 14*time.Hour), "b2", true},
		"set back an hour":               {noon.Add(2*day - time.Hour), "", false},
		"set back within quartz":         {noon.Add(2*day - time.Minute), "", true},
		"set forward a day":              {noon.Add(3 * day), "", true},
		"set forward a month":            {noon.Add(32 * day), "", false},
		"battery dead":                   {time.Unix(0, 0), "b2", false},
		"battery dead, factory's date":   {time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), "b2", false},
		"reboot, back to before alone":   {noon, "b2", false},
		"local time instead of UTC, +1h": {noon.Add(2*day + time.Hour), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			shop.offline()
			for range 2 {
				shop.clock.pass(day)
				require.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, long), offer.NewID().Code()).Outcome)
			}
			if test.boot != "" {
				require.NoError(t, terminal.Close())
				shop.clock.reboot(test.wall, test.boot, 30*time.Second)
				terminal = shop.open(t)
			} else {
				shop.clock.set(test.wall)
			}
			d := redeemed(t, terminal, pass(t, long), "after")
			assert.Equal(t, !test.trusted, d.Because(fault.ClockUntrusted), d.String())
			assert.Equal(t, test.trusted, terminal.Status().ClockTrusted)
			if !test.trusted {
				assert.Equal(t, redeem.Ask, d.Outcome, "never allow")
				assert.NotEmpty(t, d.Reasons[0].Detail)
			}
		})
	}
}

// Daylight saving moves what a wall shows and nothing of what is true: an instant is an instant in every zone.
func TestDaylightSavingChangesNothing(t *testing.T) {
	summer, winter := time.FixedZone("summer", 2*3600), time.FixedZone("winter", 3600)
	shop := newShop(t)
	shop.clock.set(noon.In(summer))
	terminal := shop.online(t)
	shop.offline()
	shop.clock.pass(time.Hour)
	shop.clock.set(noon.Add(time.Hour).In(winter))
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "s").Outcome)
}

// After a reboot the till counts on from what it knew, so that days alone add up over reboots.
func TestTimeGoesOnAfterAReboot(t *testing.T) {
	shop := newShop(t)
	require.NoError(t, shop.online(t).Close())
	shop.offline()
	const week = 7 * 24 * time.Hour
	shop.clock.reboot(noon.Add(time.Hour), "b2", 30*time.Second)
	terminal := shop.open(t)
	shop.clock.pass(week)
	d := redeemed(t, terminal, pass(t, long), "a week later")
	assert.Equal(t, redeem.Allow, d.Outcome, "the machine itself counted the week: %s", d)
	require.NoError(t, terminal.Close())

	shop.clock.reboot(noon.Add(time.Hour), "b3", 30*time.Second)
	terminal = shop.open(t)
	d = redeemed(t, terminal, pass(t, long), "back to the first day")
	assert.True(t, d.Because(fault.ClockUntrusted), "the week before the reboot is not forgotten")
}

// What the machine counted before the till was opened passed too, whatever the last run's count was.
func TestWhatPassedBeforeTheTillWasOpenedCounts(t *testing.T) {
	for name, test := range map[string]struct {
		up, wall time.Duration
		trusted  bool
	}{
		"more than the last run":           {9 * day, 9 * day, true}, // two days for certain, and a week of belief
		"less than the last run":           {6 * day, 13 * day, true},
		"less, and set back before it":     {6 * day, 5 * day, false},
		"less, and longer ago than a week": {6 * day, 13*day + time.Minute, false},
		"more, and longer ago than a week": {9 * day, 9*day + time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			shop.clock.reboot(noon, "b1", 7*day)
			require.NoError(t, shop.online(t).Close())
			shop.offline()
			shop.clock.reboot(noon.Add(test.wall), "b2", test.up)
			d := redeemed(t, shop.open(t), pass(t, long), "after")
			assert.Equal(t, !test.trusted, d.Because(fault.ClockUntrusted), d.String())
		})
	}
}

// The first record afterwards keeps that, too, over the next reboot.
func TestWhatPassedBeforeTheTillWasOpenedIsKept(t *testing.T) {
	shop := newShop(t)
	require.NoError(t, shop.online(t).Close())
	shop.offline()
	shop.clock.reboot(noon.Add(6*day), "b2", 6*day)
	terminal := shop.open(t)
	require.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, long), "a").Outcome)
	require.NoError(t, terminal.Close())
	shop.clock.reboot(noon.Add(day), "b3", 30*time.Second)
	assert.True(t, redeemed(t, shop.open(t), pass(t, long), "b").Because(fault.ClockUntrusted), "the reason is the clock")
}

// A reading that another goroutine overtook is a moment old, not a new run.
func TestAReadingThatWasOvertakenIsNoReboot(t *testing.T) {
	shop := newShop(t)
	shop.clock.reboot(noon, "b1", 300*time.Hour)
	terminal := shop.online(t)
	shop.clock.reboot(noon, "b1", 300*time.Hour-time.Millisecond)
	assert.True(t, terminal.Status().ClockTrusted, "the clock is to be trusted")
}

// A till without any network gets its bundle on a stick, and with it a moment that is certainly past.
func TestBundleOnAStickVouchesForTheTime(t *testing.T) {
	shop := newShop(t)
	shop.offline()
	shop.cfg.Place.Merchant, shop.cfg.Roots = "m-1", []offer.Key{root.Key()}
	terminal := shop.open(t)
	require.True(t, redeemed(t, terminal, pass(t, nil), "before").Because(fault.NotEnrolled),
		"the reason is that nobody enrolled the terminal")
	require.NoError(t, terminal.InstallBundle(t.Context(), shop.desk.bundle))
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "after").Outcome)
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "after a restart").Outcome)
	shop.clock.set(noon.AddDate(0, 0, 8))
	assert.True(t, redeemed(t, terminal, pass(t, func(p *offer.Pass) { p.NotAfter = noon.AddDate(1, 0, 0) }),
		"forward").Because(fault.ClockUntrusted),
		"the reason is the clock")
}
