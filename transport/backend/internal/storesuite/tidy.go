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

// heldOffer is an offer that a device accepted at a moment, which is its number as well.
func heldOffer(device string, accepted int64, edit ...func(*store.Offer)) store.Offer {
	o := anOffer("")
	o.Device, o.Accepted, o.Number = store.HashOf(device), accepted, int(accepted)
	for _, change := range edit {
		change(&o)
	}
	return o
}

func devices(t *testing.T, s store.Store) {
	mine := store.Device{Hash: store.HashOf("mine"), Personal: store.Consent{At: 7, Text: "v1"}, Last: 30, Accepted: 3}
	other := store.Device{Hash: store.HashOf("other"), Last: 5, Accepted: 1}
	old, older, newest := heldOffer("mine", 20), heldOffer("mine", 10), heldOffer("mine", 30)
	theirs, nobodys := heldOffer("other", 25), heldOffer("other", 1, func(o *store.Offer) { o.Device = store.Hash{} })
	update(t, s, func(tx store.Tx) error { return errors.Join(tx.PutDevice(mine), tx.PutDevice(other)) })
	for _, o := range []store.Offer{old, older, newest, theirs, nobodys} {
		update(t, s, func(tx store.Tx) error { return tx.AddOffer(o) })
	}
	old.Uses = []store.Use{{Record: record.NewID()}}
	update(t, s, func(tx store.Tx) error { return tx.PutOffers([]store.Offer{old}) })
	update(t, s, func(tx store.Tx) error {
		got, err := tx.Device(mine.Hash)
		require.NoError(t, err)
		assert.Equal(t, &mine, got)
		got.Personal, got.GPC = store.Consent{}, 8
		mine = *got
		return tx.PutDevice(*got)
	})
	view(t, s, func(tx store.Tx) error {
		got, err := tx.DeviceOffers(mine.Hash, 0, 10)
		assert.Equal(t, []store.Offer{newest, old, older}, got, "the newest first")
		some, err2 := tx.DeviceOffers(mine.Hash, 0, 2)
		assert.Equal(t, got[:2], some)
		below, err5 := tx.DeviceOffers(mine.Hash, 30, 10)
		assert.Equal(t, got[1:], below, "those with a lower number")
		assert.NoError(t, err5)
		kept, err3 := tx.Device(mine.Hash)
		assert.Equal(t, &mine, kept)
		none, err4 := tx.Device(store.HashOf("nobody"))
		assert.Nil(t, none)
		return errors.Join(err, err2, err3, err4)
	})
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.ForgetDevice(mine.Hash), tx.ForgetDevice(store.HashOf("nobody")))
	})
	view(t, s, func(tx store.Tx) error {
		gone, err := tx.Device(mine.Hash)
		assert.Nil(t, gone)
		none, err2 := tx.DeviceOffers(mine.Hash, 0, 10)
		assert.Empty(t, none)
		left, err3 := tx.Offers([]offer.ID{old.ID, older.ID, newest.ID}, nil)
		assert.Len(t, left, 3, "the offers stay")
		for _, o := range left {
			assert.True(t, o.Device.IsZero(), "the link is gone")
			assert.Equal(t, o.ID == old.ID, len(o.Uses) == 1, "and nothing else")
		}
		others, err4 := tx.DeviceOffers(other.Hash, 0, 10)
		assert.Equal(t, []store.Offer{theirs}, others, "another device's stay")
		return errors.Join(err, err2, err3, err4)
	})
}

