package backend_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/wire"
)

func money(amount int64, currency string) record.Money {
	return record.Money{Amount: amount, Currency: currency}
}

func gave(m record.Money) func(*record.Record) { return func(r *record.Record) { r.Given = m } }

func byReceipt(r *record.Record) { r.Receipt, r.Of, r.Offer = r.Of.Receipt(), record.ID{}, offer.ID{} }

func nothingStated(r *record.Record) { r.Given, r.GivenBy = record.Money{}, 0 }

// asked is what became of a record: its status, and the reason where it has one.
func asked(v record.Verdict) string {
	if v.Reason != "" {
		return string(v.Status) + " " + string(v.Reason)
	}
	return string(v.Status)
}

// A return at another till knows neither the amount nor the id: the backend fills in what is left, and the till hears
// how much.
func TestAWholeReturnElsewhereTakesBackWhatIsLeft(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one, two := d.till("s-1", "7"), d.till("s-2", "1")
	first := one.redemption(d.phone().accept("coffee", true).Pass)
	one.verdict(first)
	one.verdict(one.part(first.ID, 100))
	v := two.verdict(two.void(first.ID, byReceipt, nothingStated))
	assert.Equal(t, record.Confirmed, v.Status)
	assert.Equal(t, &record.Money{Amount: 150, Currency: "EUR"}, v.Booked, "what was left")
	sum := d.books("coffee", "EUR")
	assert.Equal(t, [3]int64{2, 250, 250}, [3]int64{sum.Voided, sum.Given, sum.TakenBack})
}

func TestVoidsTogetherTakeBackAtMostWhatWasGiven(t *testing.T) {
	for name, c := range map[string]struct {
		given record.Money
		voids []int64 // parts that the POS states; -1: the whole, with what is left
		in    string
		want  []string
		back  int64
	}{
		"more than it gave": {money(250, "EUR"), []int64{251}, "EUR", []string{"rejected over-return"}, 0},
		"parts beyond it": {money(250, "EUR"), []int64{200, 51, 50, 1}, "EUR",
			[]string{"confirmed", "rejected over-return", "confirmed", "rejected over-return"}, 250},
		"another currency":  {money(250, "EUR"), []int64{100}, "USD", []string{"rejected over-return"}, 0},
		"a part of nothing": {record.Money{}, []int64{1_000_000}, "EUR", []string{"rejected over-return"}, 0},
		"the rest, and then a part": {money(250, "EUR"), []int64{200, -1, 1}, "EUR", []string{"confirmed", "confirmed",
			"rejected already-voided"}, 250},
		"the whole twice": {money(250, "EUR"), []int64{-1, -1}, "EUR", []string{"confirmed", "rejected already-voided"}, 250},
	} {
		for _, early := range []bool{false, true} {
			d := newDesk(t)
			d.campaign(coffee)
			one, two := d.till("s-1", "7"), d.till("s-2", "1")
			first := one.redemption(d.phone().accept("coffee", true).Pass, gave(c.given))
			var voids []record.Record
			for _, amount := range c.voids {
				void := two.void(first.ID)
				if amount >= 0 {
					two.number, two.prev = two.number-1, void.Prev
					void = two.part(first.ID, amount, func(r *record.Record) { r.Given.Currency = c.in })
				}
				voids = append(voids, void)
			}
			var got []string
			if !early {
				one.verdict(first)
			}
			for _, v := range two.report(voids...).Items {
				got = append(got, asked(v))
			}
			if early {
				one.verdict(first)
				got = nil
				for _, v := range two.later() {
					got = append(got, asked(v))
				}
			}
			assert.Equal(t, c.want, got, "%s, before the redemption: %v", name, early)
			assert.Equal(t, c.back, d.books("coffee", c.given.Currency).TakenBack, "%s, before the redemption: %v", name, early)
			assert.Zero(t, d.books("coffee", "USD").TakenBack, name)
		}
	}
}

func TestOnlyTheMerchantThatRedeemedMayVoid(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one, other := d.till("s-1", "7"), d.tillOf("m-2", "x-1", "1")
	pass := d.phone().accept("coffee", true).Pass
	first := one.redemption(pass)
	early := one.redemption(d.phone().accept("coffee", true).Pass)
	one.verdict(first)
	for name, void := range map[string]record.Record{
		"by id":               other.void(first.ID),
		"by offer":            other.void(record.ID{}, func(r *record.Record) { r.Offer = first.Offer }),
		"before it came":      other.void(early.ID, func(r *record.Record) { r.Offer = early.Offer }),
		"by offer, before it": other.void(record.ID{}, func(r *record.Record) { r.Offer = early.Offer }),
	} {
		other.number, other.prev = void.Number, record.HashOf(other.encode(void))
		assert.Equal(t, "rejected other-merchant", asked(other.verdict(void)), name)
	}
	assert.Zero(t, d.books("coffee", "EUR").TakenBack)
}

