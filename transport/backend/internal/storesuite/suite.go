// Package storesuite has the suite that every store must pass, which package storetest hands on, and what only this
// project's stores need beside it: a PostgreSQL server for tests, measurements, and the rows of the golden files.
package storesuite

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/waits"
	"github.com/offlane/offlane/transport/backend/store"
)

// Run runs the suite. open returns an empty store, which Run closes.
func Run(t *testing.T, open func(*testing.T) store.Store) {
	for name, test := range map[string]func(*testing.T, store.Store){
		"settings":             settings,
		"campaigns":            campaigns,
		"codes":                codes,
		"management keys":      managementKeys,
		"challenges":           challenges,
		"terminals":            terminals,
		"offers":               offers,
		"marks":                marksFollowOffers,
		"many marks":           marksAreReadInParts,
		"bundles":              bundles,
		"entries and verdicts": entries,
		"receipts":             receipts,
		"entries of a day":     dayEntries,
		"ledger and figures":   postings,
		"operators":            operators,
		"waiting":              waiting,
		"flags":                flagRows,
		"agreements":           agreements,
		"devices":              devices,
		"answers":              answers,
		"clicks":               clicks,
		"measures":             measures,
		"settlements":          settlements,
		"unused offers":        unusedOffers,
		"old records":          oldRecords,
		"errors leave nothing": rollBack,
		"views do not write":   readOnly,
		"a limit is a limit":   limit,
		"first wins":           firstWins,
		"void meets use":       voidMeetsUse,
		"tills at once":        tillsAtOnce,
		"failed reads":         failedReads,
		"many rows":            manyRows,
		"closed":               closing,
	} {
		t.Run(name, func(t *testing.T) {
			st := open(t)
			defer st.Close()
			test(t, st)
		})
	}
}

func update(t testing.TB, s store.Store, fn func(store.Tx) error) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), fn))
}

func view(t testing.TB, s store.Store, fn func(store.Tx) error) {
	t.Helper()
	require.NoError(t, s.View(t.Context(), fn))
}

func settings(t *testing.T, s store.Store) {
	for _, value := range []string{"one", "two"} {
		update(t, s, func(tx store.Tx) error {
			_, err := tx.Setting("a")
			return errors.Join(err, tx.PutSetting("a", []byte(value)))
		})
		view(t, s, func(tx store.Tx) error {
			got, err := tx.Setting("a")
			assert.Equal(t, value, string(got))
			none, err2 := tx.Setting("b")
			assert.Nil(t, none)
			return errors.Join(err, err2)
		})
	}
}

func campaigns(t *testing.T, s store.Store) {
	want := []store.Campaign{
		{ID: "B", Merchant: "m", Title: "große Tasse", FollowUps: []store.FollowUp{{Offer: "a"}}},
		{ID: "a", Merchant: "m", Title: "A", Limit: 3},
	}
	update(t, s, func(tx store.Tx) error { return errors.Join(tx.PutCampaign(want[1]), tx.PutCampaign(want[0])) })
	update(t, s, func(tx store.Tx) error {
		c, err := tx.LockCampaign("a")
		require.NoError(t, err)
		c.Accepted = 2
		want[1] = *c
		return tx.PutCampaign(*c)
	})
	view(t, s, func(tx store.Tx) error {
		all, err := tx.Campaigns()
		assert.Equal(t, want, all, "by id")
		c, err2 := tx.Campaign("a")
		assert.Equal(t, &want[1], c)
		none, err3 := tx.LockCampaign("c")
		assert.Nil(t, none)
		none, err4 := tx.Campaign("\x00")
		assert.Nil(t, none, "a stranger may ask for anything")
		return errors.Join(err, err2, err3, err4)
	})
}

func codes(t *testing.T, s store.Store) {
	mine := store.Code{Hash: store.HashOf("x"), Merchant: "m", Store: "s", Terminals: 2}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutCode(mine), tx.PutCode(store.Code{Hash: store.HashOf("y"), Merchant: "n"}))
	})
	update(t, s, func(tx store.Tx) error {
		c, err := tx.Code(mine.Hash)
		require.NoError(t, err)
		c.Used++
		mine = *c
		return tx.PutCode(*c)
	})
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Codes("m")
		assert.Equal(t, []store.Code{mine}, got)
		none, err2 := tx.Code(store.HashOf("z"))
		assert.Nil(t, none)
		return errors.Join(err, err2)
	})
}

