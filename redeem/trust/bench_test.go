package trust

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
)

func largeBundle(t testing.TB) ([]byte, offer.Keys) {
	by, roots := fuzzSigner(t)
	spent, err := NewFilter(randomOffers(10, 1_000_000))
	require.NoError(t, err)
	data, err := Sign(Bundle{
		Sequence: 1, Merchant: "shop.example", Made: time.UnixMilli(1_790_000_000_000), Spent: spent,
		Revoked: randomOffers(11, 10_000),
	}, by)
	require.NoError(t, err)
	return data, roots
}

// BenchmarkLoad reads a bundle of 1,000,000 spent and 10,000 revoked offers. The floor is one Ed25519 verification of
// as many bytes, of which reading one takes several passes more.
func BenchmarkLoad(b *testing.B) {
	data, roots := largeBundle(b)
	by, _ := fuzzSigner(b)
	signature := ed25519.Sign(by.Private, data)
	start := time.Now()
	const floors = 10
	for range floors {
		require.True(b, ed25519.Verify(by.Key().Public, data, signature), "the signature is sound")
	}
	floor := time.Since(start) / floors
	for b.Loop() {
		if _, err := Verify(data, roots); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(data)), "bytes")
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(floor), "×floor")
}

func BenchmarkLookUp(b *testing.B) {
	data, roots := largeBundle(b)
	bundle, err := Verify(data, roots)
	require.NoError(b, err)
	ids := randomOffers(12, 1<<16).IDs
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		id := ids[i%len(ids)]
		bundle.IsRevoked(id, "", "spring")
		bundle.MaySpent(id, "")
		i++
	}
}

func BenchmarkNewFilter(b *testing.B) {
	offers := randomOffers(10, 1_000_000)
	for b.Loop() {
		if _, err := NewFilter(offers); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWrongAnswers asks for ten million offers that are not in a filter of a million and counts the hits.
func BenchmarkWrongAnswers(b *testing.B) {
	spent, err := NewFilter(randomOffers(10, 1_000_000))
	require.NoError(b, err)
	absent := randomOffers(13, 10_000_000).IDs
	for b.Loop() {
		wrong := 0
		for _, id := range absent {
			if spent.Has(id, "") {
				wrong++
			}
		}
		b.ReportMetric(float64(wrong), "wrong/10M")
	}
}
