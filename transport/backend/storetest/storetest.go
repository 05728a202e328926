// Package storetest holds the suite that every backend.Store must pass, and starts a PostgreSQL server for tests.
//
//	func TestConformance(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) backend.Store { return openEmpty(t) })
//	}
package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/rows"
)

// Run runs the suite. open returns an empty store, which Run closes.
func Run(t *testing.T, open func(*testing.T) backend.Store) {
	for name, test := range map[string]func(*testing.T, backend.Store){
		"settings":             settings,
		"campaigns":            campaigns,
		"codes":                codes,
		"terminals":            terminals,
		"offers":               offers,
		"marked offers":        markedOffers,
		"entries and verdicts": entries,
		"receipts":             receipts,
		"tallies":              tallies,
		"errors leave nothing": rollBack,
		"views do not write":   readOnly,
		"a limit is a limit":   limit,
		"first wins":           firstWins,
		"void meets use":       voidMeetsUse,
		"closed":               closed,
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			defer store.Close()
			test(t, store)
		})
	}
}

func update(t testing.TB, s backend.Store, fn func(backend.Tx) error) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), fn))
}

func view(t testing.TB, s backend.Store, fn func(backend.Tx) error) {
	t.Helper()
	require.NoError(t, s.View(t.Context(), fn))
}

func settings(t *testing.T, s backend.Store) {
	for _, value := range []string{"one", "two"} {
		update(t, s, func(tx backend.Tx) error {
			_, err := tx.Setting("a")
			return errors.Join(err, tx.PutSetting("a", []byte(value)))
		})
		view(t, s, func(tx backend.Tx) error {
			got, err := tx.Setting("a")
			assert.Equal(t, value, string(got))
			none, err2 := tx.Setting("b")
			assert.Nil(t, none)
			return errors.Join(err, err2)
		})
	}
}