func terminals(t *testing.T, s store.Store) {
	row := store.Terminal{ID: record.NewTerminalID(), Key: make([]byte, 32), Place: record.Place{Merchant: "m", Store: "s",
		Lane: "1"},
		Token: store.HashOf("one"), Chains: []store.Chain{{ID: record.NewChainID(), Runs: []store.Run{{First: 1, Last: 9}}}}}
	update(t, s, func(tx store.Tx) error { return tx.PutTerminal(row) })
	update(t, s, func(tx store.Tx) error {
		got, err := tx.Terminal(row.ID)
		require.NoError(t, err)
		assert.Equal(t, &row, got)
		got.Token = store.HashOf("two")
		return tx.PutTerminal(*got)
	})
	row.Token = store.HashOf("two")
	view(t, s, func(tx store.Tx) error {
		old, err := tx.Credentials(store.HashOf("one"))
		assert.Nil(t, old, "the old token is gone")
		got, err2 := tx.Credentials(store.HashOf("two"))
		assert.Equal(t, new(row.Credentials()), got)
		all, err3 := tx.Terminals("m")
		assert.Equal(t, []store.Terminal{row}, all)
		others, err4 := tx.Terminals("n")
		assert.Empty(t, others)
		return errors.Join(err, err2, err3, err4)
	})
}

// anOffer is accepted on the first of November 2026.
func anOffer(alias string) store.Offer {
	return store.Offer{ID: offer.NewID(), Alias: alias, Campaign: "c", Device: store.HashOf("device"),
		Accepted:  1793491200000,
		NotBefore: 1793491200000, NotAfter: 1800000000000, MaxUses: 1, Pass: "OL1:X"}
}

func offers(t *testing.T, s store.Store) {
	a, b := anOffer("255:1"), anOffer("")
	update(t, s, func(tx store.Tx) error { return errors.Join(tx.AddOffer(a), tx.AddOffer(b)) })
	for name, taken := range map[string]store.Offer{"id": {ID: a.ID, MaxUses: 1}, "alias": anOffer("255:1")} {
		err := s.Update(t.Context(), func(tx store.Tx) error { return tx.AddOffer(taken) })
		assert.ErrorIs(t, err, fault.Conflict, name)
	}
	b.Uses = []store.Use{{Record: record.NewID(), Terminal: record.NewTerminalID(), Place: record.Place{Store: "s"},
		Earliest: 4, Redeemed: 5,
		Committed: 6, Given: record.Money{Amount: -7, Currency: "EUR"}}}
	b.Revoked, b.Recovered = 9, 10
	update(t, s, func(tx store.Tx) error { return tx.PutOffers([]store.Offer{b}) })
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Offers([]offer.ID{{}, a.ID, offer.NewID(), b.ID}, []string{"", "255:1", "255:2", "\x00"})
		assert.ElementsMatch(t, []store.Offer{a, b}, got, "each once")
		got, err2 := tx.Offers(nil, []string{"255:1"})
		assert.Equal(t, []store.Offer{a}, got)
		none, err3 := tx.Offers(nil, nil)
		assert.Empty(t, none)
		return errors.Join(err, err2, err3)
	})
}

func anEntry(terminal record.TerminalID, number uint64, edit ...func(*store.Entry)) store.Entry {
	e := store.Entry{ID: record.NewID(), Raw: []byte{1, 2, 3}, Hash: record.HashOf([]byte{1, 2, 3}), Terminal: terminal,
		Kind:   record.Redemption,
		Effect: posting.Gave, Offer: offer.NewID(), Campaign: "c", Place: record.Place{Merchant: "m", Store: "s", Lane: "1"},
		Day:   "2026-11-02",
		Given: record.Money{Amount: 250, Currency: "EUR"}, Delay: 60}
	e.Verdict = record.Verdict{Version: record.Version, Number: number, Record: e.ID, Hash: e.Hash,
		Status: record.Confirmed, Judged: 7}
	for _, change := range edit {
		change(&e)
	}
	return e
}

