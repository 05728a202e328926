package redeem_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// ahead is the backend's clock from now on, against the true time, which the till's own count tells.
func (s *shop) ahead(d time.Duration) {
	r := s.clock.Read()
	truth, since := noon.Add(s.passed), r.SinceBoot
	s.desk.now = func() time.Time { return truth.Add(s.clock.Read().SinceBoot - since + d) }
}

// later lets time pass and reports.
func (s *shop) later(t *testing.T, terminal *redeem.Terminal, d time.Duration) {
	t.Helper()
	s.passed += d
	s.clock.pass(d)
	require.NoError(t, terminal.ReportNow(t.Context()), "the reports are taken")
}

// corrects has the desk withdraw what its clock said in a period.
func (s *shop) corrects(t *testing.T, number uint64, from, until time.Time) {
	t.Helper()
	var err error
	s.desk.correction, err = record.TimeCorrection{Number: number, Withdrawals: []record.Withdrawal{
		{Number: number, From: from.UnixMilli(), Until: until.UnixMilli()}}}.Sign(root.KeyID, root.Private)
	require.NoError(t, err)
	s.desk.corrected = number
}

// ends makes a pass that is good until a moment.
func ends(t *testing.T, at time.Time) string {
	t.Helper()
	return pass(t, func(p *offer.Pass) { p.NotAfter = at })
}

// bundleMade is a bundle with the issuer's key alone.
func bundleMade(sequence uint64, at time.Time) trust.Bundle {
	return trust.Bundle{Sequence: sequence, Merchant: "m-1", Made: at, Keys: []offer.Key{issuer.Key()}}
}

const decade = 10 * 365 * day

// The backend's clock was ahead for less than an hour. What does not depend on that is allowed all the while, what does
// is asked about, and when the clock is right again everything is as before.
func TestAClockThatWasAheadDisablesNoTill(t *testing.T) {
	for name, test := range map[string]struct {
		ahead     time.Duration
		depends   time.Time // when the offer ends of which it depends
		does      time.Time // and the one of which it does not
		restarted bool
	}{
		"an hour":             {time.Hour, noon.Add(80 * time.Minute), noon.Add(day), false},
		"an hour, restarted":  {time.Hour, noon.Add(80 * time.Minute), noon.Add(day), true},
		"ten years":           {decade, noon.Add(day), noon.Add(2 * decade), false},
		"ten years, restart":  {decade, noon.Add(day), noon.Add(2 * decade), true},
		"a minute, as always": {time.Minute, time.Time{}, noon.Add(day), false},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			shop.later(t, terminal, 10*time.Minute)
			shop.ahead(test.ahead)
			for range 3 {
				shop.later(t, terminal, 15*time.Minute)
				if test.restarted {
					require.NoError(t, terminal.Close())
					terminal = shop.open(t)
				}
				d := redeemed(t, terminal, ends(t, test.does), offer.NewID().Code())
				require.Equal(t, redeem.Allow, d.Outcome, "nothing depends on what the backend said: %s", d)
				if test.depends.IsZero() {
					continue
				}
				d = redeemed(t, terminal, ends(t, test.depends), offer.NewID().Code())
				require.Equal(t, "ask clock-untrusted", d.String(), "whether it has ended nobody knows")
				assert.WithinDuration(t, shop.clock.wall().Add(test.ahead), terminal.Status().ClockClaimed, 2*time.Minute)
			}
			shop.ahead(0)
			shop.later(t, terminal, 15*time.Minute)
			assert.Zero(t, terminal.Status().ClockClaimed)
			d := redeemed(t, terminal, ends(t, noon.Add(80*time.Minute)), "afterwards")
			assert.Equal(t, redeem.Allow, d.Outcome, "as if nothing had been: %s", d)
		})
	}
}

