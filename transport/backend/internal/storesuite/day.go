package storesuite

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// dayEntries lists a merchant's entries of a day in the order of their moments, in parts, and no others.
func dayEntries(t *testing.T, s store.Store) {
	const day = "2026-11-02"
	till := record.NewTerminalID()
	booked := func(n uint64, merchant, day string, latest int64) store.Entry {
		return anEntry(till, n, func(e *store.Entry) {
			e.Place.Merchant, e.Day, e.Earliest, e.Latest = merchant, day, latest-5, latest
		})
	}
	third, first, second := booked(1, "m", day, 30), booked(2, "m", day, 10), booked(3, "m", day, 10)
	if string(first.ID[:]) > string(second.ID[:]) { // those of one moment are in the order of their ids
		first, second = second, first
	}
	want := []store.Entry{first, second, third}
	others := []store.Entry{booked(4, "m", "2026-11-01", 20), booked(5, "m", "2026-11-03", 20),
		booked(6, "m2", day, 20), booked(7, "", day, 20)}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutEntries([]store.Entry{third, second, first}), tx.PutEntries(others))
	})
	update(t, s, func(tx store.Tx) error {
		got, err := tx.Entries([]record.ID{third.ID})
		require.Len(t, got, 1)
		got[0].TakenBack, want[2].TakenBack = 7, 7
		return errors.Join(err, tx.PutEntries(got))
	})
	view(t, s, func(tx store.Tx) error {
		var got []store.Entry
		mark := store.DayMark{}
		for _, most := range []int{1, 1, 10} {
			part, err := tx.DayEntries("m", day, mark, most)
			require.NoError(t, err)
			require.NotEmpty(t, part, "after %d", len(got))
			got, mark = append(got, part...), store.MarkOf(&part[len(part)-1])
		}
		assert.Equal(t, want, got, "each once, as it was written last")
		rest, err := tx.DayEntries("m", day, mark, 10)
		assert.Empty(t, rest, "there is nothing behind the last one")
		none, err2 := tx.DayEntries("n\x00", day, store.DayMark{}, 10)
		assert.Empty(t, none, "a merchant that is none has nothing")
		return errors.Join(err, err2)
	})
}
