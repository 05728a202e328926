package booking

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

func euros(amount int64) record.Money { return record.Money{Amount: amount, Currency: "EUR"} }

// gave is a redemption of 5.00 EUR of which so much came back.
func gave(back int64) store.Entry {
	return store.Entry{ID: record.ID{1}, Kind: record.Redemption, Effect: posting.Gave, Given: euros(500), TakenBack: back}
}

func whole(of store.Entry) store.Entry {
	of.Voided = record.ID{9}
	return of
}

func correctedBy(of store.Entry, number uint64) store.Entry {
	of.CorrectedBy = number
	return of
}

func TestApplySaysWhatAVoidOrACorrectionComesTo(t *testing.T) {
	const void, correction = record.Void, record.Correction
	capped := &store.Campaign{Terms: terms.Terms{Kind: terms.AmountOff, Amount: 600, Currency: "EUR"}}
	nothing := store.Entry{ID: record.ID{1}, Kind: record.Redemption, Effect: posting.Gave}
	byManager := &record.Override{Manager: "m", Why: "w", Reasons: []fault.Code{fault.OverTerms}}
	for name, c := range map[string]struct {
		target store.Entry
		rec    record.Record
		stands bool
		want   fault.Code
		booked record.Money
		back   int64
		voided bool
	}{
		"a part": {gave(0), record.Record{Kind: void, Partial: true, Given: euros(200)}, false, "",
			euros(200), 200, false},
		"all of it as a part": {gave(0), record.Record{Kind: void, Partial: true, Given: euros(500)}, false, "",
			euros(500), 500, false},
		"a cent more": {gave(0), record.Record{Kind: void, Partial: true, Given: euros(501)}, false,
			fault.OverReturn, record.Money{}, 0, false},
		"a cent more than is left": {gave(300), record.Record{Kind: void, Partial: true, Given: euros(201)}, false,
			fault.OverReturn, record.Money{}, 300, false},
		"the whole, nothing stated": {gave(300), record.Record{Kind: void}, false, "", euros(200), 500, true},
		"the whole, with what was left": {gave(300), record.Record{Kind: void, Given: euros(500),
			GivenBy: record.GivenByRemainder}, false, "", euros(200), 500, true},
		"the whole, an amount stated": {gave(0), record.Record{Kind: void, Given: euros(100), GivenBy: record.GivenByPOS},
			false, "", euros(100), 100, true},
		"the whole, nothing back": {gave(0), record.Record{Kind: void, Given: euros(0), GivenBy: record.GivenByPOS},
			false, "", euros(0), 0, true},
		"another currency": {gave(0), record.Record{Kind: void, Given: record.Money{Amount: 1, Currency: "USD"}},
			false, fault.OverReturn, record.Money{}, 0, false},
		"nothing in another currency": {gave(0), record.Record{Kind: void, Partial: true,
			Given: record.Money{Currency: "USD"}}, false, "", euros(0), 0, false},
		"what was taken back": {whole(gave(500)), record.Record{Kind: void}, false, fault.AlreadyVoided, record.Money{},
			500, true},
		"too much, that stands": {gave(300), record.Record{Kind: void, Partial: true, Given: euros(400)}, true, "",
			euros(200), 500, false},
		"down": {gave(100), record.Record{Kind: correction, Given: euros(100)}, false, "", euros(100),
			100, false},
		"below what came back": {gave(100), record.Record{Kind: correction, Given: euros(99)}, false, fault.OverReturn,
			record.Money{}, 100, false},
		"up to the terms": {gave(0), record.Record{Kind: correction, Given: euros(600)}, false, "", euros(600), 0,
			false},
		"above the terms": {gave(0), record.Record{Kind: correction, Given: euros(601)}, false, fault.OverTerms,
			record.Money{}, 0, false},
		"above them, by a manager": {gave(0), record.Record{Kind: correction, Given: euros(601), Override: byManager}, false,
			"", euros(601), 0, false},
		"an older one, too late": {correctedBy(gave(0), 8), record.Record{Kind: correction, Number: 7, Given: euros(100)},
			false, "", euros(500), 0, false},
		"a newer one": {correctedBy(gave(0), 8), record.Record{Kind: correction, Number: 9, Given: euros(100)},
			false, "", euros(100), 0, false},
		"to another currency": {gave(0), record.Record{Kind: correction, Given: record.Money{Amount: 1, Currency: "USD"}},
			false, fault.OtherCurrency, record.Money{}, 0, false},
		"of nothing": {nothing, record.Record{Kind: correction, Given: euros(100)}, false, "", euros(100), 0,
			false},
		"of nothing to nothing": {nothing, record.Record{Kind: correction}, false, "", record.Money{}, 0, false},
		"of nothing, in a currency that is not the terms'": {nothing, record.Record{Kind: correction,
			Given: record.Money{Amount: 1, Currency: "USD"}}, false, fault.OtherCurrency, record.Money{}, 0, false},
		"up, that stands, of what was taken back": {whole(gave(500)), record.Record{Kind: correction, Given: euros(600)},
			true, "", euros(500), 500, true},
		"down, that stands, of what was left": {whole(gave(100)), record.Record{Kind: correction, Given: euros(300)}, true,
			"", euros(300), 100, true},
		"of what was taken back": {whole(gave(500)), record.Record{Kind: correction, Given: euros(500)}, false,
			fault.AlreadyVoided, record.Money{}, 500, true},
	} {
		c.rec.ID = record.ID{7}
		out := apply(c.target, giveBack{rec: &c.rec, stands: c.stands}, capped)
		assert.Equal(t, c.want, fault.CodeOf(out.err), name)
		if c.want == "" {
			assert.Equal(t, c.booked, out.booked, name)
		}
		assert.Equal(t, c.back, out.after.TakenBack, name)
		assert.Equal(t, c.voided, !out.after.Voided.IsZero(), name)
	}
}

