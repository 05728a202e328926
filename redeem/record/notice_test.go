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

func notice() record.Notice {
	return record.Notice{Terminal: record.TerminalID{2}, Number: 1_800_000_000_000, Blocked: true,
		Made: 1_800_000_000_000}
}

func TestANoticeIsSignedAndAboutOneTerminal(t *testing.T) {
	signed, err := notice().Sign("k1", key(1))
	require.NoError(t, err)
	public := key(1).Public().(ed25519.PublicKey)
	got, err := signed.OpenNotice(record.TerminalID{2}, public)
	require.NoError(t, err)
	want := notice()
	want.Version = record.Version
	assert.Equal(t, want, got)
	_, err = signed.OpenNotice(record.TerminalID{3}, public)
	assert.ErrorIs(t, err, fault.Forged, "another terminal")
	_, err = signed.OpenNotice(record.TerminalID{2}, key(2).Public().(ed25519.PublicKey))
	assert.ErrorIs(t, err, fault.Forged, "another key")
	_, err = record.Signed{}.OpenNotice(record.TerminalID{2}, public)
	assert.ErrorIs(t, err, fault.Forged, "none")
	for i := range signed.Content {
		spoilt := signed
		spoilt.Content = slices.Clone(signed.Content)
		spoilt.Content[i] ^= 1
		_, err := spoilt.OpenNotice(record.TerminalID{2}, public)
		require.ErrorIs(t, err, fault.Forged, "byte %d", i)
	}
	_, err = record.Signed{Content: make([]byte, 2000)}.OpenNotice(record.TerminalID{2}, public)
	assert.ErrorIs(t, err, fault.TooLarge)
}

func TestAStatementIsNoNotice(t *testing.T) {
	public := key(1).Public().(ed25519.PublicKey)
	said, err := record.Statement{Terminal: record.TerminalID{2}, Made: 7}.Sign("k1", key(1))
	require.NoError(t, err)
	_, err = said.OpenNotice(record.TerminalID{2}, public)
	assert.ErrorIs(t, err, fault.Forged)
	blocked, err := notice().Sign("k1", key(1))
	require.NoError(t, err)
	_, err = blocked.Open(public)
	assert.ErrorIs(t, err, fault.Forged)
}

func TestAnErrorCarriesItsNotice(t *testing.T) {
	signed, err := notice().Sign("k1", key(1))
	require.NoError(t, err)
	refused := fault.New(fault.Blocked, "", "blocked")
	assert.Equal(t, signed, record.NoticeOf(fault.WithRetryAfter(record.WithNotice(refused, signed), 1)))
	assert.ErrorIs(t, record.WithNotice(refused, signed), fault.Blocked)
	assert.True(t, record.NoticeOf(record.WithNotice(refused, record.Signed{})).IsZero(), "no notice")
	assert.NoError(t, record.WithNotice(nil, signed), "no error")
	assert.True(t, record.NoticeOf(refused).IsZero(), "an error alone has none")
}
