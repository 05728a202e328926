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
	"github.com/offlane/offlane/redeem/trust"
)

func reserved(t *testing.T, terminal *redeem.Terminal, scanned, sale string, hold time.Duration) redeem.Decision {
	t.Helper()
	d, err := terminal.Reserve(t.Context(), redeem.Request{Scanned: scanned, SaleKey: sale}, hold)
	require.NoError(t, err)
	return d
}

func TestReservationHoldsTheOfferForItsSale(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, nil)
	first := reserved(t, terminal, scanned, "a", time.Minute)
	require.Equal(t, redeem.Allow, first.Outcome, first.String())
	assert.False(t, first.Reservation.IsZero(), "a use is held")
	assert.Equal(t, noon.Add(time.Minute), first.Until)
	assert.Zero(t, first.Redemption)

	require.NoError(t, terminal.Close())
	terminal = shop.open(t) // it is durable
	again := reserved(t, terminal, scanned, "a", time.Hour)
	assert.Equal(t, first.Reservation, again.Reservation, "the same sale has it already")
	other := redeemed(t, terminal, scanned, "b")
	assert.Equal(t, redeem.Refuse, other.Outcome)
	require.Len(t, other.Reasons, 1)
	assert.Equal(t, fault.Reserved, other.Reasons[0].Code)
	assert.Equal(t, redeem.Refuse, reserved(t, terminal, scanned, "b", time.Minute).Outcome)

	done := redeemed(t, terminal, scanned, "a")
	assert.Equal(t, redeem.Allow, done.Outcome)
	assert.True(t, redeemed(t, terminal, scanned, "b").Because(fault.AlreadyRedeemed),
		"the reason is the redemption before")
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, record.Reservation, shop.desk.booked[first.Reservation].Kind)
	assert.Equal(t, first.Reservation, shop.desk.booked[done.Redemption].Of, "the redemption says what it completed")

	_, err := terminal.Void(t.Context(), redeem.VoidRequest{SaleKey: "a"})
	require.NoError(t, err)
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "b").Outcome,
		"what was completed does not come back with a void")
}

func TestReservationLapsesByItself(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, nil)
	reserved(t, terminal, scanned, "a", time.Minute)
	shop.clock.set(noon.Add(time.Hour))
	assert.Equal(t, redeem.Refuse, redeemed(t, terminal, scanned, "b").Outcome,
		"a wall clock that was set forward ends nothing")
	shop.clock.set(noon)
	shop.clock.pass(time.Minute - time.Millisecond)
	assert.Equal(t, redeem.Refuse, redeemed(t, terminal, scanned, "b").Outcome)
	shop.clock.pass(time.Millisecond)
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "b").Outcome)
}

func TestReservationIsReleased(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, nil)
	first := reserved(t, terminal, scanned, "a", time.Hour)
	released, err := terminal.Release(t.Context(), "a", "")
	require.NoError(t, err)
	assert.Equal(t, []record.ID{first.Reservation}, released)
	released, err = terminal.Release(t.Context(), "a", "")
	require.NoError(t, err)
	assert.Empty(t, released, "twice is once")
	_, err = terminal.Release(t.Context(), "", "")
	assert.ErrorIs(t, err, fault.InvalidRequest)
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "b").Outcome)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Zero(t, terminal.Status().Pending)
	releases := 0
	for _, rec := range shop.desk.booked {
		if rec.Kind == record.Release {
			releases++
			assert.Equal(t, first.Reservation, rec.Of)
			assert.Zero(t, rec.Until)
		}
		assert.NotEqual(t, record.Void, rec.Kind, "nothing was taken back")
	}
	assert.Equal(t, 1, releases)
}

// What was reserved in time is redeemed as long as it is held. A revocation counts all the same.
func TestWhatWasReservedInTimeIsCompleted(t *testing.T) {
	last := func(p *offer.Pass) { p.NotAfter = noon.Add(time.Minute) }
	shop := newShop(t)
	shop.cfg.Policy.UnprovenPerDay.Number = 9
	terminal := shop.with(t, trust.Campaign{Name: "ends", NotAfter: noon.Add(time.Minute)})
	scanned, other := pass(t, last), pass(t, last)
	campaign, coupon := pass(t, func(p *offer.Pass) { p.Campaign = "ends" }), "]C117261123"+gcn("4711")[3:]
	for sale, text := range map[string]string{"a": scanned, "b": other, "c": campaign, "d": coupon} {
		d := reserved(t, terminal, text, sale, redeem.MaxHold)
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
	}
	shop.clock.pass(13 * time.Hour) // past midnight
	assert.True(t, redeemed(t, terminal, scanned, "z").Because(fault.Expired), "another sale did not reserve it")
	assert.Equal(t, redeem.Allow, reserved(t, terminal, other, "b", time.Hour).Outcome, "it is still held")
	for sale, text := range map[string]string{"a": scanned, "c": campaign, "d": coupon} {
		d := redeemed(t, terminal, text, sale)
		assert.Equal(t, "allow", d.String(), sale)
	}
	revoked := bundleWith(t, 2, shop.clock.wall())
	revoked.RevokedCampaigns = []string{"spring"}
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, revoked)))
	assert.Equal(t, "refuse revoked", redeemed(t, terminal, other, "b").String())
	_, err := terminal.Release(t.Context(), "b", "")
	require.NoError(t, err)
	assert.True(t, redeemed(t, terminal, other, "b").Because(fault.Expired), "what was given up is not held")
}