// An unreadable record takes no id, so that nobody has another merchant's voids rejected with one.
func TestARecordThatCannotBeReadRejectsNoVoidOfAnotherMerchant(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one, desk, other := d.till("s-1", "7"), d.till("s-2", "1"), d.tillOf("m-2", "x-1", "1")
	late := one.redemption(d.phone().accept("coffee", true).Pass)
	assert.Equal(t, "received", asked(desk.verdict(desk.void(late.ID, func(r *record.Record) { r.Offer = late.Offer }))))
	first := other.redemption(d.phone().accept("coffee", true).Pass)
	claimed := other.redemption(d.phone().accept("coffee", true).Pass)
	claimed.ID = late.ID
	newer := bytes.Replace(other.encode(claimed), []byte{0x01, 0x01, 0x02}, []byte{0x01, 0x09, 0x02}, 1) // version 9
	answer := other.send(other.sealRaw(other.encode(first), newer))
	assert.Equal(t, "quarantined quarantined", asked(answer.Items[1]))
	assert.Equal(t, late.ID, answer.Items[1].Record, "it claims the id")
	assert.Empty(t, desk.later(), "the redemption that is taken back may still come")
	assert.Equal(t, "confirmed", asked(one.verdict(late)))
	later := desk.later()
	require.Len(t, later, 1, "the void has its verdict")
	assert.Equal(t, "confirmed", asked(later[0]))
	assert.Equal(t, late.Given.Amount, d.books("coffee", "EUR").TakenBack)
}

func TestAWaitingVoidHasAVerdictInTheEnd(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	desk := d.till("s-2", "1")
	never := record.NewID()
	whole, part := desk.void(never, byReceipt, nothingStated), desk.part(record.NewID(), 100)
	items := desk.report(whole, part).Items
	assert.Equal(t, []string{"received", "received"}, []string{asked(items[0]), asked(items[1])})
	assert.Zero(t, items[0].Number, "it is no verdict")
	again := desk.report(whole).Items
	assert.Equal(t, "received", asked(again[0]), "the same again is the same")
	sum := d.books("", "EUR")
	lane := read[wire.Lanes](t, d.manage("GET", wire.PathTerminalList, nil), 200).Terminals[0]
	assert.Equal(t, 2, lane.Waits)
	assert.Zero(t, sum.Voided)
	d.set(d.now().Add(30 * 24 * time.Hour))
	assert.Empty(t, desk.later(), "it may still come")
	d.set(d.now().Add(2 * 24 * time.Hour))
	var got []string
	for _, v := range desk.later() {
		got = append(got, asked(v))
	}
	assert.Equal(t, []string{"rejected not-found", "rejected not-found"}, got)
	lane = read[wire.Lanes](t, d.manage("GET", wire.PathTerminalList, nil), 200).Terminals[0]
	assert.Zero(t, lane.Waits)
}

func TestWaitingVoidsStandInTheFigures(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane, desk := d.till("s-1", "7"), d.till("s-2", "1")
	late := lane.redemption(d.phone().accept("coffee", true).Pass)
	desk.verdict(desk.part(late.ID, 100, func(r *record.Record) { r.Offer = late.Offer }))
	sum := d.books("coffee", "EUR")
	assert.Equal(t, [3]int64{1, 100, 0}, [3]int64{sum.Waiting, sum.WaitingAmount, sum.TakenBack})
	lane.verdict(late)
	sum = d.books("coffee", "EUR")
	assert.Equal(t, [3]int64{0, 0, 100}, [3]int64{sum.Waiting, sum.WaitingAmount, sum.TakenBack})
}