func campaigns(t *testing.T, s backend.Store) {
	want := []backend.Campaign{
		{ID: "B", Merchant: "m", Title: "große Tasse", FollowUps: []backend.FollowUp{{Offer: "a"}}}, {ID: "a", Merchant: "m", Title: "A", Limit: 3},
	}
	update(t, s, func(tx backend.Tx) error { return errors.Join(tx.PutCampaign(want[1]), tx.PutCampaign(want[0])) })
	update(t, s, func(tx backend.Tx) error {
		c, err := tx.LockCampaign("a")
		require.NoError(t, err)
		c.Accepted = 2
		want[1] = *c
		return tx.PutCampaign(*c)
	})
	view(t, s, func(tx backend.Tx) error {
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

func codes(t *testing.T, s backend.Store) {
	mine := backend.Code{Hash: rows.HashOf("x"), Text: "x", Merchant: "m", Store: "s", Terminals: 2}
	update(t, s, func(tx backend.Tx) error {
		return errors.Join(tx.PutCode(mine), tx.PutCode(backend.Code{Hash: rows.HashOf("y"), Text: "y", Merchant: "n"}))
	})
	update(t, s, func(tx backend.Tx) error {
		c, err := tx.Code(mine.Hash)
		require.NoError(t, err)
		c.Used++
		mine = *c
		return tx.PutCode(*c)
	})
	view(t, s, func(tx backend.Tx) error {
		got, err := tx.Codes("m")
		assert.Equal(t, []backend.Code{mine}, got)
		none, err2 := tx.Code(rows.HashOf("z"))
		assert.Nil(t, none)
		return errors.Join(err, err2)
	})
}

func terminals(t *testing.T, s backend.Store) {
	row := backend.Terminal{ID: record.NewTerminalID(), Key: make([]byte, 32), Place: record.Place{Merchant: "m", Store: "s", Lane: "1"},
		Token: rows.HashOf("one"), Chains: []rows.Chain{{ID: record.NewChainID(), Runs: []rows.Run{{First: 1, Last: 9}}}}}
	update(t, s, func(tx backend.Tx) error { return tx.PutTerminal(row) })
	update(t, s, func(tx backend.Tx) error {
		got, err := tx.Terminal(row.ID)
		require.NoError(t, err)
		assert.Equal(t, &row, got)
		got.Token = rows.HashOf("two")
		return tx.PutTerminal(*got)
	})
	row.Token = rows.HashOf("two")
	view(t, s, func(tx backend.Tx) error {
		old, err := tx.TerminalByToken(rows.HashOf("one"))
		assert.Nil(t, old, "the old token is gone")
		got, err2 := tx.TerminalByToken(rows.HashOf("two"))
		assert.Equal(t, &row, got)
		all, err3 := tx.Terminals("m")
		assert.Equal(t, []backend.Terminal{row}, all)
		others, err4 := tx.Terminals("n")
		assert.Empty(t, others)
		return errors.Join(err, err2, err3, err4)
	})
}

// anOffer is accepted on the first of November 2026.
func anOffer(alias string) backend.Offer {
	return backend.Offer{ID: offer.NewID(), Alias: alias, Campaign: "c", Device: rows.HashOf("device"), Accepted: 1793491200000,
		NotBefore: 1793491200000, NotAfter: 1800000000000, MaxUses: 1, Pass: "OL1:X"}
}

func offers(t *testing.T, s backend.Store) {
	a, b := anOffer("255:1"), anOffer("")
	update(t, s, func(tx backend.Tx) error { return errors.Join(tx.AddOffer(a), tx.AddOffer(b)) })
	for name, taken := range map[string]backend.Offer{"id": {ID: a.ID, MaxUses: 1}, "alias": anOffer("255:1")} {
		err := s.Update(t.Context(), func(tx backend.Tx) error { return tx.AddOffer(taken) })
		assert.ErrorIs(t, err, fault.Conflict, name)
	}
	b.Uses = []backend.Use{{Record: record.NewID(), Terminal: record.NewTerminalID(), Place: record.Place{Store: "s"}, Redeemed: 5, Committed: 6,
		Given: record.Money{Amount: -7, Currency: "EUR"}}}
	b.Owed, b.Personal, b.Revoked = []backend.Use{{Record: record.NewID()}}, 8, 9
	update(t, s, func(tx backend.Tx) error { return tx.PutOffers([]backend.Offer{b}) })
	view(t, s, func(tx backend.Tx) error {
		got, err := tx.Offers([]offer.ID{{}, a.ID, offer.NewID(), b.ID}, []string{"", "255:1", "255:2", "\x00"})
		assert.ElementsMatch(t, []backend.Offer{a, b}, got, "each once")
		got, err2 := tx.Offers(nil, []string{"255:1"})
		assert.Equal(t, []backend.Offer{a}, got)
		none, err3 := tx.Offers(nil, nil)
		assert.Empty(t, none)
		return errors.Join(err, err2, err3)
	})
}

func markedOffers(t *testing.T, s backend.Store) {
	spent, free, old := anOffer(""), anOffer(""), anOffer("")
	spent.Uses, old.Uses, old.NotAfter = []backend.Use{{Record: record.NewID()}}, []backend.Use{{Record: record.NewID()}}, 100
	marked := func() (ids []offer.ID) {
		view(t, s, func(tx backend.Tx) error {
			return tx.MarkedOffers(100, func(o backend.Offer) error {
				ids = append(ids, o.ID)
				return nil
			})
		})
		return ids
	}
	for _, o := range []backend.Offer{spent, free, old} {
		fresh := o
		fresh.Uses = nil
		update(t, s, func(tx backend.Tx) error { return tx.AddOffer(fresh) })
	}
	assert.Empty(t, marked())
	update(t, s, func(tx backend.Tx) error { return tx.PutOffers([]backend.Offer{spent, free, old}) })
	assert.Equal(t, []offer.ID{spent.ID}, marked(), "those that expired are left out")
	spent.Uses, free.Revoked = nil, 5
	update(t, s, func(tx backend.Tx) error { return tx.PutOffers([]backend.Offer{spent, free}) })
	assert.Equal(t, []offer.ID{free.ID}, marked())
	stop := errors.New("stop")
	err := s.View(t.Context(), func(tx backend.Tx) error { return tx.MarkedOffers(0, func(backend.Offer) error { return stop }) })
	assert.ErrorIs(t, err, stop)
}

func anEntry(terminal record.TerminalID, number uint64, edit ...func(*backend.Entry)) backend.Entry {
	e := backend.Entry{ID: record.NewID(), Raw: []byte{1, 2, 3}, Hash: record.HashOf([]byte{1, 2, 3}), Terminal: terminal, Kind: record.Redemption,
		Offer: offer.NewID(), Campaign: "c", Place: record.Place{Merchant: "m", Store: "s", Lane: "1"}, Day: "2026-11-02",
		Given: record.Money{Amount: 250, Currency: "EUR"}, Delay: 60}
	e.Verdict = record.Verdict{Version: record.Version, Number: number, Record: e.ID, Hash: e.Hash, Status: record.Confirmed, Judged: 7}
	for _, change := range edit {
		change(&e)
	}
	return e
}

func entries(t *testing.T, s backend.Store) {
	one, two := record.NewTerminalID(), record.NewTerminalID()
	var want []record.Verdict
	for n := uint64(1); n <= 300; n++ {
		e := anEntry(one, n, func(e *backend.Entry) {
			if n%2 == 0 {
				e.Verdict.Status, e.Verdict.Reason, e.Verdict.Detail = record.Duplicate, fault.RedeemedElsewhere, "elsewhere"
				e.Verdict.First = &record.First{Place: record.Place{Store: "s-2"}, Record: record.NewID(), Redeemed: 1, Committed: 2}
			}
		})
		want = append(want, e.Verdict)
		update(t, s, func(tx backend.Tx) error { return tx.PutEntries([]backend.Entry{e, anEntry(two, n)}) })
	}
	for _, c := range []struct {
		after uint64
		most  int
		want  []record.Verdict
	}{{0, 1000, want}, {255, 3, want[255:258]}, {299, 10, want[299:]}, {300, 10, nil}, {1<<64 - 1, 10, nil}} {
		view(t, s, func(tx backend.Tx) error {
			got, err := tx.Verdicts(one, c.after, c.most)
			assert.Equal(t, len(c.want), len(got))
			assert.ElementsMatch(t, c.want, got)
			return err
		})
	}
	voided, stub := anEntry(one, 301), backend.Entry{ID: record.NewID(), Place: record.Place{Merchant: "m"}, Terminal: one, Voided: record.NewID()}
	update(t, s, func(tx backend.Tx) error { return tx.PutEntries([]backend.Entry{voided, stub}) })
	update(t, s, func(tx backend.Tx) error {
		got, err := tx.Entries([]record.ID{voided.ID, stub.ID, record.NewID()})
		require.NoError(t, err)
		assert.ElementsMatch(t, []backend.Entry{voided, stub}, got)
		voided.Voided = record.NewID()
		id, void := stub.ID, stub.Voided
		stub = anEntry(one, 302, func(e *backend.Entry) { e.ID, e.Voided = id, void })
		return tx.PutEntries([]backend.Entry{voided, stub})
	})
	view(t, s, func(tx backend.Tx) error {
		got, err := tx.Entries([]record.ID{voided.ID, stub.ID})
		assert.ElementsMatch(t, []backend.Entry{voided, stub}, got)
		verdicts, err2 := tx.Verdicts(one, 300, 10)
		assert.Equal(t, []record.Verdict{voided.Verdict, stub.Verdict}, verdicts)
		return errors.Join(err, err2)
	})
}

func receipts(t *testing.T, s backend.Store) {
	a := anEntry(record.NewTerminalID(), 1)
	void := anEntry(a.Terminal, 2, func(e *backend.Entry) { e.Kind = record.Void })
	update(t, s, func(tx backend.Tx) error { return tx.PutEntries([]backend.Entry{a, void}) })
	update(t, s, func(tx backend.Tx) error {
		require.NoError(t, tx.LockMerchant("m", false))
		got, err := tx.Redemptions("m", []record.Receipt{a.ID.Receipt(), void.ID.Receipt(), record.NewID().Receipt()})
		assert.Equal(t, []backend.Entry{a}, got, "a void is no redemption")
		none, err2 := tx.Redemptions("n", []record.Receipt{a.ID.Receipt()})
		assert.Empty(t, none, "another merchant's is not found")
		return errors.Join(err, err2)
	})
}

func tallies(t *testing.T, s backend.Store) {
	terminal := record.NewTerminalID()
	status := func(status record.Status) func(*backend.Entry) {
		return func(e *backend.Entry) { e.Verdict.Status = status }
	}
	rows := []backend.Entry{
		anEntry(terminal, 1), anEntry(terminal, 2, status(record.Duplicate)), anEntry(terminal, 3, status(record.Rejected)),
		anEntry(terminal, 4, status(record.Quarantined)), anEntry(terminal, 5, func(e *backend.Entry) { e.Kind, e.Given.Amount = record.Void, 100 }),
		anEntry(terminal, 6, func(e *backend.Entry) { e.Day = "2026-11-03" }), anEntry(terminal, 7, func(e *backend.Entry) { e.Campaign = "d" }),
		{ID: record.NewID(), Place: record.Place{Merchant: "m"}, Terminal: terminal, Voided: record.NewID()},
	}
	update(t, s, func(tx backend.Tx) error {
		return errors.Join(tx.AddOffer(anOffer("")), tx.AddOffer(anOffer("")), tx.AddShown("c", "2026-11-01", 2), tx.AddShown("c", "2026-11-01", 3), tx.PutEntries(rows))
	})
	update(t, s, func(tx backend.Tx) error { // replaced, and not counted again
		got, err := tx.Entries([]record.ID{rows[0].ID})
		require.NoError(t, err)
		return tx.PutEntries(got)
	})
	early := anEntry(terminal, 8, func(e *backend.Entry) { e.Kind, e.Campaign = 0, "" })
	update(t, s, func(tx backend.Tx) error { return tx.PutEntries([]backend.Entry{early}) })
	update(t, s, func(tx backend.Tx) error { // replaced, and counted as it stands now
		got, err := tx.Entries([]record.ID{early.ID})
		require.NoError(t, err)
		got[0].Kind, got[0].Campaign, got[0].Day, got[0].Given.Amount = record.Void, "c", "2026-11-04", 30
		return tx.PutEntries(got)
	})
	fourth := backend.Tally{Campaign: "c", Merchant: "m", Store: "s", Day: "2026-11-04", Voided: 1, Given: -30}
	view(t, s, func(tx backend.Tx) error {
		got, err := tx.Tallies([]string{"", "c"}, "2026-11-04", "")
		assert.Equal(t, []backend.Tally{fourth}, got, "what counts nothing is left out")
		return err
	})
	first := backend.Tally{Campaign: "c", Day: "2026-11-01", Accepted: 2, Shown: 5}
	second := backend.Tally{Campaign: "c", Merchant: "m", Store: "s", Day: "2026-11-02", Redeemed: 1, Voided: 1, Duplicates: 1, Rejected: 1,
		Quarantined: 1, Given: 150, Delay: 60}
	third := backend.Tally{Campaign: "c", Merchant: "m", Store: "s", Day: "2026-11-03", Redeemed: 1, Given: 250, Delay: 60}
	for _, c := range []struct {
		from, to string
		want     []backend.Tally
	}{
		{"", "", []backend.Tally{first, second, third, fourth}}, {"2026-11-02", "", []backend.Tally{second, third, fourth}},
		{"", "2026-11-02", []backend.Tally{first, second}}, {"2026-11-02", "2026-11-02", []backend.Tally{second}},
	} {
		view(t, s, func(tx backend.Tx) error {
			got, err := tx.Tallies([]string{"c"}, c.from, c.to)
			assert.ElementsMatch(t, c.want, got, "%s to %s", c.from, c.to)
			return err
		})
	}
}

func rollBack(t *testing.T, s backend.Store) {
	o, e := anOffer("255:9"), anEntry(record.NewTerminalID(), 1)
	stop := errors.New("stop")
	err := s.Update(t.Context(), func(tx backend.Tx) error {
		return errors.Join(tx.AddOffer(o), tx.PutEntries([]backend.Entry{e}), tx.PutSetting("a", []byte("x")), stop)
	})
	require.ErrorIs(t, err, stop)
	view(t, s, func(tx backend.Tx) error {
		offers, err := tx.Offers([]offer.ID{o.ID}, []string{"255:9"})
		assert.Empty(t, offers)
		entries, err2 := tx.Entries([]record.ID{e.ID})
		assert.Empty(t, entries)
		counts, err3 := tx.Tallies([]string{"c"}, "", "")
		assert.Empty(t, counts)
		return errors.Join(err, err2, err3)
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, s.Update(ctx, func(backend.Tx) error { return nil }), context.Canceled)
}

func readOnly(t *testing.T, s backend.Store) {
	err := s.View(t.Context(), func(tx backend.Tx) error { return tx.PutSetting("a", []byte("x")) })
	assert.Error(t, err)
}

func closed(t *testing.T, s backend.Store) {
	require.NoError(t, s.Close())
	err := s.View(t.Context(), func(backend.Tx) error { return nil })
	assert.Error(t, err)
}