// An offer that is shown in two dresses is one offer: what its pass reserved its number completes, and the other way
// round.
func TestReservationIsCompletedInEitherDress(t *testing.T) {
	number := gcn("4711")
	alias, err := offer.Parse(number)
	require.NoError(t, err)
	for name, dress := range map[string]func(pass string) (held, redeemed string){
		"pass, then number": func(pass string) (string, string) { return pass, number },
		"number, then pass": func(pass string) (string, string) { return number, pass },
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			shop.cfg.Policy.UnprovenPerDay.Number = 9
			terminal := shop.online(t)
			scanned := pass(t, func(p *offer.Pass) { p.Alias, p.Uses, p.OfflineUses = alias.Alias, 3, 3 })
			first, second := dress(scanned)
			hold := reserved(t, terminal, first, "a", time.Hour)
			require.False(t, hold.Reservation.IsZero(), "a use is held")
			d := redeemed(t, terminal, second, "a")
			require.Equal(t, redeem.Allow, d.Outcome, d.String())
			assert.Equal(t, 1, redeemed(t, terminal, scanned, "b").UsesLeft, "the hold is gone, two uses are taken")
			released, err := terminal.Release(t.Context(), "a", "")
			require.NoError(t, err)
			assert.Empty(t, released)
		})
	}
}

func TestReservationsCountWithTheUses(t *testing.T) {
	terminal := newShop(t).online(t)
	scanned := pass(t, func(p *offer.Pass) { p.Uses, p.OfflineUses = 3, 3 })
	assert.Equal(t, 2, redeemed(t, terminal, scanned, "a").UsesLeft)
	assert.Equal(t, 1, reserved(t, terminal, scanned, "b", time.Hour).UsesLeft)
	assert.Equal(t, 0, redeemed(t, terminal, scanned, "c").UsesLeft)
	d := redeemed(t, terminal, scanned, "d")
	assert.True(t, d.Because(fault.Reserved), d.String())
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "b").Outcome)
	d = redeemed(t, terminal, scanned, "d")
	assert.True(t, d.Because(fault.AlreadyRedeemed), d.String())
}

func TestHoldHasBounds(t *testing.T) {
	terminal := newShop(t).online(t)
	for _, hold := range []time.Duration{-1, 0, time.Second - 1, redeem.MaxHold + 1} {
		_, err := terminal.Reserve(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: "a"}, hold)
		assert.ErrorIs(t, err, fault.InvalidRequest, "%s", hold)
	}
}

func TestCheckAndTrainingWriteNothing(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, nil)
	d, err := terminal.Check(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "a"})
	require.NoError(t, err)
	assert.Equal(t, redeem.Allow, d.Outcome)
	assert.Zero(t, d.Redemption)
	assert.Equal(t, 1, d.UsesLeft)

	for range 2 {
		d, err = terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "a", Training: true})
		require.NoError(t, err)
		assert.Equal(t, redeem.Allow, d.Outcome)
		assert.True(t, d.Training, "it was training")
		assert.True(t, d.Because(fault.Training), "the reason is training")
		assert.Zero(t, d.Redemption)
		assert.Empty(t, d.Receipt)
	}
	d, err = terminal.Reserve(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "a", Training: true}, time.Hour)
	require.NoError(t, err)
	assert.Zero(t, d.Reservation)
	assert.Zero(t, terminal.Status().Pending)
	require.NoError(t, terminal.Close())

	shop.cfg.Policy.Training = true
	terminal = shop.open(t)
	assert.True(t, redeemed(t, terminal, scanned, "a").Training, "it was training")
	nonsense := redeemed(t, terminal, "nonsense of many words", "a")
	assert.Equal(t, redeem.Refuse, nonsense.Outcome)
	assert.True(t, nonsense.Training && nonsense.Because(fault.Training), "also what cannot be read")
	assert.Zero(t, terminal.Status().Pending)
	require.NoError(t, terminal.Close())
	shop.cfg.Policy.Training = false
	assert.Equal(t, redeem.Allow, redeemed(t, shop.open(t), scanned, "a").Outcome, "nothing of all that counts")
}

// A reservation holds one use. What a sale takes beside it is not reserved, and expires with the offer: the backend
// would reject it.
func TestAReservationHoldsOneUseBeyondTheEnd(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, func(p *offer.Pass) { p.Uses, p.OfflineUses, p.NotAfter = 3, 3, noon.Add(time.Hour) })
	reserved(t, terminal, scanned, "s", 2*time.Hour)
	ask := func(uses int) string {
		return atOnce(t, terminal, redeem.Request{Scanned: scanned, SaleKey: "s", Uses: uses}).String()
	}
	shop.clock.pass(90 * time.Minute)
	assert.Equal(t, "refuse expired", ask(3), "two of three were not reserved")
	assert.Equal(t, "allow", ask(1), "the one that was")
}

// A backend that was restored may know the offer of a reservation as little as that of a redemption, or of a return
// that another terminal's redemption is meant by: the pass is kept beside them, and beside nothing else.
func TestThePassIsKeptBesideWhateverNamesAnOfferFirst(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	held, elsewhere := pass(t, nil), pass(t, nil)
	reserved(t, terminal, held, "a", time.Hour)
	voided(t, terminal, redeem.VoidRequest{Scanned: elsewhere, Key: "r"})
	redeemed(t, terminal, held, "a")
	voided(t, terminal, redeem.VoidRequest{SaleKey: "a"})
	var kept []string
	for _, l := range listed(t, terminal, redeem.Query{}) {
		kept = append(kept, l.Pass)
	}
	assert.Equal(t, []string{held, elsewhere, held, ""}, kept)
}

func TestWhenAReservationLapses(t *testing.T) {
	now, most := noon.UnixMilli(), redeem.MaxHold.Milliseconds()
	for until, want := range map[int64]bool{now: true, now + 1: false, now + most: false, now + most + 1: true} {
		assert.Equal(t, want, redeem.IsLapsed(until, now), "until %d ms after", until-now)
	}
}
