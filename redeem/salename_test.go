package redeem_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// on redeems in a sale of a business date, or of none.
func on(t *testing.T, terminal *redeem.Terminal, scanned, sale, date string) redeem.Decision {
	t.Helper()
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: sale, BusinessDate: date,
		Given: euros(100)})
	require.NoError(t, err)
	return d
}

// twice is a pass that is good for two uses, and for years.
func twice(p *offer.Pass) { p.Uses, p.OfflineUses, p.NotAfter = 2, 2, noon.AddDate(3, 0, 0) }

func TestTheBusinessDateIsPartOfTheSalesName(t *testing.T) {
	terminal := newShop(t).online(t)
	scanned := pass(t, twice)
	monday := on(t, terminal, scanned, "0042", "2026-11-23")
	assert.True(t, on(t, terminal, scanned, "0042", "2026-11-23").Again, "a repeated call has the answer of the first")
	tuesday := on(t, terminal, scanned, "0042", "2026-11-24")
	require.Equal(t, redeem.Allow, tuesday.Outcome, tuesday.String())
	assert.False(t, tuesday.Again, "another day's sale has the same number")
	assert.NotEqual(t, monday.Redemption, tuesday.Redemption)
	assert.Equal(t, redeem.Refuse, on(t, terminal, scanned, "0042", "").Outcome, "and no date is another name")

	_, err := terminal.Void(t.Context(), redeem.VoidRequest{SaleKey: "0042"})
	require.ErrorIs(t, err, fault.Conflict)
	for _, d := range []redeem.Decision{monday, tuesday} {
		assert.Contains(t, err.Error(), string(d.Receipt), "it names both")
		assert.Contains(t, err.Error(), d.Redemption.String())
	}
	_, err = terminal.Correct(t.Context(), redeem.CorrectRequest{SaleKey: "0042", Given: euros(5)})
	require.ErrorIs(t, err, fault.Conflict)
	_, err = terminal.Void(t.Context(), redeem.VoidRequest{SaleKey: "0042", SaleDate: "2026-11-25"})
	require.ErrorIs(t, err, fault.NotFound)
	done, err := terminal.Correct(t.Context(), redeem.CorrectRequest{SaleKey: "0042", SaleDate: "2026-11-23",
		Given: euros(5)})
	require.NoError(t, err)
	assert.Equal(t, []record.ID{monday.Redemption}, done.Redemptions)
	v := voided(t, terminal, redeem.VoidRequest{SaleKey: "0042", SaleDate: "2026-11-24"})
	assert.Equal(t, []record.ID{tuesday.Redemption}, v.Redemptions)
}

// Offers of two days' sales are not combined with each other.
func TestOffersOfTwoDaysAreNotInOneSale(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	exclusive := func(p *offer.Pass) {
		tenPercent(p)
		p.Terms.Combinable, p.NotAfter = false, noon.AddDate(1, 0, 0)
	}
	require.Equal(t, redeem.Allow, on(t, terminal, pass(t, exclusive), "1", "2026-11-23").Outcome)
	assert.True(t, on(t, terminal, pass(t, exclusive), "1", "2026-11-23").Because(fault.NotCombinable),
		"the reason is the other offer of the sale")
	assert.Equal(t, redeem.Allow, on(t, terminal, pass(t, exclusive), "1", "2026-11-24").Outcome)

	require.Equal(t, redeem.Allow, on(t, terminal, pass(t, exclusive), "2", "").Outcome)
	shop.clock.pass(20 * time.Hour)
	assert.True(t, on(t, terminal, pass(t, exclusive), "2", "").Because(fault.NotCombinable),
		"the reason is the other offer of the sale")
	shop.clock.pass(time.Second)
	other := on(t, terminal, pass(t, exclusive), "2", "")
	assert.Equal(t, redeem.Allow, other.Outcome, "the key was given to another sale: %s", other)
	_, err := terminal.Void(t.Context(), redeem.VoidRequest{SaleKey: "2"})
	assert.ErrorIs(t, err, fault.Conflict, "which of the two")
}

