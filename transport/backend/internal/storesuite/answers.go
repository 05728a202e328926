package storesuite

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/store"
)

func answers(t *testing.T, s store.Store) {
	mine, other := store.HashOf("mine"), store.HashOf("other")
	row := func(device store.Hash, name string) store.Answer {
		return store.Answer{Device: device, Name: name, Campaign: "c", Offer: "d", Days: []int64{20_000}, Times: 1}
	}
	first, second, theirs := row(mine, "c/0"), row(mine, "c/1"), row(other, "c/0")
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutDevice(store.Device{Hash: mine}), tx.PutAnswers([]store.Answer{second, first, theirs}),
			tx.PutAnswers(nil))
	})
	update(t, s, func(tx store.Tx) error {
		got, err := tx.Answers(mine)
		require.Len(t, got, 2, "what was written is there")
		first = got[0]
		first.Times, first.Days, first.Quiet = 2, []int64{20_000, 20_001}, 7
		return errors.Join(err, tx.PutAnswers([]store.Answer{first}), tx.DropAnswers(mine, []string{"c/1", "c/2"}))
	})
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Answers(mine)
		assert.Equal(t, []store.Answer{first}, got, "replaced, and the other one dropped")
		others, err2 := tx.Answers(other)
		assert.Equal(t, []store.Answer{theirs}, others, "another device's are its own")
		return errors.Join(err, err2)
	})
	update(t, s, func(tx store.Tx) error { return tx.ForgetDevice(mine) })
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Answers(mine)
		assert.Empty(t, got, "they go with the device")
		return err
	})
	shownInAll(t, s)
}

func shownInAll(t *testing.T, s store.Store) {
	for want := range int64(3) {
		update(t, s, func(tx store.Tx) error {
			n, err := tx.ShownInAll("c/0")
			assert.Equal(t, want, n, "as it was written last")
			return errors.Join(err, tx.PutShownInAll("c/0", n+1))
		})
	}
	view(t, s, func(tx store.Tx) error {
		none, err := tx.ShownInAll("c/1")
		assert.Zero(t, none, "of another one nothing was written")
		return err
	})
}

// sampleAnswer has every field set.
func sampleAnswer() store.Answer {
	return store.Answer{Device: store.HashOf("device"), Name: "coffee/0", Campaign: "coffee", Offer: "cake",
		Days: []int64{20_000, 20_001}, Times: 38, Quiet: 39}
}

func readAnswer(t testing.TB, tx store.Tx) {
	t.Helper()
	got, err := tx.Answers(store.HashOf("device"))
	require.NoError(t, err)
	assert.Equal(t, []store.Answer{sampleAnswer()}, got)
	times, err := tx.ShownInAll("coffee/0")
	require.NoError(t, err)
	assert.EqualValues(t, 37, times)
}