// A jump counts once a second statement confirms it that came an hour later by the count. The cashier's clock has no
// say.
func TestAJumpCountsWhenItIsConfirmed(t *testing.T) {
	for name, test := range map[string]struct {
		after time.Duration
		wall  time.Duration // what the cashier sets the clock to, against the true time
		moves bool
	}{
		"an hour later":                 {time.Hour, 0, true},
		"too early":                     {59 * time.Minute, 0, false},
		"too early, the clock says so":  {59 * time.Minute, 3 * time.Hour, false},
		"an hour, the clock says no":    {time.Hour, -day, true},
		"at once, the clock says later": {time.Minute, decade, false},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			shop.ahead(3 * time.Hour)
			shop.later(t, terminal, time.Minute)
			shop.clock.set(shop.clock.wall().Add(test.wall))
			shop.later(t, terminal, test.after)
			d := redeemed(t, terminal, ends(t, noon.Add(3*time.Hour)), "s")
			assert.Equal(t, test.moves, d.Because(fault.Expired), d.String())
			assert.Equal(t, !test.moves, d.Outcome == redeem.Ask, "until then a manager decides: %s", d)
		})
	}
}

// A till that lay in a drawer for a month is told so by the backend. That is more than it is believed to be alone for.
func TestAJumpOverABootIsConfirmedOnlyWhereItIsLong(t *testing.T) {
	for name, test := range map[string]struct {
		away  time.Duration
		asks  bool
		alone time.Duration
	}{
		"a week":                      {7*day - time.Hour, false, 0},
		"a month":                     {30 * day, true, 0},
		"a month, and that is usual":  {30 * day, false, 60 * day},
		"a day, and that is too long": {day, true, 12 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			shop.cfg.Policy.MaxAlone = test.alone
			require.NoError(t, shop.online(t).Close())
			shop.passed += test.away
			shop.clock.reboot(noon.Add(test.away), "b2", 30*time.Second)
			shop.ahead(0)
			terminal := shop.open(t)
			for range 2 { // the second one comes too early
				shop.later(t, terminal, time.Minute)
				assert.Equal(t, test.asks, redeemed(t, terminal, pass(t, long), offer.NewID().Code()).Because(fault.ClockUntrusted))
			}
			shop.later(t, terminal, time.Hour)
			d := redeemed(t, terminal, pass(t, long), offer.NewID().Code())
			assert.Equal(t, redeem.Allow, d.Outcome, "confirmed: %s", d)
			d = redeemed(t, terminal, ends(t, noon.Add(test.away)), offer.NewID().Code())
			assert.Equal(t, "refuse expired", d.String())
		})
	}
}

// The two statements may come in two runs of the machine, as at a till that is used for half an hour a day.
func TestAJumpIsConfirmedOverARestartOfTheMachine(t *testing.T) {
	shop := newShop(t)
	require.NoError(t, shop.online(t).Close())
	shop.passed = 30 * day
	for run, boot := range []string{"b2", "b3", "b4"} {
		shop.clock.reboot(noon.Add(shop.passed), boot, 30*time.Second)
		shop.ahead(0)
		terminal := shop.open(t)
		shop.later(t, terminal, time.Minute)
		shop.later(t, terminal, 35*time.Minute)
		d := redeemed(t, terminal, pass(t, long), boot)
		assert.Equal(t, run < 1, d.Because(fault.ClockUntrusted), "run %d: %s", run, d)
		require.NoError(t, terminal.Close())
		shop.passed += 12 * time.Hour
	}
}

// What the till remembers leaves it by what is confirmed alone.
func TestNothingIsForgottenBecauseOfAnUnconfirmedTime(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Journal.KeepReported = time.Hour
	terminal := shop.online(t)
	scanned, held := pass(t, nil), pass(t, long)
	require.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "sale").Outcome)
	d, err := terminal.Reserve(t.Context(), redeem.Request{Scanned: held, SaleKey: "hold"}, time.Hour)
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome)
	shop.ahead(decade)
	shop.later(t, terminal, 15*time.Minute)
	for i := range 200 { // enough for the journal to give segments back
		redeemed(t, terminal, ends(t, noon.Add(3*decade)), time.Duration(i).String())
	}
	shop.later(t, terminal, 15*time.Minute)
	require.NoError(t, terminal.Close())
	shop.ahead(0)
	terminal = shop.open(t)
	shop.later(t, terminal, 15*time.Minute)
	d = redeemed(t, terminal, scanned, "again")
	assert.True(t, d.Because(fault.AlreadyRedeemed), d.String())
	d = redeemed(t, terminal, held, "another")
	assert.True(t, d.Because(fault.Reserved), d.String())
	d = redeemed(t, terminal, held, "hold")
	assert.Equal(t, redeem.Allow, d.Outcome, "the sale that holds it: %s", d)
}

