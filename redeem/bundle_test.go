package redeem_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
)

func TestOldBundleDoesNotComeBackWhateverHappensToTheFile(t *testing.T) {
	shop := newShop(t)
	file := filepath.Join(shop.dir, "bundle.cbor")
	terminal := shop.online(t)
	old, err := os.ReadFile(file)
	require.NoError(t, err)
	newer := bundleOf(t, bundleWith(t, 2, noon))
	require.NoError(t, terminal.InstallBundle(t.Context(), newer))
	require.NoError(t, terminal.Close())

	require.NoError(t, os.WriteFile(file, old, 0o600)) // put back by hand
	terminal = shop.open(t)
	assert.Zero(t, terminal.Status().Bundle)
	assert.ErrorIs(t, terminal.InstallBundle(t.Context(), old), fault.RolledBack)
	require.NoError(t, terminal.InstallBundle(t.Context(), newer), "the same one is good")
	require.NoError(t, terminal.Close())

	require.NoError(t, os.Remove(file))
	terminal = shop.open(t)
	assert.ErrorIs(t, terminal.InstallBundle(t.Context(), old), fault.RolledBack)
	require.NoError(t, terminal.Close())

	altered := append([]byte{}, newer...)
	altered[len(altered)-1] ^= 1
	require.NoError(t, os.WriteFile(file, altered, 0o600))
	terminal = shop.open(t)
	assert.Zero(t, terminal.Status().Bundle, "it opens without a bundle that was altered")
	require.NoError(t, terminal.InstallBundle(t.Context(), newer))
}

func TestBackendReplacesItsRootKeyWithABundle(t *testing.T) {
	next := offer.Issuer{Name: "backend", KeyID: "r2", Private: key(22)}
	sign := func(b trust.Bundle, by offer.Issuer) []byte {
		data, err := trust.Sign(b, by)
		require.NoError(t, err)
		return data
	}
	shop := newShop(t)
	terminal := shop.online(t)
	second := sign(bundleWith(t, 3, noon), next)
	assert.ErrorIs(t, terminal.InstallBundle(t.Context(), second), fault.UnknownIssuer)

	ended := root.Key()
	ended.NotAfter = noon.Add(time.Hour)
	first := bundleWith(t, 2, noon)
	first.Roots = []offer.Key{ended, next.Key()}
	require.NoError(t, terminal.InstallBundle(t.Context(), sign(first, root)))
	require.NoError(t, terminal.InstallBundle(t.Context(), second))
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	assert.Equal(t, uint64(3), terminal.Status().Bundle, "signed with the new key, and read again after a restart")
	late := bundleWith(t, 4, noon.Add(2*time.Hour))
	assert.ErrorIs(t, terminal.InstallBundle(t.Context(), sign(late, root)), fault.IssuerKeyExpired, "the old key has ended")
	require.NoError(t, terminal.InstallBundle(t.Context(), sign(late, next)))
}

func TestDeltaIsKeptWithItsBase(t *testing.T) {
	shop := newShop(t)
	id := offer.NewID()
	terminal := shop.online(t)
	delta, err := trust.SignDelta(trust.Delta{
		Base: 1, Sequence: 5, Merchant: "m-1", Made: noon, Keys: []offer.Key{issuer.Key()}, Revoked: trust.Offers{IDs: []offer.ID{id}},
	}, root)
	require.NoError(t, err)
	require.NoError(t, terminal.InstallBundle(t.Context(), delta))
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	assert.Equal(t, uint64(5), terminal.Status().Bundle)
	d := redeemed(t, terminal, pass(t, func(p *offer.Pass) { p.ID = id }), "a")
	assert.True(t, d.Because(fault.Revoked))
}