func entries(t *testing.T, s store.Store) {
	one, two := record.NewTerminalID(), record.NewTerminalID()
	var want []record.Verdict
	for n := uint64(1); n <= 300; n++ {
		e := anEntry(one, n, func(e *store.Entry) {
			if n%2 == 0 {
				e.Verdict.Status, e.Verdict.Reason, e.Verdict.Detail = record.Duplicate, fault.RedeemedElsewhere, "elsewhere"
				e.Verdict.First = &record.First{Place: record.Place{Store: "s-2"}, Record: record.NewID(), Redeemed: 1,
					Committed: 2}
			}
		})
		want = append(want, e.Verdict)
		update(t, s, func(tx store.Tx) error { return tx.PutEntries([]store.Entry{e, anEntry(two, n)}) })
	}
	for _, c := range []struct {
		after uint64
		most  int
		want  []record.Verdict
	}{{0, 1000, want}, {255, 3, want[255:258]}, {299, 10, want[299:]}, {300, 10, nil}, {1<<64 - 1, 10, nil}} {
		view(t, s, func(tx store.Tx) error {
			got, err := tx.Verdicts(one, c.after, c.most)
			assert.Equal(t, len(c.want), len(got))
			assert.ElementsMatch(t, c.want, got)
			return err
		})
	}
	voided := anEntry(one, 301)
	wait := anEntry(one, 0, func(e *store.Entry) {
		e.Kind, e.Effect, e.Verdict.Status, e.Earliest, e.Latest = record.Void, posting.Waits, record.Received, 3, 4
	})
	update(t, s, func(tx store.Tx) error { return tx.PutEntries([]store.Entry{voided, wait}) })
	update(t, s, func(tx store.Tx) error {
		got, err := tx.Entries([]record.ID{voided.ID, wait.ID, record.NewID()})
		require.NoError(t, err)
		assert.ElementsMatch(t, []store.Entry{voided, wait}, got)
		voided.Voided, voided.TakenBack, voided.Until = record.NewID(), 100, 5
		wait.Effect, wait.Verdict.Status, wait.Verdict.Number = posting.TookBack, record.Confirmed, 302
		wait.Verdict.Booked = &record.Money{Amount: 100, Currency: "EUR"}
		return tx.PutEntries([]store.Entry{voided, wait})
	})
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Entries([]record.ID{voided.ID, wait.ID})
		assert.ElementsMatch(t, []store.Entry{voided, wait}, got)
		verdicts, err2 := tx.Verdicts(one, 300, 10)
		assert.Equal(t, []record.Verdict{voided.Verdict, wait.Verdict}, verdicts,
			"what waited is found by its number once it has one")
		return errors.Join(err, err2)
	})
}

func receipts(t *testing.T, s store.Store) {
	a := anEntry(record.NewTerminalID(), 1)
	void := anEntry(a.Terminal, 2, func(e *store.Entry) { e.Kind = record.Void })
	update(t, s, func(tx store.Tx) error { return tx.PutEntries([]store.Entry{a, void}) })
	update(t, s, func(tx store.Tx) error {
		require.NoError(t, tx.LockMerchant("m", false))
		got, err := tx.Redemptions("m", []record.Receipt{a.ID.Receipt(), void.ID.Receipt(), record.NewID().Receipt()})
		assert.Equal(t, []store.Entry{a}, got, "a void is no redemption")
		none, err2 := tx.Redemptions("n", []record.Receipt{a.ID.Receipt()})
		assert.Empty(t, none, "another merchant's is not found")
		return errors.Join(err, err2)
	})
}

// newPosting returns what one transaction adds to the books of a campaign.
func newPosting(campaign, day, currency string, given int64) *store.Posting {
	var p posting.Sums
	p.Add(store.Tally{Campaign: campaign, Merchant: "m", Store: "s", Day: day, Currency: currency, Redeemed: 1,
		Given: given, Delay: 60}, 1)
	return p.Posting()
}

