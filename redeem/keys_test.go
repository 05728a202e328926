package redeem_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
)

// A vault is a key store in memory.
type vault struct {
	keys map[string]ed25519.PrivateKey
	fail error
}

func (v *vault) NewKey(context.Context) (crypto.Signer, error) {
	public, key, err := ed25519.GenerateKey(nil)
	if v.fail != nil {
		return nil, v.fail
	}
	v.keys[string(public)] = key
	return key, err
}

func (v *vault) Key(_ context.Context, public ed25519.PublicKey) (crypto.Signer, error) {
	key, ok := v.keys[string(public)]
	if !ok {
		return nil, errors.New("no such key")
	}
	return key, nil
}

func (v *vault) Forget(_ context.Context, public ed25519.PublicKey) error {
	delete(v.keys, string(public))
	return nil
}

func identityOf(t *testing.T, s *shop) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.dir, "terminal.json"))
	require.NoError(t, err)
	return string(raw)
}

func TestTheKeyGivesWayToANewOne(t *testing.T) {
	s := newShop(t)
	terminal := s.online(t)
	redeemSome(t, terminal, 2)
	require.NoError(t, terminal.ReportNow(t.Context()))
	before := s.desk.keys[terminal.Status().Terminal]
	require.NoError(t, terminal.RotateKey(t.Context()))
	after := s.desk.keys[terminal.Status().Terminal]
	assert.NotEqual(t, before, after)
	assert.Equal(t, uint64(2), s.desk.rotations[0].Last)
	assert.False(t, terminal.Status().Rotating, "no key waits")
	redeemSome(t, terminal, 2)
	require.NoError(t, terminal.ReportNow(t.Context()), "what follows is signed with the new key")
	require.NoError(t, terminal.Close())
	terminal = s.open(t)
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()), "also after a restart")
}

func TestARotationWhoseAnswerWasLostGoesOnByItself(t *testing.T) {
	for name, taken := range map[string]bool{"before the backend": false, "after the backend took it": true} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			terminal := s.online(t)
			s.desk.lose = func() (bool, error) { return taken, fault.New(fault.Unreachable, "", "the line broke") }
			assert.ErrorIs(t, terminal.RotateKey(t.Context()), fault.Unreachable)
			assert.True(t, terminal.Status().Rotating, "the new key waits for the backend")
			s.desk.lose = nil
			require.NoError(t, terminal.Close())
			terminal = s.open(t)
			redeemSome(t, terminal, 1)
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.False(t, terminal.Status().Rotating, "no key waits")
			assert.Len(t, s.desk.rotations, 1)
			require.NoError(t, terminal.RotateKey(t.Context()))
			assert.Len(t, s.desk.rotations, 2, "it shows the ones before, too")
		})
	}
}

func TestABackendThatKnowsNoRotationsKeepsTheOldKey(t *testing.T) {
	s := newShop(t)
	terminal := s.online(t)
	s.desk.noRotations = true
	assert.ErrorIs(t, terminal.RotateKey(t.Context()), fault.UnsupportedVersion)
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	s.desk.noRotations = false
	require.NoError(t, terminal.RotateKey(t.Context()), "it may be asked for again")
}

func TestTheKeyMayBeInAKeyStore(t *testing.T) {
	s := newShopOnDisk(t)
	store := &vault{keys: map[string]ed25519.PrivateKey{}}
	s.cfg.KeyStore = store
	terminal := s.online(t)
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.NoError(t, terminal.RotateKey(t.Context()))
	assert.Len(t, store.keys, 1, "the old key was given up")
	for _, key := range store.keys {
		assert.NotContains(t, identityOf(t, s), base64.StdEncoding.EncodeToString(key.Seed()),
			"the private half is not in the file")
	}
	require.NoError(t, terminal.Close())
	terminal = s.open(t)
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.NoError(t, terminal.Close())

	for want, broken := range map[fault.Code]redeem.KeyStore{fault.InvalidRequest: nil, fault.WrongKey: &vault{}} {
		cfg := s.cfg
		cfg.KeyStore = broken
		_, err := redeem.Open(t.Context(), s.dir, cfg)
		assert.ErrorIs(t, err, want)
	}
}

func TestARotationMovesTheKeyIntoAStore(t *testing.T) {
	s := newShopOnDisk(t)
	require.NoError(t, s.online(t).Close())
	assert.Contains(t, identityOf(t, s), `"seed"`)
	store := &vault{keys: map[string]ed25519.PrivateKey{}, fail: errors.New("locked")}
	s.cfg.KeyStore = store
	terminal := s.open(t)
	assert.ErrorIs(t, terminal.RotateKey(t.Context()), store.fail)
	store.fail = nil
	require.NoError(t, terminal.RotateKey(t.Context()))
	assert.NotContains(t, identityOf(t, s), `"seed"`)
}
