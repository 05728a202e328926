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

func timeCorrection() record.TimeCorrection {
	return record.TimeCorrection{Number: 3, Withdrawals: []record.Withdrawal{
		{Number: 1, From: 1_700_000_000_000, Until: 1_700_003_600_000},
		{Number: 3, From: 1_800_000_000_000, Until: 1_800_003_600_000},
	}}
}

func TestATimeCorrectionIsSigned(t *testing.T) {
	signed, err := timeCorrection().Sign("k1", key(1))
	require.NoError(t, err)
	public := key(1).Public().(ed25519.PublicKey)
	got, err := signed.OpenTimeCorrection(public)
	require.NoError(t, err)
	want := timeCorrection()
	want.Version = record.Version
	assert.Equal(t, want, got)
	_, err = signed.OpenTimeCorrection(key(2).Public().(ed25519.PublicKey))
	assert.ErrorIs(t, err, fault.Forged, "another key")
	_, err = record.Signed{}.OpenTimeCorrection(public)
	assert.ErrorIs(t, err, fault.Forged, "none")
	for i := range signed.Content {
		spoilt := signed
		spoilt.Content = slices.Clone(signed.Content)
		spoilt.Content[i] ^= 1
		_, err := spoilt.OpenTimeCorrection(public)
		require.ErrorIs(t, err, fault.Forged, "byte %d", i)
	}
	_, err = record.Signed{Content: make([]byte, 5000)}.OpenTimeCorrection(public)
	assert.ErrorIs(t, err, fault.TooLarge)
	notice, err := notice().Sign("k1", key(1))
	require.NoError(t, err)
	_, err = notice.OpenTimeCorrection(public)
	assert.ErrorIs(t, err, fault.Forged, "a notice is no correction")
}

func TestATimeCorrectionThatCannotBeIsNotSigned(t *testing.T) {
	for name, c := range map[string]record.TimeCorrection{
		"withdraws nothing":   {Number: 1},
		"a number above":      {Number: 1, Withdrawals: []record.Withdrawal{{Number: 2, From: 1, Until: 2}}},
		"no number":           {Withdrawals: []record.Withdrawal{{From: 1, Until: 2}}},
		"ends before it does": {Number: 1, Withdrawals: []record.Withdrawal{{Number: 1, From: 2, Until: 2}}},
		"before 1970":         {Number: 1, Withdrawals: []record.Withdrawal{{Number: 1, From: -1, Until: 2}}},
		"too many": {Number: 1, Withdrawals: slices.Repeat([]record.Withdrawal{{Number: 1, From: 1, Until: 2}},
			record.MaxWithdrawals+1)},
	} {
		_, err := c.Sign("k1", key(1))
		assert.ErrorIs(t, err, fault.InvalidRequest, name)
	}
}

func TestAWithdrawalNamesStatementsByMomentAndCorrection(t *testing.T) {
	w := record.Withdrawal{Number: 3, From: 100, Until: 200}
	for _, test := range []struct {
		millis     int64
		correction uint64
		named      bool
	}{
		{99, 0, false}, {100, 0, true}, {199, 2, true}, {200, 2, false}, {150, 3, false}, {150, 4, false},
	} {
		assert.Equal(t, test.named, w.Names(test.millis, test.correction), "%d, signed under correction %d", test.millis,
			test.correction)
	}
}
