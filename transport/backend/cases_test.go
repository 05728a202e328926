package backend_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// These are cases that histories found; see storetest.Histories.

func (d *desk) figures(campaign string) []wire.Tally {
	d.t.Helper()
	var own []wire.Tally
	for _, f := range read[wire.Figures](d.t, d.manage("GET", wire.PathFigures, nil), http.StatusOK).Figures {
		if f.Campaign == campaign {
			own = append(own, f)
		}
	}
	return own
}

func (d *desk) flags() (kinds []string) {
	d.t.Helper()
	for _, f := range read[wire.Flags](d.t, d.manage("GET", wire.PathFlags, nil), http.StatusOK).Flags {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

func TestTheDelayOfARedemptionForWhichAVoidWaits(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane, other := d.till("s-1", "7"), d.till("s-2", "1")
	pass := d.phone().accept("coffee", true).Pass
	d.set(d.now().Add(time.Hour))
	late := lane.redemption(pass, func(r *record.Record) { r.Time.Latest = 0 })
	require.Equal(t, "received", asked(other.verdict(other.part(late.ID, 100))))
	require.Equal(t, "confirmed", asked(lane.verdict(late)))
	delay := int64(0)
	for _, f := range d.figures("coffee") {
		delay += f.Delay
	}
	assert.EqualValues(t, 3600, delay)
}

// What a void that waits needs of the store is the redemption's trouble too: it is no reason to reject it.
func TestADamagedTerminalIsNoVerdictOnARedemption(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	lane, other := d.till("s-1", "7"), d.till("s-2", "1")
	late := lane.redemption(d.phone().accept("coffee", true).Pass)
	good := lane.redemption(d.phone().accept("coffee", true).Pass)
	require.Equal(t, "received", asked(other.verdict(other.part(late.ID, 100))))
	row := v.tables["terminals"][string(other.id[:])]
	v.tables["terminals"][string(other.id[:])] = []byte("{")
	items := lane.report(late, good).Items
	require.Len(t, items, 1, "one waits, the other does not")
	assert.Equal(t, good.ID, items[0].Record)
	v.tables["terminals"][string(other.id[:])] = row
	assert.Equal(t, "confirmed", asked(lane.verdict(late)))
	sum := d.books("coffee", "EUR")
	assert.Equal(t, [3]int64{2, 500, 100}, [3]int64{sum.Redeemed, sum.Given, sum.TakenBack})
}

// A void that names its redemption by its offer or its receipt waits for the redemption's row to be mended.
func TestADamagedRedemptionIsNoVerdictOnAVoid(t *testing.T) {
	for name, by := range map[string]func(*record.Record){
		"receipt": byReceipt,
		"offer":   func(r *record.Record) { r.Of = record.ID{} },
	} {
		v := newVault()
		d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
		d.campaign(coffee)
		lane, other := d.till("s-1", "7"), d.till("s-2", "1")
		first := lane.redemption(d.phone().accept("coffee", true).Pass)
		lane.verdict(first)
		row := v.tables["entries"][string(first.ID[:])]
		v.tables["entries"][string(first.ID[:])] = []byte{2, 1}
		void := other.void(first.ID, func(r *record.Record) { r.Offer = first.Offer; by(r) })
		require.Empty(t, other.report(void).Items, name)
		v.tables["entries"][string(first.ID[:])] = row
		assert.Equal(t, "confirmed", asked(other.verdict(void)), name)
	}
}

func TestABudgetIsTheSameWithinAReportAndBetweenTwo(t *testing.T) {
	const paper = "255:9501234567891"
	for _, together := range []bool{false, true} {
		d := newDesk(t)
		d.campaign(wire.Campaign{ID: "paper", Coupon: paper[4:], Budget: 300, Currency: "EUR"})
		lane := d.till("s-1", "7")
		of := func(amount int64, currency string) record.Record {
			return lane.coupon(paper, amount, func(r *record.Record) { r.Given.Currency = currency })
		}
		francs, first := of(1000, "CHF"), of(250, "EUR")
		serial := lane.redemption(d.phone().accept("paper", true).Pass, gave(money(50, "EUR")))
		full := of(10, "EUR")
		records := []record.Record{francs, first, serial, full, lane.part(first.ID, 100), of(100, "EUR"), of(1, "EUR")}
		down := lane.next(record.Record{Kind: record.Correction, Of: first.ID, Coupon: paper, Given: money(200, "EUR")})
		records = append(records, down, of(1, "EUR"))
		var got []string
		if together {
			for _, v := range lane.report(records...).Items {
				got = append(got, asked(v))
			}
		} else {
			for _, r := range records {
				got = append(got, asked(lane.verdict(r)))
			}
		}
		const ok, none = "confirmed", "rejected out-of-offers"
		assert.Equal(t, []string{ok, ok, ok, none, ok, ok, none, ok, ok}, got, "in one report: %v", together)
	}
}

// A till that heard verdicts which the restored backend forgot hears those that it gives on records that it still
// knows.
func TestAVerdictAfterARestoreIsNotBehindTheTillsCursor(t *testing.T) {
	for _, poll := range []bool{false, true} {
		v := newVault()
		d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
		d.campaign(coffee)
		lane, other := d.till("s-1", "7"), d.till("s-2", "1")
		late := lane.redemption(d.phone().accept("coffee", true).Pass)
		void := other.part(late.ID, 100)
		require.Equal(t, "received", asked(other.verdict(void)))
		backup, at := v.copy(), d.now()
		var lost []record.Record
		for range 3 {
			lost = append(lost, other.redemption(d.phone().accept("coffee", true).Pass))
		}
		other.report(lost...)

		d.set(d.now().Add(time.Hour))
		after := d.restored(backup, backend.Period{From: at, Until: d.now()})
		after.set(d.now())
		require.Equal(t, "confirmed", asked(lane.at(after).verdict(late)))
		other = other.at(after)
		var heard []record.Verdict
		if poll {
			heard = other.later()
		} else {
			heard = other.report().Later
		}
		require.Len(t, heard, 1, "by asking: %v", poll)
		assert.Equal(t, void.ID, heard[0].Record)
		assert.Equal(t, "confirmed", asked(heard[0]))
	}
}

func TestOneRedemptionIsWaitedForByABoundedNumber(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	other := d.till("s-2", "1")
	presented, err := offer.Parse(d.phone().accept("coffee", true).Pass)
	require.NoError(t, err)
	never := record.NewID()
	for name, by := range map[string]func(*record.Record){
		"id":      func(r *record.Record) {},
		"receipt": byReceipt,
		"offer":   func(r *record.Record) { r.Of, r.Offer = record.ID{}, presented.ID },
	} {
		var voids []record.Record
		for range wire.MaxUses {
			voids = append(voids, other.void(never, by))
		}
		for _, v := range other.report(voids...).Items {
			require.Equal(t, "received", asked(v), name)
		}
		assert.Equal(t, "rejected over-limit", asked(other.verdict(other.void(never, by))), name)
	}
}

func TestAReportOfWhichARecordIsWantedAgainForksNothing(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	known, spare := d.phone().accept("coffee", true).Pass, d.phone().accept("coffee", true).Pass
	first := lane.redemption(known)
	lane.verdict(first)
	backup, at := v.copy(), d.now()
	d.set(d.now().Add(time.Minute))
	lost := d.phone().accept("coffee", true).Pass
	second, third := lane.redemption(lost), lane.redemption(spare)
	after := d.restored(backup, backend.Period{From: at, Until: d.now().Add(time.Minute)})
	after.set(d.now())
	answer := lane.at(after).report(first, second, third)
	assert.Equal(t, []record.ID{second.ID}, answer.Wanted)
	assert.False(t, answer.Forked, "the third is new, the first is the one that was there")
	answer = lane.at(after).with([]string{lost}, nil, second)
	assert.False(t, answer.Forked, "nothing forked")
	assert.Empty(t, answer.Missing)
}

func TestTillsAreToldOfAnOfferThatWasTakenUpSpent(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	backup, at := v.copy(), d.now()
	d.set(d.now().Add(time.Minute))
	lost := d.phone().accept("coffee", true).Pass
	first := lane.redemption(lost)
	after := d.restored(backup, backend.Period{From: at, Until: d.now().Add(time.Minute)})
	after.set(d.now())
	require.Equal(t, "confirmed", asked(lane.at(after).with([]string{lost}, nil, first).Items[0]))
	assert.True(t, lane.at(after).bundle().MaySpent(first.Offer, ""), "the first offer is spent")
}

// lostAndFound is a backend that was restored from a backup before a redemption that it had confirmed, of which a
// second till redeemed the offer meanwhile.
func lostAndFound(t *testing.T, c wire.Campaign, records func(lane *till, pass string) []record.Record) (
	after *desk, lane, other *till, pass string, signed []record.Signed, made []record.Record) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(c)
	lane, other = d.till("s-1", "7"), d.till("s-2", "1")
	pass = d.phone().accept(c.ID, true).Pass
	backup, at := v.copy(), d.now()
	d.set(d.now().Add(time.Minute))
	made = records(lane, pass)
	for _, r := range made {
		answer := lane.report(r)
		require.Equal(t, "confirmed", asked(answer.Items[0]))
		signed = append(signed, statementOf(answer))
	}
	d.set(d.now().Add(time.Minute))
	after = newDesk(t, func(c *backend.Config) {
		c.Store, c.Restored = backup.open(t), backend.Period{From: at, Until: d.now()}
	})
	after.set(d.now())
	return after, lane.at(after), other.at(after), pass, signed, made
}

func TestMoreUsesThanThereAreOweNothing(t *testing.T) {
	after, lane, other, pass, signed, made := lostAndFound(t, coffee, func(lane *till, pass string) []record.Record {
		return []record.Record{lane.redemption(pass)}
	})
	liability := func() int64 { return after.ledger("coffee", "EUR").Liability }
	second := other.redemption(pass)
	require.Equal(t, "confirmed", asked(other.verdict(second)), "the first is forgotten")
	require.Equal(t, "confirmed", asked(lane.with(nil, signed, made[0]).Items[0]), "it stands")
	assert.Zero(t, liability(), "no use is left, and not less than none")
	require.Equal(t, "confirmed", asked(other.verdict(other.void(second.ID))))
	assert.Zero(t, liability(), "the use is still taken")
	require.Equal(t, "confirmed", asked(lane.verdict(lane.void(made[0].ID))))
	assert.EqualValues(t, 250, liability())
}

func TestAConfirmedCorrectionStandsAfterARestore(t *testing.T) {
	after, lane, other, pass, signed, made := lostAndFound(t, coffee, func(lane *till, pass string) []record.Record {
		first := lane.redemption(pass)
		return []record.Record{first, lane.correction(first, money(100, "EUR"))}
	})
	require.Equal(t, "confirmed", asked(lane.with([]string{pass}, signed[:1], made[0]).Items[0]))
	require.Equal(t, "confirmed", asked(other.verdict(other.part(made[0].ID, 180))),
		"what is not corrected yet can come back")
	v := lane.with([]string{""}, signed[1:], made[1]).Items[0]
	assert.Equal(t, "confirmed", asked(v))
	assert.Equal(t, &record.Money{Amount: 180, Currency: "EUR"}, v.Booked, "not below what came back")
	sum := after.books("coffee", "EUR")
	assert.Equal(t, [2]int64{180, 180}, [2]int64{sum.Given, sum.TakenBack})
	assert.Contains(t, after.flags(), "clamped")
}

// A whole return takes what is left. Where a confirmed correction comes again only after it, the return would have
// taken that as well: nothing of what was taken back wholly stands as given.
func TestAConfirmedCorrectionGivesNothingOfWhatWasTakenBackWholly(t *testing.T) {
	after, lane, other, pass, signed, made := lostAndFound(t, coffee, func(lane *till, pass string) []record.Record {
		first := lane.redemption(pass, gave(money(100, "EUR")))
		return []record.Record{first, lane.correction(first, money(250, "EUR"))}
	})
	require.Equal(t, "confirmed", asked(lane.with([]string{pass}, signed[:1], made[0]).Items[0]))
	require.Equal(t, "confirmed", asked(other.verdict(other.void(made[0].ID, nothingStated))))
	v := lane.with([]string{""}, signed[1:], made[1]).Items[0]
	assert.Equal(t, "confirmed", asked(v), "its verdict stands")
	assert.Equal(t, &record.Money{Amount: 100, Currency: "EUR"}, v.Booked, "of which nothing is booked")
	sum := after.books("coffee", "EUR")
	assert.Equal(t, [2]int64{100, 100}, [2]int64{sum.Given, sum.TakenBack}, "nothing stays given")
	assert.Contains(t, after.flags(), "clamped", "a person is told")
}

func TestAConfirmedVoidStandsAfterARestore(t *testing.T) {
	for name, c := range map[string]struct {
		void func(lane *till, of record.Record) record.Record
		wait time.Duration
	}{
		"by the offer that nothing shows": {func(lane *till, of record.Record) record.Record {
			return lane.void(record.ID{}, func(r *record.Record) { r.Offer = of.Offer })
		}, 0},
		"by the id of what never comes": {func(lane *till, of record.Record) record.Record {
			return lane.void(of.ID, func(r *record.Record) { r.Offer = offer.ID{} })
		}, 40 * 24 * time.Hour},
	} {
		v := newVault()
		d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
		d.campaign(coffee)
		lane, other := d.till("s-1", "7"), d.till("s-2", "1")
		backup, at := v.copy(), d.now()
		first := lane.redemption(d.phone().accept("coffee", true).Pass)
		lane.verdict(first)
		void := c.void(other, first)
		signed := other.report(void)
		require.Equal(t, "confirmed", asked(signed.Items[0]), name)
		after := d.restored(backup, backend.Period{From: at, Until: d.now().Add(time.Minute)})
		after.set(d.now())
		other = other.at(after)
		item := other.with([]string{""}, []record.Signed{statementOf(signed)}, void).Items[0]
		if c.wait > 0 {
			require.Equal(t, "received", asked(item), name)
			d.set(d.now().Add(c.wait))
			later := other.later()
			require.Len(t, later, 1, name)
			item = later[0]
		}
		assert.Equal(t, "confirmed", asked(item), name)
		assert.Contains(t, after.flags(), "clamped", "a person looks at it: %s", name)
	}
}

func TestAConfirmedReleaseStandsAfterARestore(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	lane, other := d.till("s-1", "7"), d.till("s-2", "1")
	held := lane.redemption(d.phone().accept("coffee", true).Pass, func(r *record.Record) {
		r.Kind, r.Given = record.Reservation, record.Money{}
	})
	backup, at := v.copy(), d.now()
	release := other.next(record.Record{Kind: record.Release, Of: held.ID, Offer: held.Offer})
	signed := other.report(release)
	require.Equal(t, "confirmed", asked(signed.Items[0]), "the reservation is not known")
	after := d.restored(backup, backend.Period{From: at, Until: d.now().Add(time.Minute)})
	after.set(d.now())
	lane, other = lane.at(after), other.at(after)
	require.Equal(t, "confirmed", asked(lane.verdict(held)))
	again := other.with(nil, []record.Signed{statementOf(signed)}, release)
	assert.Equal(t, "confirmed", asked(again.Items[0]), "though it is another till's")
}

// Less than a signed verdict said is booked of a void that takes what is left: a person is told, also where the void
// had to wait.
func TestAConfirmedVoidOfWhichLessIsLeftIsFlagged(t *testing.T) {
	for _, early := range []bool{false, true} {
		after, lane, other, pass, signed, made := lostAndFound(t, coffee, func(lane *till, pass string) []record.Record {
			first := lane.redemption(pass)
			return []record.Record{first, lane.void(first.ID, nothingStated)}
		})
		part := other.part(made[0].ID, 200)
		redeem := func() { require.Equal(t, "confirmed", asked(lane.with([]string{pass}, signed[:1], made[0]).Items[0])) }
		if early {
			require.Equal(t, "received", asked(other.verdict(part)))
			after.set(after.now().Add(time.Minute))
			require.Equal(t, "received", asked(lane.with([]string{""}, signed[1:], made[1]).Items[0]))
			redeem()
		} else {
			redeem()
			require.Equal(t, "confirmed", asked(other.verdict(part)))
			require.Equal(t, "confirmed", asked(lane.with([]string{""}, signed[1:], made[1]).Items[0]))
		}
		sum := after.books("coffee", "EUR")
		assert.Equal(t, [2]int64{250, 250}, [2]int64{sum.Given, sum.TakenBack})
		assert.Equal(t, []string{"clamped"}, after.flags(), "50 of the 250 that the verdict said; early: %v", early)
	}
}

// What is taken up again counts against the limit of its campaign.
func TestALimitCountsOffersThatAreTakenUp(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(wire.Campaign{ID: "few", Limit: 2})
	lane := d.till("s-1", "7")
	backup, at := v.copy(), d.now()
	passes := []string{d.phone().accept("few", true).Pass, d.phone().accept("few", true).Pass}
	records := []record.Record{lane.redemption(passes[0]), lane.redemption(passes[1])}
	after := d.restored(backup, backend.Period{From: at, Until: d.now().Add(time.Minute)})
	after.set(d.now())
	lane.at(after).with(passes, nil, records...)
	w := after.phone().ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "few"})
	assert.Equal(t, "out-of-offers", codeOf(t, w))
}

