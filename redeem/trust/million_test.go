//go:build !race

package trust

// The race detector has nothing to find in these sums by one goroutine, and makes them ten times as dear.

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLargeBundleStaysBelowTwoAndAHalfMegabytes(t *testing.T) {
	inLongTests(t)
	data, roots := largeBundle(t)
	require.Less(t, len(data), 2_500_000)
	b, err := Verify(data, roots)
	require.NoError(t, err)
	require.True(t, b.IsRevoked(randomOffers(11, 10_000).IDs[1234], "", ""), "the bundle has the revoked offers")
	require.True(t, b.MaySpent(randomOffers(10, 1_000_000).IDs[1234], ""), "the bundle has the spent offers")
}

func TestMillionOffersTakeTwoAndAQuarterMegabytes(t *testing.T) {
	inLongTests(t)
	f, err := NewFilter(randomOffers(4, 1_000_000))
	require.NoError(t, err)
	assert.Less(t, len(f.fingerprints), 2_300_000)
	const absent = 1_000_000
	wrong := 0
	for _, id := range randomOffers(5, absent).IDs {
		if f.Has(id, "") {
			wrong++
		}
	}
	assert.Less(t, wrong, absent/10_000)
}
