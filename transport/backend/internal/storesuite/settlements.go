package storesuite

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

func settlements(t *testing.T, s store.Store) {
	row := func(owner, partner, day, campaign string, given int64) store.Settlement {
		return store.Settlement{Owner: owner, Partner: partner, Day: day, Campaign: campaign, Currency: "EUR", Redeemed: 1,
			Given: given}
	}
	first, second := row("m", "n", "2026-11-01", "c", 250), row("m", "n", "2026-11-02", "d", 40)
	back := store.Settlement{Owner: "m", Partner: "n", Day: "2026-11-01", Campaign: "c", Currency: "EUR", Voided: 1,
		TakenBack: 100}
	for _, add := range []store.Settlement{first, second, row("n", "m", "2026-11-01", "e", 7), first, back,
		row("mn", "", "2026-11-01", "f", 9)} {
		update(t, s, func(tx store.Tx) error {
			var p posting.Sums
			p.Settle(add)
			return tx.Post(p.Posting())
		})
	}
	first.Redeemed, first.Given, first.Voided, first.TakenBack = 2, 500, 1, 100
	view(t, s, func(tx store.Tx) error {
		for _, c := range []struct {
			from, to string
			want     []store.Settlement
		}{
			{"", "", []store.Settlement{first, second}}, {"2026-11-02", "", []store.Settlement{second}},
			{"", "2026-11-01", []store.Settlement{first}}, {"2026-11-03", "", nil},
		} {
			got, err := tx.Settlements("m", "n", c.from, c.to)
			require.NoError(t, err)
			assert.ElementsMatch(t, c.want, got, "from %q to %q", c.from, c.to)
		}
		none, err := tx.Settlements("n", "o", "", "")
		assert.Empty(t, none, "nothing is between them")
		return err
	})
	closings(t, s)
}

func closings(t *testing.T, s store.Store) {
	closing := func(day string) store.Closing {
		return store.Closing{Owner: "m", Partner: "n", Day: day, Content: []byte{1}, KeyID: "k", Signature: []byte{2}}
	}
	for _, c := range []struct{ day, last string }{{"2026-11-02", "2026-11-02"}, {"2026-11-01", "2026-11-02"},
		{"2026-11-03", "2026-11-03"}} {
		update(t, s, func(tx store.Tx) error {
			none, err := tx.Closing("m", "n", c.day)
			assert.Nil(t, none, "it was not closed")
			return errors.Join(err, tx.PutClosing(closing(c.day)))
		})
		view(t, s, func(tx store.Tx) error {
			got, err := tx.Closing("m", "n", c.day)
			assert.Equal(t, new(closing(c.day)), got)
			last, err2 := tx.LastClosed("m", "n")
			assert.Equal(t, c.last, last, "the last day, in whatever order they were closed")
			others, err3 := tx.LastClosed("n", "m")
			assert.Empty(t, others, "the other way round nothing was closed")
			return errors.Join(err, err2, err3)
		})
	}
}

// sampleSettlement and sampleClosing have every field set.
func sampleSettlement() store.Settlement {
	return store.Settlement{Owner: "shop.example", Partner: "m-2", Day: "2026-11-01", Campaign: "coffee", Currency: "CHF",
		Redeemed: 2, Voided: 1, Given: 500, TakenBack: 250}
}

func sampleClosing() store.Closing {
	return store.Closing{Owner: "shop.example", Partner: "m-2", Day: "2026-11-01", Content: []byte{15}, KeyID: "root",
		Signature: []byte{16}}
}

func readSettlement(t testing.TB, tx store.Tx) {
	t.Helper()
	rows, err := tx.Settlements("shop.example", "m-2", "", "")
	require.NoError(t, err)
	assert.Equal(t, []store.Settlement{sampleSettlement()}, rows)
	closing, err := tx.Closing("shop.example", "m-2", "2026-11-01")
	require.NoError(t, err)
	assert.Equal(t, new(sampleClosing()), closing)
	last, err := tx.LastClosed("shop.example", "m-2")
	require.NoError(t, err)
	assert.Equal(t, "2026-11-01", last)
}