// A correction has the till go back to what stood before. It sets no time: without the backend's clock beside it the
// till is where it was.
func TestACorrectionGoesBackToWhatStoodBefore(t *testing.T) {
	for name, wrong := range map[string]time.Duration{"an hour": time.Hour, "ten years": decade} {
		for _, clockless := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				shop := newShop(t)
				terminal := shop.online(t)
				shop.later(t, terminal, time.Hour)
				shop.ahead(wrong)
				for range 5 * 24 { // for days, at every hour
					shop.later(t, terminal, time.Hour)
				}
				require.False(t, terminal.Status().ClockTrusted, "it is confirmed by now")
				require.NoError(t, terminal.Close())
				terminal = shop.open(t)
				from := noon.Add(wrong)
				shop.ahead(0)
				shop.later(t, terminal, time.Hour)
				require.False(t, terminal.Status().ClockTrusted, "what the backend says now cannot lie before what it said")
				shop.corrects(t, 1, from, from.Add(6*day))
				if clockless {
					shop.desk.spoil = func(a record.Answer) (record.Answer, error) {
						a.Time.KeyID = "unknown"
						return a, nil
					}
					scanned := ends(t, noon.Add(2*decade))
					_, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "o",
						Override: &redeem.Override{Manager: "12", Why: "w"}})
					require.NoError(t, err)
				}
				shop.later(t, terminal, time.Minute)
				assert.True(t, terminal.Status().ClockTrusted, "the wall clock was right all the time")
				assert.Equal(t, redeem.Allow, redeemed(t, terminal, ends(t, shop.clock.wall().Add(time.Minute)), "s").Outcome)
				right := shop.clock.wall()
				shop.clock.set(noon)
				d := redeemed(t, terminal, ends(t, right.Add(-3*time.Minute)), "e")
				assert.Equal(t, "refuse expired clock-untrusted", d.String(), "what the machine counted since noon stands")
				shop.clock.set(right)
				require.NoError(t, terminal.Close())
				terminal = shop.open(t)
				assert.True(t, terminal.Status().ClockTrusted, "after a restart too")
			})
		}
	}
}

// Neither a correction that comes again nor a withdrawn statement that was held back does anything.
func TestAReplayedCorrectionDoesNothing(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	shop.ahead(decade)
	held := shop.desk.now()
	shop.corrects(t, 2, noon, noon.Add(time.Minute)) // of an earlier time
	old := shop.desk.correction
	shop.corrects(t, 3, held, held.Add(day))
	newest := shop.desk.correction
	shop.ahead(0)
	shop.later(t, terminal, 2*time.Hour)
	for name, replay := range map[string]func(){
		"the newest":   func() { shop.desk.correction = newest },
		"an older one": func() { shop.desk.correction = old },
		"none":         func() { shop.desk.correction = record.Signed{} },
		"one that no root has signed": func() {
			shop.desk.correction = record.Signed{KeyID: root.KeyID, Content: old.Content, Signature: newest.Signature}
		},
	} {
		replay()
		shop.desk.corrected = 3
		shop.later(t, terminal, time.Minute)
		require.True(t, terminal.Status().ClockTrusted, "%s: its own evidence stands", name)
		shop.desk.corrected = 0 // an answer of the wrong hour, which was held back
		truth := shop.desk.now
		shop.desk.now = func() time.Time { return held.Add(time.Minute) }
		for range 2 {
			shop.later(t, terminal, 61*time.Minute)
		}
		shop.desk.now = truth
		assert.Zero(t, terminal.Status().ClockClaimed, "%s: a statement that was withdrawn is none", name)
		assert.True(t, terminal.Status().ClockTrusted, name)
	}
}

