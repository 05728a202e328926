package trust

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

// fuzzSigner is the signer of the golden files.
func fuzzSigner(t testing.TB) (offer.Issuer, offer.Keys) {
	by := offer.Issuer{Name: "backend.example", KeyID: "root-1", Private: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1},
		ed25519.SeedSize))}
	roots, err := offer.NewKeys(by.Key())
	require.NoError(t, err)
	return by, roots
}

func golden(t testing.TB, name string) []byte {
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return data
}

// payloadOf takes the seal off, so that the fuzzer can change what lies inside.
func payloadOf(t testing.TB, kind string, data []byte) []byte {
	_, roots := fuzzSigner(t)
	payload, _, err := roots.Open(kind, data)
	require.NoError(t, err)
	return payload
}

// ask looks everything up; a bundle that was accepted answers and never panics.
func ask(b *Bundle) {
	for _, id := range []offer.ID{{}, {1}, {9}} {
		b.IsRevoked(id, "255:95012345678931", "winter")
		b.MaySpent(id, "255:95012345678931")
	}
	b.CampaignOf("255:950123456789312")
	b.Campaign("")
	b.Agreed("mill.example", "bread", b.Made)
}

func FuzzAccept(f *testing.F) {
	_, roots := fuzzSigner(f)
	bundle, delta := golden(f, "bundle-v1.cbor"), golden(f, "delta-v1.cbor")
	f.Add(bundle)
	f.Add(delta)
	f.Add(append(bytes.Clone(bundle), delta...))
	have, err := Verify(bundle, roots)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Accept(have, data, roots, "shop.example")
		if err != nil {
			assert.NotEmpty(t, fault.CodeOf(err))
			assert.NotErrorIs(t, err, fault.Internal)
			return
		}
		ask(b)
	})
}

func FuzzSealedBundle(f *testing.F) {
	by, roots := fuzzSigner(f)
	f.Add(payloadOf(f, typeBundle, golden(f, "bundle-v1.cbor")))
	f.Add([]byte{0xa1, 0x01, 0x01})
	f.Fuzz(func(t *testing.T, payload []byte) {
		data, err := by.Seal(typeBundle, payload)
		require.NoError(t, err)
		b, err := Verify(data, roots)
		if err != nil {
			assert.NotErrorIs(t, err, fault.Internal)
			return
		}
		ask(b)
		again, err := Sign(*b, by)
		require.NoError(t, err, "what was accepted can be signed")
		_, err = Verify(again, roots)
		require.NoError(t, err)
	})
}

func FuzzSealedDelta(f *testing.F) {
	by, roots := fuzzSigner(f)
	have, err := Verify(golden(f, "bundle-v1.cbor"), roots)
	require.NoError(f, err)
	f.Add(payloadOf(f, typeDelta, golden(f, "delta-v1.cbor")))
	f.Fuzz(func(t *testing.T, payload []byte) {
		data, err := by.Seal(typeDelta, payload)
		require.NoError(t, err)
		b, err := Accept(have, data, roots, "shop.example")
		if err != nil {
			assert.NotErrorIs(t, err, fault.Internal)
			return
		}
		ask(b)
		_, err = Verify(b.Data(), roots)
		require.NoError(t, err, "what was accepted can be kept")
	})
}