// A key without a date that comes back on another day is no repetition, where the evidence of time says that it is
// another day.
func TestARepetitionAfterAWorkingDayIsAConflict(t *testing.T) {
	reboot := func(name string, wall, up time.Duration) func(*shop) {
		return func(s *shop) { s.clock.reboot(noon.Add(wall), name, up) }
	}
	for name, test := range map[string]struct {
		later    func(*shop)
		conflict bool
	}{
		"20 hours in one run": {func(s *shop) { s.clock.pass(20 * time.Hour) }, false},
		"more in one run": {func(s *shop) { s.clock.pass(20*time.Hour + time.Millisecond) },
			true},
		"clock set forward in one run": {func(s *shop) { s.clock.set(noon.AddDate(0, 0, 3)) }, false},
		"clock set back in one run": {func(s *shop) { s.clock.pass(21 * time.Hour); s.clock.set(noon) },
			true},
		"rebooted, clocks believed":             {reboot("b2", 21*time.Hour, time.Minute), true},
		"rebooted, the same day":                {reboot("b2", 19*time.Hour, time.Minute), false},
		"rebooted, the clock set back":          {reboot("b2", -time.Hour, time.Minute), false},
		"rebooted, a week and a day counted":    {reboot("b2", -time.Hour, 8*24*time.Hour), true},
		"rebooted, a clock too far to believe":  {reboot("b2", 30*24*time.Hour, time.Minute), false},
		"rebooted, up for two days, clock dead": {reboot("b2", -1000*time.Hour, 48*time.Hour), false},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			scanned := pass(t, twice)
			first := on(t, terminal, scanned, "0042", "")
			require.NoError(t, terminal.Close())
			shop.offline()
			test.later(shop)
			terminal = shop.open(t)
			req := redeem.Request{Scanned: scanned, SaleKey: "0042", Given: euros(100)}
			calls := map[string]func() (redeem.Decision, error){
				"redeem":  func() (redeem.Decision, error) { return terminal.Redeem(t.Context(), req) },
				"check":   func() (redeem.Decision, error) { return terminal.Check(t.Context(), req) },
				"reserve": func() (redeem.Decision, error) { return terminal.Reserve(t.Context(), req, time.Hour) },
			}
			pending := terminal.Status().Pending
			for call, ask := range calls {
				d, err := ask()
				require.NoError(t, err)
				assert.Equal(t, first.Redemption, d.Redemption, "%s names the earlier record", call)
				assert.Equal(t, first.Receipt, d.Receipt)
				assert.Equal(t, noon, d.Made, "and when it was made")
				assert.Equal(t, !test.conflict, d.Again, "%s: %s", call, d)
				if !test.conflict {
					continue
				}
				require.Equal(t, "refuse conflict", d.String(), call)
				assert.Equal(t, noon, d.Reasons[0].At)
				assert.Equal(t, "7", d.Reasons[0].Where.Lane)
				assert.Equal(t, first.Redemption, d.Reasons[0].Other.Redemption)
				assert.Zero(t, d.Given, "nothing is given")
				assert.Equal(t, 1, d.UsesLeft)
			}
			for call, err := range map[string]error{
				"void": errOf(terminal.Void(t.Context(), redeem.VoidRequest{SaleKey: "0042", Training: true})),
				"correct": errOf(terminal.Correct(t.Context(),
					redeem.CorrectRequest{SaleKey: "0042", Given: euros(100)})),
			} {
				if call == "correct" && test.conflict {
					require.ErrorIs(t, err, fault.Conflict)
					assert.Contains(t, err.Error(), string(first.Receipt))
				} else {
					assert.NoError(t, err, call)
				}
			}
			assert.Equal(t, pending, terminal.Status().Pending, "nothing is written")
			_, err := terminal.Void(t.Context(), redeem.VoidRequest{SaleKey: "0042"})
			assert.Equal(t, test.conflict, fault.CodeOf(err) == fault.Conflict, "%v", err)
		})
	}
}

func errOf[T any](_ T, err error) error { return err }

// With dates on both, a repetition is one whatever the clocks say.
func TestADatedSaleIsRepeatedAtAnyTime(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, twice)
	first := on(t, terminal, scanned, "0042", "2026-11-23")
	shop.clock.pass(72 * time.Hour)
	again := on(t, terminal, scanned, "0042", "2026-11-23")
	assert.True(t, again.Again, "the same call again")
	assert.Equal(t, first.Redemption, again.Redemption)
	v := voided(t, terminal, redeem.VoidRequest{SaleKey: "0042", SaleDate: "2026-11-23"})
	assert.Equal(t, []record.ID{first.Redemption}, v.Redemptions, "a return days later names the day")
}

func TestAReservationIsNamedByKeyAndDate(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, twice)
	ask := func(date string) redeem.Request {
		return redeem.Request{Scanned: scanned, SaleKey: "0042", BusinessDate: date}
	}
	monday, err := terminal.Reserve(t.Context(), ask("2026-11-23"), redeem.MaxHold)
	require.NoError(t, err)
	tuesday, err := terminal.Reserve(t.Context(), ask("2026-11-24"), redeem.MaxHold)
	require.NoError(t, err)
	require.NotEqual(t, monday.Reservation, tuesday.Reservation)
	assert.Equal(t, "refuse reserved", on(t, terminal, scanned, "0042", "").String())

	_, err = terminal.Release(t.Context(), "0042", "")
	require.ErrorIs(t, err, fault.Conflict, "which of the two")
	_, err = terminal.Release(t.Context(), "0042", "Tuesday")
	require.ErrorIs(t, err, fault.InvalidRequest)
	released, err := terminal.Release(t.Context(), "0042", "2026-11-24")
	require.NoError(t, err)
	assert.Equal(t, []record.ID{tuesday.Reservation}, released)

	done, err := terminal.Redeem(t.Context(), ask("2026-11-24"))
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, done.Outcome, done.String())
	assert.Zero(t, done.UsesLeft, "it did not complete Monday's, which holds the other use")
	released, err = terminal.Release(t.Context(), "0042", "")
	require.NoError(t, err)
	assert.Equal(t, []record.ID{monday.Reservation}, released, "only one is left that can be meant")
}