// An offer that was never redeemed cannot be returned three times and then redeemed three times for money.
func TestVoidsByOfferFreeNoUseThatWasNotTaken(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane, desk := d.till("s-1", "7"), d.till("s-2", "1")
	pass := d.phone().accept("coffee", true).Pass
	presented, err := offer.Parse(pass)
	require.NoError(t, err)
	byOffer := func(r *record.Record) {
		r.Offer, r.Of, r.Given, r.GivenBy = presented.ID, record.ID{}, record.Money{}, 0
	}
	for range 3 {
		require.Equal(t, "received", asked(desk.verdict(desk.void(record.ID{}, byOffer))))
	}
	confirmed := 0
	for range 4 {
		d.set(d.now().Add(time.Hour)) // long after the voids: what is redeemed now cannot have been meant by them
		if lane.verdict(lane.redemption(pass)).Status == record.Confirmed {
			confirmed++
		}
	}
	sum := d.books("coffee", "EUR")
	assert.Equal(t, 1, confirmed)
	assert.Equal(t, [3]int64{1, 250, 0}, [3]int64{sum.Redeemed, sum.Given, sum.TakenBack})

	two := d.till("s-1", "8") // two cashiers return one redemption by scanning the offer
	d.set(d.now().Add(time.Hour))
	assert.Equal(t, "confirmed", asked(desk.verdict(desk.void(record.ID{}, byOffer))))
	assert.Equal(t, "received", asked(two.verdict(two.void(record.ID{}, byOffer))),
		"there is no other redemption to take back")
	d.set(d.now().Add(time.Hour))
	assert.Equal(t, "confirmed", asked(lane.verdict(lane.redemption(pass))))
	assert.Equal(t, record.Duplicate, lane.verdict(lane.redemption(pass)).Status, "one use was freed, not two")
}

func TestAVoidByOfferTakesTheNewestThatCanHaveBeenMadeBefore(t *testing.T) {
	d := newDesk(t)
	card := wire.Campaign{ID: "card", Uses: 4, OfflineUses: 4}
	d.campaign(card)
	lane, desk := d.till("s-1", "7"), d.till("s-2", "1")
	pass := d.phone().accept("card", true).Pass
	var uses []record.Record
	for i := range 3 {
		d.set(d.now().Add(time.Hour))
		uses = append(uses, lane.redemption(pass, gave(money(int64(10*(i+1)), "EUR"))))
	}
	lane.report(uses...)
	at := func(moment time.Time) func(*record.Record) {
		return func(r *record.Record) {
			r.Offer, r.Given, r.GivenBy = uses[0].Offer, record.Money{}, 0
			r.Time.Wall, r.Time.Earliest, r.Time.Latest = moment.UnixMilli(), moment.UnixMilli()-1000, moment.UnixMilli()+1000
		}
	}
	v := desk.verdict(desk.void(record.ID{}, at(d.now().Add(-30*time.Minute))))
	assert.Equal(t, &record.Money{Amount: 20, Currency: "EUR"}, v.Booked, "the third was made after it")
	v = desk.verdict(desk.void(record.ID{}, at(d.now())))
	assert.Equal(t, &record.Money{Amount: 30, Currency: "EUR"}, v.Booked)
	flags := read[wire.Flags](t, d.manage("GET", wire.PathFlags, nil), 200).Flags
	require.Len(t, flags, 1, "the intervals of the third and of its void overlap")
	assert.Equal(t, "overlap", flags[0].Kind)
	lanes := read[wire.Lanes](t, d.manage("GET", wire.PathTerminalList, nil), 200).Terminals
	assert.Equal(t, map[string]uint64{"overlap": 1}, lanes[1].Flags)
}

func TestAVoidOfWhatWasNotBookedMovesNothing(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one, two := d.till("s-1", "7"), d.till("s-2", "1")
	pass := d.phone().accept("coffee", true).Pass
	one.verdict(one.redemption(pass))
	again := two.redemption(pass)
	require.Equal(t, record.Duplicate, two.verdict(again).Status)
	assert.Equal(t, "confirmed", asked(two.verdict(two.void(again.ID))))
	assert.Equal(t, record.Duplicate, two.verdict(two.redemption(pass)).Status, "no use is free")
	assert.Zero(t, d.books("coffee", "EUR").TakenBack)
}

func (t *till) correction(of record.Record, to record.Money, edit ...func(*record.Record)) record.Record {
	return t.next(record.Record{Kind: record.Correction, Of: of.ID, Offer: of.Offer, Before: of.Given, Given: to,
		GivenBy: record.GivenByPOS}, edit...)
}