func unusedOffers(t *testing.T, s store.Store) {
	ends := func(at int64, alias string) func(*store.Offer) {
		return func(o *store.Offer) { o.NotAfter, o.Alias = at, alias }
	}
	first, second, later := heldOffer("leaves", 1, ends(10, "255:1")), heldOffer("stays", 1, ends(20, "")),
		heldOffer("stays", 2, ends(30, ""))
	used, undone, revoked := heldOffer("leaves", 1, ends(10, "")), heldOffer("used", 1, ends(10, "")),
		heldOffer("leaves", 1, ends(12, ""))
	all := []store.Offer{first, second, later, used, undone, revoked}
	for _, name := range []string{"leaves", "stays", "used"} {
		update(t, s, func(tx store.Tx) error { return tx.PutDevice(store.Device{Hash: store.HashOf(name), Last: 2}) })
	}
	for _, o := range all {
		update(t, s, func(tx store.Tx) error { return tx.AddOffer(o) })
	}
	used.Uses, undone.Uses, revoked.Revoked = []store.Use{{Record: record.NewID()}}, []store.Use{{Record: record.NewID()}},
		5
	update(t, s, func(tx store.Tx) error { return tx.PutOffers([]store.Offer{used, undone, revoked}) })
	undone.Uses = nil // taken back
	update(t, s, func(tx store.Tx) error { return tx.PutOffers([]store.Offer{undone}) })
	update(t, s, func(tx store.Tx) error { return tx.ForgetDevice(store.HashOf("used")) })
	drop := func(before int64, most int) (n int) {
		update(t, s, func(tx store.Tx) (err error) { n, err = tx.DropUnused(before, most); return err })
		return n
	}
	left := func() (ids []offer.ID) {
		view(t, s, func(tx store.Tx) error {
			offers, err := tx.Offers([]offer.ID{first.ID, second.ID, later.ID, used.ID, undone.ID, revoked.ID}, nil)
			for _, o := range offers {
				ids = append(ids, o.ID)
			}
			return err
		})
		return ids
	}
	assert.Equal(t, 0, drop(10, 100), "the moment itself is not before it")
	assert.Equal(t, 1, drop(30, 1), "at most so many")
	assert.NotContains(t, left(), first.ID, "what ended first goes first")
	assert.Equal(t, 2, drop(30, 100))
	assert.ElementsMatch(t, []offer.ID{later.ID, used.ID, undone.ID}, left(), "what was used once stays")
	assert.Equal(t, 0, drop(30, 100))
	view(t, s, func(tx store.Tx) error {
		marked, err := marksAfter(tx, 0)
		assert.Len(t, marked, 1, "the revoked one is not listed any more")
		stays, err2 := tx.Device(store.HashOf("stays"))
		assert.NotNil(t, stays, "it has one left")
		leaves, err3 := tx.Device(store.HashOf("leaves"))
		assert.NotNil(t, leaves, "a used one is left")
		return errors.Join(err, err2, err3)
	})
	update(t, s, func(tx store.Tx) error { return tx.AddOffer(heldOffer("", 1, ends(99, "255:1"))) }) // its alias is free
	assert.Equal(t, 1, drop(31, 100))
	view(t, s, func(tx store.Tx) error {
		gone, err := tx.Device(store.HashOf("stays"))
		assert.Nil(t, gone, "a device with nothing left is forgotten")
		return err
	})
}

func oldRecords(t *testing.T, s store.Store) {
	terminal := record.NewTerminalID()
	judged := func(at int64) func(*store.Entry) { return func(e *store.Entry) { e.Verdict.Judged = at } }
	first, second, third := anEntry(terminal, 1, judged(10)), anEntry(terminal, 2, judged(20)),
		anEntry(terminal, 3, judged(30))
	waits := anEntry(terminal, 0, judged(5), func(e *store.Entry) {
		e.Effect, e.Verdict.Status = posting.Waits, record.Received
	})
	update(t, s, func(tx store.Tx) error { return tx.PutEntries([]store.Entry{first, second, third, waits}) })
	drop := func(before int64, most int) (n int) {
		update(t, s, func(tx store.Tx) (err error) { n, err = tx.DropRaw(before, most); return err })
		return n
	}
	load := func() (entries map[record.ID]store.Entry) {
		entries = map[record.ID]store.Entry{}
		view(t, s, func(tx store.Tx) error {
			got, err := tx.Entries([]record.ID{first.ID, second.ID, third.ID, waits.ID})
			for _, e := range got {
				entries[e.ID] = e
			}
			return err
		})
		return entries
	}
	assert.Equal(t, 0, drop(10, 100), "the moment itself is not before it; what has no verdict keeps its record")
	assert.Equal(t, 1, drop(30, 1), "at most so many")
	assert.Equal(t, 1, drop(30, 100))
	first.Raw, second.Raw = nil, nil
	assert.Equal(t, map[record.ID]store.Entry{first.ID: first, second.ID: second, third.ID: third, waits.ID: waits},
		load(), "all else stays")
	first.Voided, waits.Effect, waits.Verdict = record.NewID(), posting.NoEffect, second.Verdict
	waits.Verdict.Number, waits.Verdict.Judged = 4, 50
	update(t, s, func(tx store.Tx) error {
		_, err := tx.Entries([]record.ID{first.ID, waits.ID})
		return errors.Join(err, tx.PutEntries([]store.Entry{first, waits}))
	})
	assert.Equal(t, 1, drop(30, 100), "it counts from when it came")
	assert.Empty(t, load()[waits.ID].Raw)
	assert.Equal(t, first.Voided, load()[first.ID].Voided)
	assert.Equal(t, 1, drop(31, 100))
	assert.Equal(t, 0, drop(40, 100))
	view(t, s, func(tx store.Tx) error {
		verdicts, err := tx.Verdicts(terminal, 0, 10)
		assert.Len(t, verdicts, 4, "verdicts are found as before")
		return err
	})
}
