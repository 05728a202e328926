package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// FuzzRows reads whatever a store may give back. What is taken is read back the same after it was written again.
func FuzzRows(f *testing.F) {
	o := store.Offer{Alias: "255:1", Campaign: "c", MaxUses: 2, Pass: "OL1:X",
		Uses: []store.Use{{Given: record.Money{Amount: 5, Currency: "EUR"}}}}
	f.Add(store.EncodeOffer(&o))
	e := store.Entry{Raw: []byte{1}, Verdict: record.Verdict{Number: 1, Status: record.Duplicate, First: &record.First{}}}
	raw, err := store.EncodeEntry(&e)
	require.NoError(f, err)
	f.Add(raw)
	f.Add([]byte(`{"version":1,"row":{"id":"c","title":"C"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if o, err := store.DecodeOffer(offer.ID{1}, raw); err == nil {
			again, err := store.DecodeOffer(offer.ID{1}, store.EncodeOffer(&o))
			require.NoError(t, err)
			require.Equal(t, o, again)
		}
		if e, err := store.DecodeEntry(record.ID{1}, raw); err == nil {
			written, err := store.EncodeEntry(&e)
			require.NoError(t, err)
			again, err := store.DecodeEntry(record.ID{1}, written)
			require.NoError(t, err)
			require.Equal(t, e, again)
		}
		if c, err := store.Decode[store.Terminal](raw); err == nil {
			written, err := store.Encode(c)
			require.NoError(t, err)
			again, err := store.Decode[store.Terminal](written)
			require.NoError(t, err)
			require.Equal(t, c, again)
		}
	})
}