func postings(t *testing.T, s store.Store) {
	var accepted, voided posting.Sums
	accepted.Add(store.Tally{Campaign: "c", Day: "2026-11-01", Currency: "EUR", Accepted: 2, Shown: 5}, 1)
	accepted.Owe("c", "EUR", "2026-12-01", 300)
	accepted.Owe("c", "EUR", "2026-12-02", 200)
	voided.Add(store.Tally{Campaign: "c", Merchant: "m", Store: "s", Day: "2026-11-02", Currency: "EUR", Voided: 1,
		TakenBack: 100}, 1)
	voided.Owe("c", "EUR", "2026-12-01", -250)
	for _, p := range []*store.Posting{accepted.Posting(), newPosting("c", "2026-11-02", "EUR", 250),
		newPosting("c", "2026-11-03", "CHF", 40), voided.Posting(),
		newPosting("d", "2026-11-02", "EUR", 7), newPosting("c", "2026-11-02", "EUR", 250), {}} {
		update(t, s, func(tx store.Tx) error { return tx.Post(p) })
	}
	var back posting.Sums // what was counted and is counted no more leaves nothing
	back.Add(store.Tally{Campaign: "c", Merchant: "m", Store: "s", Day: "2026-11-03", Currency: "CHF", Redeemed: 1,
		Given: 40, Delay: 60}, -1)
	update(t, s, func(tx store.Tx) error { return tx.Post(back.Posting()) })
	view(t, s, func(tx store.Tx) error {
		spent, err := tx.Spent("c", "EUR", "")
		assert.Equal(t, store.Spent{Given: 500, TakenBack: 100}, spent)
		for day, liability := range map[string]int64{"2026-11-30": 250, "2026-12-01": 200, "2026-12-02": 0} {
			owing, err := tx.Spent("c", "EUR", day)
			require.NoError(t, err)
			assert.Equal(t, store.Spent{Given: 500, TakenBack: 100, Liability: liability}, owing, "on %s", day)
		}
		none, err2 := tx.Spent("c", "USD", "2026-11-01")
		assert.Zero(t, none, "currencies are never added together")
		kept, err3 := tx.Ledger("c")
		euros := posting.LedgerLine{Campaign: "c", Currency: "EUR", Accepted: 2, Given: 500, TakenBack: 100, Liability: 250}
		assert.Contains(t, posting.SumLedger("c", "2026-11-30", kept), euros)
		euros.Liability = 200
		assert.Contains(t, posting.SumLedger("c", "2026-12-01", kept), euros, "what ended leaves the liability")
		return errors.Join(err, err2, err3)
	})
	first := store.Tally{Campaign: "c", Day: "2026-11-01", Currency: "EUR", Accepted: 2, Shown: 5}
	second := store.Tally{Campaign: "c", Merchant: "m", Store: "s", Day: "2026-11-02", Currency: "EUR", Redeemed: 2,
		Voided: 1,
		Given:  500, TakenBack: 100, Delay: 120}
	for _, c := range []struct {
		from, to string
		want     []store.Tally
	}{
		{"", "", []store.Tally{first, second}}, {"2026-11-02", "", []store.Tally{second}},
		{"", "2026-11-01", []store.Tally{first}}, {"2026-11-03", "", nil},
	} {
		view(t, s, func(tx store.Tx) error {
			got, err := tx.Tallies([]string{"", "c"}, c.from, c.to)
			assert.ElementsMatch(t, c.want, got, "%s to %s", c.from, c.to)
			return err
		})
	}
}

func waiting(t *testing.T, s store.Store) {
	one, two := record.NewTerminalID(), record.NewTerminalID()
	offered, printed := waits.TargetOffer(offer.NewID()), waits.TargetReceipt("m\x00", "X79NA-0B3W9")
	all := []store.Waiting{
		{Target: offered, Record: record.NewID(), Terminal: one, Number: 7, Received: 1, Until: 30, Stands: true},
		{Target: printed, Record: record.NewID(), Terminal: two, Received: 2, Until: 10},
		{Target: offered, Record: record.NewID(), Terminal: one, Received: 3, Until: 20},
	}
	for _, w := range []store.Waiting{all[2], all[0], all[1]} {
		update(t, s, func(tx store.Tx) error { return tx.AddWaiting(w) })
	}
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Waiting([]store.Target{printed, waits.TargetRecord(record.NewID()), offered})
		assert.Equal(t, all, got, "in the order in which they came")
		none, err2 := tx.Waiting(nil)
		assert.Empty(t, none)
		overdue, err3 := tx.Overdue(one, 30, 10)
		assert.Equal(t, []store.Waiting{all[2], all[0]}, overdue, "the longest overdue first, of that terminal alone")
		some, err4 := tx.Overdue(one, 30, 1)
		assert.Len(t, some, 1)
		early, err5 := tx.Overdue(one, 19, 10)
		assert.Empty(t, early)
		return errors.Join(err, err2, err3, err4, err5)
	})
	update(t, s, func(tx store.Tx) error { return tx.DropWaiting(all[0]) })
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Waiting([]store.Target{offered})
		assert.Equal(t, all[2:], got)
		overdue, err2 := tx.Overdue(one, 30, 10)
		assert.Len(t, overdue, 1)
		return errors.Join(err, err2)
	})
}