func TestTheDayOfARedemptionWhoseOfferWasTakenUp(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	backup, at := v.copy(), d.now()
	lost := d.phone().accept("coffee", true).Pass
	// a clock without a battery
	first := lane.redemption(lost, func(r *record.Record) { r.Time = record.Evidence{Wall: 5} })
	d.set(d.now().Add(time.Hour))
	after := d.restored(backup, backend.Period{From: at, Until: d.now()})
	after.set(d.now())
	require.Equal(t, "confirmed", asked(lane.at(after).with([]string{lost}, nil, first).Items[0]))
	for _, f := range after.figures("coffee") {
		assert.Equal(t, "2026-11-02", f.Day, "it was not redeemed before the offer was accepted")
	}
}

func TestWhatCompletesAReservationIsWantedAgain(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	backup, at := v.copy(), d.now()
	lost := d.phone().accept("coffee", true).Pass
	hold := lane.redemption(lost, func(r *record.Record) { r.Kind, r.Given = record.Reservation, record.Money{} })
	first := lane.redemption(lost, func(r *record.Record) { r.Of = hold.ID })
	after := d.restored(backup, backend.Period{From: at, Until: d.now().Add(time.Minute)})
	after.set(d.now())
	lane = lane.at(after)
	require.Equal(t, "rejected unknown-offer", asked(lane.with([]string{""}, nil, hold).Items[0]), "its pass was not kept")
	answer := lane.report(first)
	require.Equal(t, []record.ID{first.ID}, answer.Wanted)
	assert.Equal(t, "confirmed", asked(lane.with([]string{lost}, nil, first).Items[0]))
}

