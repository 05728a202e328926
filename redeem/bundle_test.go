package redeem_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
)

func TestOldBundleDoesNotComeBackWhateverHappensToTheFile(t *testing.T) {
	shop := newShopOnDisk(t)
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

// A till that lost its bundle asks for the whole, and takes the one with the delta that it had last; the base alone
// would be older.
func TestATillThatLostItsBundleAsksForTheWhole(t *testing.T) {
	shop := newShopOnDisk(t)
	id := offer.NewID()
	terminal := shop.online(t)
	delta, err := trust.SignDelta(trust.Delta{
		Base: 1, Sequence: 5, Merchant: "m-1", Made: noon, Salt: bundleSalt, Keys: []offer.Key{issuer.Key()},
		Revoked: trust.Offers{IDs: []offer.ID{id}},
	}, root)
	require.NoError(t, err)
	require.NoError(t, terminal.InstallBundle(t.Context(), delta))
	require.NoError(t, terminal.Close())
	require.NoError(t, os.Remove(filepath.Join(shop.dir, "bundle.cbor")))
	shop.desk.bundle = append(bytes.Clone(shop.desk.bundle), delta...)
	terminal = shop.open(t)
	require.Zero(t, terminal.Status().Bundle, "it is lost")
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, uint64(5), terminal.Status().Bundle)
	assert.True(t, redeemed(t, terminal, pass(t, func(p *offer.Pass) { p.ID = id }), "a").Because(fault.Revoked),
		"the reason is that it was revoked")
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
	assert.ErrorIs(t, terminal.InstallBundle(t.Context(), sign(late, root)), fault.IssuerKeyExpired,
		"the old key has ended")
	require.NoError(t, terminal.InstallBundle(t.Context(), sign(late, next)))
}

func TestDeltaIsKeptWithItsBase(t *testing.T) {
	shop := newShop(t)
	id := offer.NewID()
	terminal := shop.online(t)
	delta, err := trust.SignDelta(trust.Delta{
		Base: 1, Sequence: 5, Merchant: "m-1", Made: noon, Salt: bundleSalt, Keys: []offer.Key{issuer.Key()},
		Revoked: trust.Offers{IDs: []offer.ID{id}},
	}, root)
	require.NoError(t, err)
	require.NoError(t, terminal.InstallBundle(t.Context(), delta))
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	assert.Equal(t, uint64(5), terminal.Status().Bundle)
	d := redeemed(t, terminal, pass(t, func(p *offer.Pass) { p.ID = id }), "a")
	assert.True(t, d.Because(fault.Revoked), "the reason is that it was revoked")
}

// Whatever bit of a newer bundle, or of a delta, was altered on its way, what is in force stays, also after a restart.
func TestBundleAlteredInAnyBitIsRefusedAndTheBetterOneStays(t *testing.T) {
	newer := bundleOf(t, bundleWith(t, 9, noon, offer.ID{1}))
	delta, err := trust.SignDelta(trust.Delta{
		Base: 1, Sequence: 10, Merchant: "m-1", Made: noon, Salt: bundleSalt, Keys: []offer.Key{issuer.Key()},
		Revoked: trust.Offers{IDs: []offer.ID{{2}}},
	}, root)
	require.NoError(t, err)
	for name, data := range map[string][]byte{"bundle": newer, "delta": delta} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := newShop(t)
			shop.dir, shop.disk = "till", &vfs.Memory{}
			terminal := shop.online(t)
			for bit := range 8 * len(data) {
				altered := bytes.Clone(data)
				altered[bit/8] ^= 1 << (bit % 8)
				err := terminal.InstallBundle(t.Context(), altered)
				require.Error(t, err, "bit %d", bit)
				require.NotErrorIs(t, err, fault.Internal)
				require.Equal(t, uint64(1), terminal.Status().Bundle)
			}
			require.NoError(t, terminal.Close())
			terminal = shop.open(t)
			assert.Equal(t, uint64(1), terminal.Status().Bundle, "it is on disk as well")
			assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "s").Outcome)
			require.NoError(t, terminal.InstallBundle(t.Context(), data), "unaltered it is good")
		})
	}
}

// The same with the file on disk, between two starts: the terminal opens without a bundle, and takes back none but the
// better one.
func TestBundleAlteredOnDiskIsNotUsed(t *testing.T) {
	shop := newShopOnDisk(t)
	file := filepath.Join(shop.dir, "bundle.cbor")
	terminal := shop.online(t)
	old, err := os.ReadFile(file)
	require.NoError(t, err)
	better := bundleOf(t, bundleWith(t, 2, noon))
	require.NoError(t, terminal.InstallBundle(t.Context(), better))
	require.NoError(t, terminal.Close())
	step := 97
	if testing.Short() {
		step = 997
	}
	for bit := 0; bit < 8*len(better); bit += step {
		altered := bytes.Clone(better)
		altered[bit/8] ^= 1 << (bit % 8)
		require.NoError(t, os.WriteFile(file, altered, 0o600))
		terminal := shop.open(t)
		require.Zero(t, terminal.Status().Bundle, "bit %d", bit)
		require.ErrorIs(t, terminal.InstallBundle(t.Context(), old), fault.RolledBack)
		require.NoError(t, terminal.InstallBundle(t.Context(), better))
		require.NoError(t, terminal.Close())
	}
	terminal = shop.open(t)
	assert.Equal(t, uint64(2), terminal.Status().Bundle)
}

// A delta cannot be turned into an older state either: not by an older delta, nor by its base alone, nor by another
// merchant's.
func TestOlderDeltaOrItsBaseAloneDoesNotComeBack(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	delta := func(sequence uint64, merchant string) []byte {
		data, err := trust.SignDelta(trust.Delta{
			Base: 1, Sequence: sequence, Merchant: merchant, Made: noon, Salt: bundleSalt, Keys: []offer.Key{issuer.Key()},
			Revoked: trust.Offers{IDs: []offer.ID{{byte(sequence)}}},
		}, root)
		require.NoError(t, err)
		return data
	}
	require.NoError(t, terminal.InstallBundle(t.Context(), delta(5, "m-1")))
	for range 2 {
		assert.ErrorIs(t, terminal.InstallBundle(t.Context(), delta(4, "m-1")), fault.RolledBack)
		assert.ErrorIs(t, terminal.InstallBundle(t.Context(), shop.desk.bundle), fault.RolledBack, "the base alone")
		assert.ErrorIs(t, terminal.InstallBundle(t.Context(), delta(6, "m-2")), fault.OtherMerchant)
		other := bundleWith(t, 7, noon)
		other.Merchant = "m-2"
		assert.ErrorIs(t, terminal.InstallBundle(t.Context(), bundleOf(t, other)), fault.OtherMerchant)
		assert.Equal(t, uint64(5), terminal.Status().Bundle)
		require.NoError(t, terminal.Close())
		terminal = shop.open(t)
	}
}
