package rowcode_test

import (
	"testing"

	"github.com/offlane/offlane/transport/backend/internal/rowcode"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// FuzzRows reads whatever a store may give back. What is taken is read back the same after it was written again.
func FuzzRows(f *testing.F) {
	o := store.Offer{Alias: "255:1", Campaign: "c", MaxUses: 2, Pass: "OL1:X",
		Uses: []store.Use{{Given: record.Money{Amount: 5, Currency: "EUR"}}}}
	f.Add(rowcode.EncodeOffer(&o))
	e := store.Entry{Raw: []byte{1}, Verdict: record.Verdict{Number: 1, Status: record.Duplicate, First: &record.First{}}}
	raw, err := rowcode.EncodeEntry(&e)
	require.NoError(f, err)
	f.Add(raw)
	f.Add([]byte(`{"version":1,"row":{"id":"c","title":"C"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if o, err := rowcode.DecodeOffer(offer.ID{1}, raw); err == nil {
			again, err := rowcode.DecodeOffer(offer.ID{1}, rowcode.EncodeOffer(&o))
			require.NoError(t, err)
			require.Equal(t, o, again)
		}
		if e, err := rowcode.DecodeEntry(record.ID{1}, raw); err == nil {
			written, err := rowcode.EncodeEntry(&e)
			require.NoError(t, err)
			again, err := rowcode.DecodeEntry(record.ID{1}, written)
			require.NoError(t, err)
			require.Equal(t, e, again)
		}
		if c, err := rowcode.Decode[store.Terminal](raw); err == nil {
			written, err := rowcode.Encode(c)
			require.NoError(t, err)
			again, err := rowcode.Decode[store.Terminal](written)
			require.NoError(t, err)
			require.Equal(t, c, again)
		}
	})
}