// What comes back of a redemption counts where it was given.
func TestAVoidCountsInTheCampaignOfItsRedemption(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	lane, other := d.till("s-1", "7"), d.till("s-2", "1")
	backup, at := v.copy(), d.now()
	typed := lane.redemption(d.phone().accept("coffee", true).Pass, func(r *record.Record) { r.Proven = false })
	signed := []record.Signed{statementOf(lane.report(typed))}
	after := d.restored(backup, backend.Period{From: at, Until: d.now().Add(time.Minute)})
	after.set(d.now())
	lane, other = lane.at(after), other.at(after)
	require.Equal(t, "confirmed", asked(lane.with([]string{""}, signed, typed).Items[0]), "it names no campaign")
	void := other.void(typed.ID, func(r *record.Record) { r.Campaign = "coffee" })
	require.Equal(t, "confirmed", asked(other.verdict(void)))
	assert.Zero(t, after.ledger("coffee", "EUR").TakenBack, "nothing was given there")
}

func TestACorrectionOfACouponIsHeldToItsTerms(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "paper", Coupon: "9501234567891",
		Terms: terms.Terms{Kind: terms.AmountOff, Amount: 100, Currency: "EUR"}})
	lane := d.till("s-1", "7")
	first := lane.coupon("255:9501234567891", 100)
	require.Equal(t, "confirmed", asked(lane.verdict(first)))
	more := lane.next(record.Record{Kind: record.Correction, Of: first.ID, Alias: "255:950123456789177",
		Given: money(101, "EUR")})
	assert.Equal(t, "rejected over-terms", asked(lane.verdict(more)), "whatever offer it names")
}