// Whatever voids and corrections come, in whatever order: not less than nothing and not more than was given comes back.
func TestNoOrderOfVoidsAndCorrectionsTakesBackMoreThanWasGiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target, booked := gave(0), int64(0)
		for i := range rapid.IntRange(1, 12).Draw(t, "records") {
			rec := record.Record{ID: record.ID{byte(i + 2)}, Kind: rapid.SampledFrom([]record.Kind{record.Void,
				record.Correction}).Draw(t, "kind"),
				Partial: rapid.Bool().Draw(t, "partial"), GivenBy: record.GivenBy(rapid.IntRange(0, 3).Draw(t, "by")),
				Given: record.Money{Amount: rapid.Int64Range(0, 700).Draw(t, "amount"),
					Currency: rapid.SampledFrom([]string{"EUR", "EUR", "USD"}).Draw(t, "currency")}}
			out := apply(target, giveBack{rec: &rec, stands: rapid.Bool().Draw(t, "stands")}, nil)
			if out.err != nil {
				continue
			}
			if rec.Kind == record.Void {
				booked += out.booked.Amount
			}
			target = out.after
			if target.TakenBack != booked || target.TakenBack < 0 || target.TakenBack > target.Given.Amount ||
				target.Given.Currency != "EUR" {
				t.Fatalf("%d of %v came back, %d were booked", target.TakenBack, target.Given, booked)
			}
		}
	})
}

func TestTheNewestUseIsTheOneThatAVoidByOfferTakes(t *testing.T) {
	use := func(id byte, merchant string, earliest, latest int64) store.Use {
		return store.Use{Record: record.ID{id}, Place: record.Place{Merchant: merchant}, Earliest: earliest, Redeemed: latest}
	}
	o := &store.Offer{ID: offer.ID{1}, Uses: []store.Use{use(1, "m", 10, 20), use(2, "m", 30, 40), use(3, "n", 35, 45),
		use(4, "m", 50, 90)}}
	for _, c := range []struct {
		latest int64
		want   byte // 0: none
	}{{9, 0}, {10, 1}, {29, 1}, {30, 2}, {49, 2}, {50, 4}, {1000, 4}} {
		void := &store.Entry{Place: record.Place{Merchant: "m"}, Latest: c.latest}
		u := newestUse(o, void, nil)
		got := byte(0)
		if u != nil {
			got = u.Record[0]
		}
		assert.Equal(t, c.want, got, "a void that was made by %d", c.latest)
	}
}

// The chain of the terminal that made both says which came first, whatever the moments leave open.
func TestARedemptionAfterAVoidAtTheSameTerminalIsNotTheOneThatItTakes(t *testing.T) {
	made := func(terminal, chain byte, number uint64) *store.Entry {
		rec := record.Record{Version: record.Version, Kind: record.Redemption, ID: record.ID{byte(number)},
			Terminal: record.TerminalID{terminal}, Chain: record.ChainID{chain}, Number: number, Offer: offer.ID{1},
			Sale: record.Sale{Key: "s"}}
		raw, err := rec.Encode()
		require.NoError(t, err)
		return &store.Entry{ID: rec.ID, Terminal: rec.Terminal, Raw: raw}
	}
	void := made(1, 1, 5)
	for name, c := range map[string]struct {
		redemption *store.Entry
		follows    bool
	}{
		"made before":          {made(1, 1, 4), false},
		"made after":           {made(1, 1, 6), true},
		"in another chain":     {made(1, 2, 6), false},
		"at another terminal":  {made(2, 1, 6), false},
		"not kept any more":    {&store.Entry{Terminal: void.Terminal}, false},
		"of which nothing is":  {nil, false},
		"the other way around": {void, false},
	} {
		assert.Equal(t, c.follows, follows(c.redemption, void), name)
		if c.redemption == nil {
			continue
		}
		o := &store.Offer{Uses: []store.Use{{Record: c.redemption.ID}}}
		u := newestUse(o, void, map[record.ID]*store.Entry{c.redemption.ID: c.redemption})
		assert.Equal(t, c.follows, u == nil, "%s: the moments would allow it", name)
	}
}