func TestACorrectionBringsTheAmountInLine(t *testing.T) {
	d := newDesk(t)
	priced := coffee
	priced.Terms = terms.Terms{Kind: terms.PercentOff, Percent: 5000, Cap: 300, Currency: "EUR"}
	d.campaign(priced)
	lane := d.till("s-1", "7")
	first := lane.redemption(d.phone().accept("coffee", true).Pass)
	lane.verdict(first)
	managers := &record.Override{Manager: "m", Why: "w", Reasons: []fault.Code{fault.OverTerms}}
	for _, c := range []struct {
		name string
		rec  record.Record
		want string
		sum  [2]int64 // given, taken back
	}{
		{"down", lane.correction(first, money(200, "EUR")), "confirmed", [2]int64{200, 0}},
		{"up to what the terms give", lane.correction(first, money(300, "EUR")), "confirmed", [2]int64{300, 0}},
		{"above the terms", lane.correction(first, money(301, "EUR")), "rejected over-terms", [2]int64{300, 0}},
		{"another currency", lane.correction(first, money(100, "CHF")), "rejected other-currency", [2]int64{300, 0}},
		{"a part back", lane.part(first.ID, 120), "confirmed", [2]int64{300, 120}},
		{"below what came back", lane.correction(first, money(119, "EUR")), "rejected over-return", [2]int64{300, 120}},
		{"to what came back", lane.correction(first, money(120, "EUR")), "confirmed", [2]int64{120, 120}},
		{"above it, by a manager", lane.correction(first, money(400, "EUR"),
			func(r *record.Record) { r.Override = managers }), "confirmed", [2]int64{400, 120}},
		{"the rest back", lane.void(first.ID), "confirmed", [2]int64{400, 400}},
		{"after all was taken back", lane.correction(first, money(400, "EUR")), "rejected already-voided",
			[2]int64{400, 400}},
	} {
		assert.Equal(t, c.want, asked(lane.verdict(c.rec)), c.name)
		sum := d.books("coffee", "EUR")
		assert.Equal(t, c.sum, [2]int64{sum.Given, sum.TakenBack}, c.name)
	}
	assert.EqualValues(t, 4, d.books("coffee", "EUR").Corrected)
	flags := read[wire.Flags](t, d.manage("GET", wire.PathFlags, nil), 200).Flags
	require.Len(t, flags, 1)
	assert.Equal(t, "over-terms", flags[0].Kind)
}

func TestWhatIsGivenIsHeldToTheTerms(t *testing.T) {
	d := newDesk(t)
	priced := coffee
	priced.Terms = terms.Terms{Kind: terms.AmountOff, Amount: 250, Currency: "EUR"}
	d.campaign(priced)
	lane := d.till("s-1", "7")
	pass := func() string { return d.phone().accept("coffee", true).Pass }
	assert.Equal(t, "rejected over-terms", asked(lane.verdict(lane.redemption(pass(), gave(money(251, "EUR"))))))
	assert.Equal(t, "rejected other-currency", asked(lane.verdict(lane.redemption(pass(), gave(money(250, "CHF"))))))
	allowed := lane.redemption(pass(), gave(money(999, "EUR")), func(r *record.Record) {
		r.Override = &record.Override{Manager: "m", Why: "w", Reasons: []fault.Code{fault.OverTerms}}
	})
	assert.Equal(t, "confirmed", asked(lane.verdict(allowed)), "what a manager allowed is confirmed")
	flags := read[wire.Flags](t, d.manage("GET", wire.PathFlags, nil), 200).Flags
	require.Len(t, flags, 1, "and flagged")
	assert.Equal(t, allowed.ID, flags[0].Record)
}

func TestCurrenciesAreNeverAddedTogether(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "any", Budget: 300, Currency: "EUR"})
	lane := d.till("s-1", "7")
	for _, m := range []record.Money{money(250, "EUR"), money(400, "CHF"), money(1000, "USD")} {
		require.Equal(t, "confirmed", asked(lane.verdict(lane.redemption(d.phone().accept("any", true).Pass, gave(m)))))
	}
	d.phone().accept("any", true) // 250 of 300 EUR are given: francs and dollars use none of it
	for currency, want := range map[string]int64{"EUR": 250, "CHF": 400, "USD": 1000} {
		assert.Equal(t, want, d.books("any", currency).Given, currency)
	}
}

