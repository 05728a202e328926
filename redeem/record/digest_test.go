package record_test

import (
	"crypto/ed25519"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// Who carries a report has no key of the terminal's. Nothing in it can be replaced, beside what can be read or beside
// what cannot.
func TestACarrierReplacesNoRecordOfAReport(t *testing.T) {
	public := key(1).Public().(ed25519.PublicKey)
	raws := chain(t, 2)
	poison := []byte("not a record")
	last, err := sample(4, record.HashOf(poison)).Encode()
	require.NoError(t, err)
	raws = append(raws, poison, last)
	for i := range raws {
		other := sample(uint64(i+1), record.Hash{})
		if i > 0 {
			other.Prev = record.HashOf(raws[i-1])
		}
		other.Given.Amount = 999_999
		replaced, err := other.Encode()
		require.NoError(t, err)
		report, err := record.Seal(heading(), slices.Clone(raws), key(1))
		require.NoError(t, err)
		report.Records[i] = replaced
		_, _, err = report.Open(public)
		assert.ErrorIs(t, err, fault.Forged, "record %d of %d", i+1, len(raws))
	}
	report, err := record.Seal(heading(), raws, key(1))
	require.NoError(t, err)
	_, items, err := report.Open(public)
	require.NoError(t, err)
	assert.ErrorIs(t, items[2].Err, fault.Malformed)
	for _, i := range []int{0, 1, 3} {
		assert.NoError(t, items[i].Err, "record %d", i+1)
	}
}

func TestNoNumberIsBeyondWhatJSONHolds(t *testing.T) {
	const over = record.MaxNumber + 1
	r := sample(over, record.Hash{})
	_, err := r.Encode()
	assert.ErrorIs(t, err, fault.InvalidRequest, "a record")
	for name, edit := range map[string]func(*record.Heading){
		"the cursor":     func(h *record.Heading) { h.After = over },
		"what was lost":  func(h *record.Heading) { h.Lost = []record.Range{{First: 1, Last: over}} },
		"what was aside": func(h *record.Heading) { h.Aside = []record.Range{{First: 1, Last: over}} },
		"what waits":     func(h *record.Heading) { h.Waiting = over },
	} {
		h := heading()
		edit(&h)
		report, err := record.Seal(h, nil, key(1))
		require.NoError(t, err)
		_, err = report.Peek()
		assert.ErrorIs(t, err, fault.Malformed, name)
	}
}