// A meddler is a store in which something else happens in the middle of a transaction.
type meddler struct {
	store.Store
	afterWaiting, afterOffers func()
	reads                     int // of offers, in the transaction
}

func (m *meddler) Update(ctx context.Context, fn func(store.Tx) error) error {
	m.reads = 0
	return m.Store.Update(ctx, func(tx store.Tx) error { return fn(meddled{tx, m}) })
}

type meddled struct {
	store.Tx
	m *meddler
}

func once(do *func()) {
	if now := *do; now != nil {
		*do = nil
		now()
	}
}

func (m meddled) Waiting(targets []store.Target) ([]store.Waiting, error) {
	all, err := m.Tx.Waiting(targets)
	once(&m.m.afterWaiting)
	return all, err
}

func (m meddled) Offers(ids []offer.ID, aliases []string) ([]store.Offer, error) {
	all, err := m.Tx.Offers(ids, aliases)
	if m.m.reads++; m.m.reads == 2 { // that of the pass
		once(&m.m.afterOffers)
	}
	return all, err
}

// A void that is given up while its redemption is being booked keeps the verdict that it got.
func TestAVoidThatIsGivenUpMeanwhileGetsNoSecondVerdict(t *testing.T) {
	m := &meddler{Store: newVault().open(t)}
	d := newDesk(t, func(c *backend.Config) { c.Store = m })
	d.campaign(coffee)
	lane, other := d.till("s-1", "7"), d.till("s-2", "1")
	late := lane.redemption(d.phone().accept("coffee", true).Pass)
	require.Equal(t, "received", asked(other.verdict(other.part(late.ID, 100))))
	d.set(d.now().Add(32 * 24 * time.Hour))
	var heard []record.Verdict
	m.afterWaiting = func() { heard = other.later() }
	require.Equal(t, "confirmed", asked(lane.verdict(late)), "it was redeemed in time")
	require.Len(t, heard, 1)
	assert.Equal(t, "rejected not-found", asked(heard[0]))
	assert.Empty(t, other.later(), "a verdict is final")
	assert.Zero(t, d.books("coffee", "EUR").TakenBack)
	lanes := read[wire.Lanes](t, d.manage("GET", wire.PathTerminalList, nil), http.StatusOK).Terminals
	assert.Zero(t, lanes[1].Waits)
}

// Two tills bring back the same offer at the same time: each gets its answer.
func TestAnOfferThatTwoTillsBringBackAtOnce(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	one, two := d.till("s-1", "7"), d.till("s-2", "1")
	backup, at := v.copy(), d.now()
	lost := d.phone().accept("coffee", true).Pass
	first, second := one.redemption(lost), two.redemption(lost)
	m := &meddler{Store: backup.open(t)}
	after := newDesk(t, func(c *backend.Config) {
		c.Store, c.Restored, c.Now = m, backend.Period{From: at, Until: d.now().Add(time.Minute)}, func() time.Time {
			return d.now()
		}
	})
	after.set(d.now())
	m.afterOffers = func() {
		assert.Equal(t, "confirmed", asked(two.at(after).with([]string{lost}, nil, second).Items[0]))
	}
	answer := one.at(after).with([]string{lost}, nil, first)
	require.Nil(t, m.afterOffers, "it happened")
	assert.Equal(t, fmt.Sprintf("duplicate %s", fault.RedeemedElsewhere), asked(answer.Items[0]))
	assert.EqualValues(t, 250, after.books("coffee", "EUR").Given)
}
