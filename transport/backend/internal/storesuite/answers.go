package storesuite

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/posting"
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
	shownTimes(t, s)
	dueAnswers(t, s)
}

func shownTimes(t *testing.T, s store.Store) {
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

// dueAnswers are found by when they are to be looked at, as it was written last.
func dueAnswers(t *testing.T, s store.Store) {
	one, two := store.HashOf("one"), store.HashOf("two")
	row := func(device store.Hash, name string, due int64) store.Answer {
		return store.Answer{Device: device, Name: name, Campaign: "c", Due: due}
	}
	due := func(before int64, most int) (all []store.Answer) {
		update(t, s, func(tx store.Tx) (err error) { all, err = tx.DueAnswers(before, most); return err })
		return all
	}
	first, second, later, never := row(two, "c/1", 10), row(one, "c/1", 20), row(one, "c/2", 30), row(one, "c/3", 0)
	first.Trial = &store.Trial{Arm: store.HeldOut, Began: 1, Ends: 2}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutDevice(store.Device{Hash: one}), tx.PutDevice(store.Device{Hash: two}),
			tx.PutAnswers([]store.Answer{never, later, second, first}))
	})
	assert.Equal(t, []store.Answer{first, second}, due(30, 10), "those that are due longest first, of any device")
	assert.Equal(t, []store.Answer{first}, due(30, 1), "at most so many")
	assert.Empty(t, due(10, 10), "the moment itself is not before it")
	first.Due, second.Due = 40, 0
	update(t, s, func(tx store.Tx) error { return tx.PutAnswers([]store.Answer{first, second}) })
	assert.Equal(t, []store.Answer{later, first}, due(41, 10), "as it was written last")
	update(t, s, func(tx store.Tx) error { return tx.DropAnswers(one, []string{"c/2"}) })
	assert.Equal(t, []store.Answer{first}, due(41, 10), "what was dropped is not due")
	update(t, s, func(tx store.Tx) error { return tx.ForgetDevice(two) })
	assert.Empty(t, due(41, 10), "nor what went with its device")
}

// clicks are found by their merchant.
func clicks(t *testing.T, s store.Store) {
	one, two := store.HashOf("one"), store.HashOf("two")
	row := func(device store.Hash, name, merchant string) store.Answer {
		return store.Answer{Device: device, Name: name, Campaign: "c",
			Click: &store.Click{Merchant: merchant, Offer: offer.ID{1}, Platform: "p", ID: "i", Agreed: 1, Text: "v1"}}
	}
	of := func(merchant string) (all []store.Answer) {
		view(t, s, func(tx store.Tx) (err error) { all, err = tx.ClickAnswers(merchant); return err })
		return all
	}
	first, second, theirs := row(one, "click:1", "m"), row(two, "click:2", "m"), row(two, "click:3", "mm")
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutDevice(store.Device{Hash: one}), tx.PutDevice(store.Device{Hash: two}),
			tx.PutAnswers([]store.Answer{first, second, theirs, {Device: one, Name: "c/0", Campaign: "c"}}))
	})
	assert.ElementsMatch(t, []store.Answer{first, second}, of("m"), "of any device, and of no other merchant")
	first.Click.Sent = []store.Sent{{Export: 1, Record: record.ID{2}, Redeemed: 3, Retracts: true}}
	first.Click.Withdrawn = 4
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutAnswers([]store.Answer{first}), tx.DropAnswers(two, []string{"click:2"}))
	})
	assert.Equal(t, []store.Answer{first}, of("m"), "as it was written last, and the other one dropped")
	update(t, s, func(tx store.Tx) error { return errors.Join(tx.ForgetDevice(one), tx.ForgetDevice(two)) })
	assert.Empty(t, append(of("m"), of("mm")...), "they go with their devices")
}

func measures(t *testing.T, s store.Store) {
	post := func(all ...store.Measure) {
		var p posting.Sums
		for _, m := range all {
			p.Measure(m)
		}
		update(t, s, func(tx store.Tx) error { return tx.Post(p.Posting()) })
	}
	seen := store.Measure{Campaign: "c", Seen: 1, Clicked: 2, Dismissed: 3, Taken: 4}
	held := store.Measure{Campaign: "c", Arm: store.HeldOut, Eligible: 5, Closed: 6, Accepted: 7, Redeemed: 8, Erased: 9}
	other := store.Measure{Campaign: "cc", Arm: store.Answered, Eligible: 1}
	post(seen, held, seen)
	post(held, other, store.Measure{Campaign: "d"})
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Measures([]string{"c", "d"})
		want := []store.Measure{posting.AddMeasure(seen, seen), posting.AddMeasure(held, held)}
		assert.ElementsMatch(t, want, got, "what has the same arm adds up")
		all, err2 := tx.Measures([]string{"c", "cc"})
		assert.Len(t, all, 3, "of several campaigns")
		none, err3 := tx.Measures(nil)
		assert.Empty(t, none, "of no campaign")
		return errors.Join(err, err2, err3)
	})
}

// sampleAnswer has every field set.
func sampleAnswer() store.Answer {
	return store.Answer{Device: store.HashOf("device"), Name: "coffee/0", Campaign: "coffee", Offer: "cake",
		Days: []int64{20_000, 20_001}, Times: 38, Quiet: 39, Seen: 43, Clicked: 44, Taken: 45, Due: 46,
		Trial: &store.Trial{Arm: store.HeldOut, Began: 47, Ends: 48, Accepted: 49, Closed: 50},
		Click: &store.Click{Merchant: "shop.example", Offer: offer.ID{3}, Platform: "ecapi", ID: "abc", Agreed: 60,
			Text: "v4", Withdrawn: 61, Sent: []store.Sent{{Export: 62, Record: record.ID{1}, Redeemed: 63, Retracts: true}}}}
}

// sampleMeasure has every field set.
func sampleMeasure() store.Measure {
	return store.Measure{Campaign: "coffee", Arm: store.Answered, Seen: 51, Clicked: 52, Dismissed: 53, Taken: 54,
		Eligible: 55, Closed: 56, Accepted: 57, Redeemed: 58, Erased: 59}
}

func readAnswer(t testing.TB, tx store.Tx) {
	t.Helper()
	got, err := tx.Answers(store.HashOf("device"))
	require.NoError(t, err)
	assert.Equal(t, []store.Answer{sampleAnswer()}, got)
	times, err := tx.ShownInAll("coffee/0")
	require.NoError(t, err)
	assert.EqualValues(t, 37, times)
	due, err := tx.DueAnswers(47, 10)
	require.NoError(t, err)
	assert.Equal(t, got, due)
	clicked, err := tx.ClickAnswers("shop.example")
	require.NoError(t, err)
	assert.Equal(t, got, clicked)
	measured, err := tx.Measures([]string{"coffee"})
	require.NoError(t, err)
	assert.Equal(t, []store.Measure{sampleMeasure()}, measured)
}