func TestTheLiabilityIsWhatUsesLeftCanGive(t *testing.T) {
	d := newDesk(t)
	card := wire.Campaign{ID: "card", Uses: 4, OfflineUses: 4, ValidSeconds: 3600,
		Terms: terms.Terms{Kind: terms.AmountOff, Amount: 100, Currency: "EUR"}}
	d.campaign(card)
	d.campaign(wire.Campaign{ID: "half", Terms: terms.Terms{Kind: terms.PercentOff, Percent: 5000}})
	lane := d.till("s-1", "7")
	pass := d.phone().accept("card", true).Pass
	d.phone().accept("half", true)
	liability := func() int64 { return d.ledger("card", "EUR").Liability }
	assert.EqualValues(t, 400, liability())
	assert.True(t, d.ledger("half", "").Unbounded, "a percentage without a maximum has none and says so")
	assert.False(t, d.ledger("card", "EUR").Unbounded, "an amount has a maximum")
	first, second := lane.redemption(pass, gave(money(100, "EUR"))), lane.redemption(pass, gave(money(60, "EUR")))
	lane.report(first, second)
	assert.EqualValues(t, 200, liability(), "two uses are left")
	lane.verdict(lane.void(first.ID))
	assert.EqualValues(t, 300, liability(), "a void frees its use")
	d.set(d.now().Add(24 * time.Hour))
	assert.EqualValues(t, 300, liability(), "it expired, and late reports may come")
	d.set(d.now().Add(32 * 24 * time.Hour))
	assert.Zero(t, liability(), "none can come any more")
}

// A redemption of which nothing is known to be given is not corrected to another currency than its offer's.
func TestACorrectionIsInTheOffersCurrency(t *testing.T) {
	for _, early := range []bool{false, true} {
		d := newDesk(t)
		d.campaign(coffee)
		one, two := d.till("s-1", "7"), d.till("s-1", "8")
		first := one.redemption(d.phone().accept("coffee", true).Pass, gave(record.Money{}))
		to := func(m record.Money) record.Record {
			return two.next(record.Record{Kind: record.Correction, Of: first.ID, Offer: first.Offer, Given: m,
				GivenBy: record.GivenByPOS})
		}
		dollars, euros := to(money(100, "USD")), to(money(100, "EUR"))
		var got []string
		if !early {
			one.verdict(first)
		}
		for _, v := range two.report(dollars, euros).Items {
			got = append(got, asked(v))
		}
		if early {
			one.verdict(first)
			got = nil
			for _, v := range two.later() {
				got = append(got, asked(v))
			}
		}
		assert.Equal(t, []string{"rejected other-currency", "confirmed"}, got, "before the redemption: %v", early)
		assert.Zero(t, d.books("coffee", "USD").Given, "before the redemption: %v", early)
		assert.Equal(t, int64(100), d.books("coffee", "EUR").Given, "before the redemption: %v", early)
	}
}

// A till scans an offer for a return that it never redeemed, and redeems it after that. Its chain says that the return
// came first, however little its clock says, so that the return takes nothing and frees no use.
func TestAVoidByOfferTakesNothingThatItsTillRedeemedLater(t *testing.T) {
	unsure := func(r *record.Record) {
		r.Time.Earliest -= time.Hour.Milliseconds()
		r.Time.Latest, r.Time.Trusted = 0, false
	}
	for name, report := range map[string]func(one *till, void, first record.Record) []string{
		"in one report": func(one *till, void, first record.Record) (got []string) {
			for _, v := range one.report(void, first).Items {
				got = append(got, asked(v))
			}
			return got
		},
		"one by one": func(one *till, void, first record.Record) []string {
			return []string{asked(one.verdict(void)), asked(one.verdict(first))}
		},
		"the other way around": func(one *till, void, first record.Record) []string {
			redeemed := asked(one.verdict(first))
			return []string{asked(one.verdict(void)), redeemed}
		},
	} {
		d := newDesk(t)
		d.campaign(coffee)
		one := d.till("s-1", "7")
		pass := d.phone().accept("coffee", true).Pass
		presented, err := offer.Parse(pass)
		require.NoError(t, err)
		d.set(d.now().Add(2 * time.Hour))
		void := one.void(record.ID{}, nothingStated, unsure, func(r *record.Record) { r.Offer = presented.ID })
		first := one.redemption(pass, unsure)
		assert.Equal(t, []string{"received", "confirmed"}, report(one, void, first), name)
		assert.Empty(t, one.later(), "%s: the return waits", name)
		assert.Equal(t, "duplicate already-redeemed", asked(one.verdict(one.redemption(pass, unsure))), "%s: no free use",
			name)
		sum := d.books("coffee", "EUR")
		assert.Equal(t, [2]int64{250, 0}, [2]int64{sum.Given, sum.TakenBack}, name)
	}
}