func flagRows(t *testing.T, s store.Store) {
	var all []store.Flag
	for at := range int64(5) {
		all = append(all, store.Flag{Kind: flags.Overlap, Merchant: "m", Record: record.NewID(),
			Terminal: record.NewTerminalID(), At: at + 1, Detail: "d"})
	}
	for _, f := range append(all[1:], all[0], store.Flag{Kind: flags.Clamped, Merchant: "mm", Record: record.NewID(),
		At: 1}) {
		update(t, s, func(tx store.Tx) error { return tx.AddFlag(f) })
	}
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Flags("m", store.Flag{}, 3)
		assert.Equal(t, all[:3], got)
		rest, err2 := tx.Flags("m", all[2], 10)
		assert.Equal(t, all[3:], rest)
		return errors.Join(err, err2)
	})
	one, other := record.TerminalID{1}, record.TerminalID{2}
	onTerminals := []store.Flag{{Kind: flags.KeyChanged, Merchant: "n", Terminal: one, At: 9},
		{Kind: flags.Moved, Merchant: "n", Terminal: one, At: 9},
		{Kind: flags.KeyChanged, Merchant: "n", Terminal: other, At: 9}}
	for _, f := range onTerminals {
		update(t, s, func(tx store.Tx) error { return tx.AddFlag(f) })
	}
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Flags("n", store.Flag{}, 10)
		assert.Equal(t, onTerminals, got, "flags on terminals have no record, and may come at one moment")
		rest, err2 := tx.Flags("n", onTerminals[1], 10)
		assert.Equal(t, onTerminals[2:], rest)
		return errors.Join(err, err2)
	})
}

func rollBack(t *testing.T, s store.Store) {
	o, e := anOffer("255:9"), anEntry(record.NewTerminalID(), 1)
	stop := errors.New("stop")
	err := s.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(tx.AddOffer(o), tx.PutEntries([]store.Entry{e}), tx.PutSetting("a", []byte("x")),
			tx.Post(newPosting("c", "2026-11-02", "EUR", 1)), tx.AddWaiting(store.Waiting{Target: "x", Record: e.ID,
				Terminal: e.Terminal}), stop)
	})
	require.ErrorIs(t, err, stop)
	view(t, s, func(tx store.Tx) error {
		offers, err := tx.Offers([]offer.ID{o.ID}, []string{"255:9"})
		assert.Empty(t, offers)
		entries, err2 := tx.Entries([]record.ID{e.ID})
		assert.Empty(t, entries)
		counts, err3 := tx.Tallies([]string{"c"}, "", "")
		assert.Empty(t, counts)
		kept, err4 := tx.Ledger("c")
		assert.Empty(t, kept)
		waits, err5 := tx.Waiting([]store.Target{"x"})
		assert.Empty(t, waits)
		return errors.Join(err, err2, err3, err4, err5)
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, s.Update(ctx, func(store.Tx) error { return nil }), context.Canceled)
}

func readOnly(t *testing.T, s store.Store) {
	err := s.View(t.Context(), func(tx store.Tx) error { return tx.PutSetting("a", []byte("x")) })
	assert.Error(t, err)
}

func closing(t *testing.T, s store.Store) {
	require.NoError(t, s.Close())
	err := s.View(t.Context(), func(store.Tx) error { return nil })
	assert.Error(t, err)
}