// A till that is enrolled while the clock is wrong asks, and one that is enrolled afterwards works at once, also where
// the bundle is still the one of then.
func TestATillEnrolledByAWrongClock(t *testing.T) {
	for name, wrong := range map[string]time.Duration{"an hour": time.Hour, "ten years": decade} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			shop.ahead(wrong)
			shop.desk.bundle = bundleOf(t, bundleMade(1, noon.Add(wrong)))
			terminal := shop.open(t)
			shop.later(t, terminal, time.Minute)
			d := redeemed(t, terminal, ends(t, noon.Add(2*decade)), "s")
			assert.Equal(t, "ask clock-untrusted", d.String(), "one of the two clocks is wrong")
			shop.ahead(0)
			shop.later(t, terminal, time.Minute)
			d = redeemed(t, terminal, pass(t, nil), "s2")
			assert.Equal(t, redeem.Allow, d.Outcome, "no correction is needed where nothing was believed: %s", d)

			later := newShop(t)
			later.desk.bundle = shop.desk.bundle
			later.corrects(t, 1, noon.Add(wrong), noon.Add(wrong+day))
			d = redeemed(t, later.online(t), pass(t, nil), "s")
			assert.Equal(t, redeem.Allow, d.Outcome, "enrolled later: %s", d)
		})
	}
}

// Both clocks were wrong when the till was enrolled, and nobody can see it. The correction leaves nothing of that.
func TestATillEnrolledByTwoWrongClocks(t *testing.T) {
	shop := newShop(t)
	shop.ahead(decade)
	shop.clock.set(noon.Add(decade))
	terminal := shop.open(t)
	shop.later(t, terminal, time.Minute)
	shop.clock.set(noon.Add(shop.passed))
	d := redeemed(t, terminal, pass(t, nil), "s")
	require.Equal(t, redeem.Refuse, d.Outcome, "it has ended, for all that is known: %s", d)
	shop.ahead(0)
	shop.corrects(t, 1, noon.Add(decade), noon.Add(decade+time.Hour))
	shop.later(t, terminal, time.Minute)
	d = redeemed(t, terminal, pass(t, nil), "s2")
	assert.Equal(t, redeem.Allow, d.Outcome, d.String())
}

// The cashier sets the wall clock. The machine's count knows better, in this run and in the next one.
func TestAKnownOffsetOfTheWallClockIsReckonedWith(t *testing.T) {
	shop := newShop(t)
	shop.ahead(0)
	terminal := shop.online(t)
	shop.clock.set(noon.Add(day))
	today := ends(t, noon.Add(12*time.Hour))
	tomorrow := pass(t, func(p *offer.Pass) { p.NotBefore, p.NotAfter = noon.Add(12*time.Hour), noon.Add(3*day) })
	d := redeemed(t, terminal, today, "s")
	require.Equal(t, redeem.Allow, d.Outcome, "it has not ended: %s", d)
	assert.Equal(t, "refuse not-yet-valid", redeemed(t, terminal, tomorrow, "s2").String())
	shop.later(t, terminal, time.Minute)
	rec := shop.desk.booked[d.Redemption]
	assert.Equal(t, day.Milliseconds(), rec.Time.Off, "the backend judges by the same moment")
	assert.Equal(t, noon.UnixMilli(), evidence.Present(rec.Time))
	require.NoError(t, terminal.Close())

	shop.offline()
	shop.clock.reboot(shop.clock.wall().Add(time.Hour), "b2", 30*time.Second)
	terminal = shop.open(t)
	d = redeemed(t, terminal, ends(t, noon.Add(2*time.Hour)), "s3")
	assert.Equal(t, redeem.Allow, d.Outcome, "the clock of the next run is off by as much: %s", d)
	d = redeemed(t, terminal, ends(t, noon.Add(30*time.Minute)), "s4")
	assert.Equal(t, "refuse expired", d.String())
}

// A bundle from the future is in force, since what it revokes is revoked, and its moment is not believed.
func TestABundleFromTheFutureMovesNoClock(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.MaxBundleAge = 36 * time.Hour
	terminal := shop.online(t)
	id := offer.NewID()
	made := bundleMade(2, noon.Add(decade))
	made.Revoked.IDs = []offer.ID{id}
	future := bundleOf(t, made)
	require.NoError(t, terminal.InstallBundle(t.Context(), future))
	for range 2 {
		d := redeemed(t, terminal, pass(t, func(p *offer.Pass) { p.ID = id }), offer.NewID().Code())
		assert.True(t, d.Because(fault.Revoked), "what it says of offers counts: %s", d)
		d = redeemed(t, terminal, pass(t, nil), offer.NewID().Code())
		assert.Equal(t, redeem.Ask, d.Outcome, d.String())
		assert.True(t, d.Because(fault.BundleTooOld), "how old it is nobody knows: %s", d)
		assert.False(t, d.Because(fault.Expired), d.String())
		require.NoError(t, terminal.Close())
		terminal = shop.open(t)
	}
	shop.clock.pass(2 * time.Hour)
	require.NoError(t, terminal.InstallBundle(t.Context(), future), "the same one again is no second statement")
	assert.True(t, terminal.Status().ClockTrusted, "the bundle from the future moves no clock")
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, bundleMade(3, noon.Add(2*time.Hour)))))
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "s").Outcome)
}

// A correction reaches a till that only ever sees a stick.
func TestABundleBringsACorrection(t *testing.T) {
	shop := newShop(t)
	shop.offline()
	shop.cfg.Place.Merchant, shop.cfg.Roots = "m-1", []offer.Key{root.Key()}
	shop.clock.set(noon.Add(decade))
	terminal := shop.open(t)
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, bundleMade(1, noon.Add(decade)))))
	shop.clock.set(noon)
	require.Equal(t, redeem.Refuse, redeemed(t, terminal, pass(t, nil), "s").Outcome)
	corrected := bundleMade(2, noon)
	corrected.Correction = 4
	corrected.Withdrawals = []trust.Withdrawal{{Number: 4, From: noon.Add(day), Until: noon.Add(2 * decade)}}
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, corrected)))
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "s2").Outcome)
}

// The backend hands out a bundle that the till does not take. Its reports are taken all the same, and somebody hears of
// it.
func TestARefusedBundleShows(t *testing.T) {
	for name, test := range map[string]struct {
		bundle []byte
		code   fault.Code
	}{
		"older": {bundleOf(t, trust.Bundle{Sequence: 1, Merchant: "m-1", Made: noon.Add(time.Hour)}), fault.RolledBack},
		"the number twice": {bundleOf(t, trust.Bundle{Sequence: 5, Merchant: "m-1", Made: noon.Add(time.Hour)}),
			fault.Conflict},
		"another merchant's": {bundleOf(t, trust.Bundle{Sequence: 6, Merchant: "m-2", Made: noon}), fault.OtherMerchant},
		"no bundle":          {[]byte("nonsense"), fault.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			var events []redeem.Event
			shop.cfg.OnEvent = func(e redeem.Event) {
				if e.Kind == redeem.EventBundleRefused {
					events = append(events, e)
				}
			}
			shop.desk.bundle = bundleOf(t, bundleMade(5, noon))
			terminal := shop.online(t)
			good := shop.desk.bundle
			shop.desk.bundle, shop.desk.always = test.bundle, true
			for i := range 3 {
				shop.clock.pass(time.Minute)
				d := redeemed(t, terminal, pass(t, nil), offer.NewID().Code())
				require.Equal(t, redeem.Allow, d.Outcome, "the one in force stays: %s", d)
				err := terminal.ReportNow(t.Context())
				require.ErrorIs(t, err, test.code)
				assert.Contains(t, err.Error(), "the reports were taken")
				s := terminal.Status()
				assert.Equal(t, test.code, s.BundleRefused)
				assert.Contains(t, s.BundleRefusal, string(test.code))
				assert.Equal(t, noon.Add(time.Minute), s.BundleRefusedSince, "since the first time")
				assert.Zero(t, s.Pending, "the reports are taken")
				assert.Zero(t, s.Failures, "and not put off, try %d", i)
				assert.Equal(t, uint64(5), s.Bundle)
			}
			redeem.AwaitCallbacks(terminal)
			assert.Len(t, events, 1, "it is told once")
			shop.desk.bundle = good
			require.NoError(t, terminal.ReportNow(t.Context()))
			s := terminal.Status()
			assert.True(t, s.BundleRefused == "" && s.BundleRefusal == "" && s.BundleRefusedSince.IsZero(), "it is over: %+v", s)
		})
	}
}

// A till that cannot reach the backend at all has nothing to say of its bundle.
func TestABundleThatDoesNotComeIsNotRefused(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	shop.offline()
	err := terminal.ReportNow(t.Context())
	assert.ErrorIs(t, err, fault.Unreachable)
	assert.NotErrorIs(t, err, fault.RolledBack)
	assert.Empty(t, terminal.Status().BundleRefused)
}
