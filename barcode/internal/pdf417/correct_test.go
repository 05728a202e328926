package pdf417

import (
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pdf417/pdf417test"
	"github.com/stretchr/testify/require"
)

// spoilt returns codewords with so many wrong and lost ones, what they were, and the places of the lost.
func spoilt(r *rand.Rand, n, check, wrong, missing int) (words, want, lost []int) {
	for range n - check {
		want = append(want, r.IntN(prime))
	}
	want = append(want, pdf417test.Check(want, check)...)
	words = append(words, want...)
	for k, i := range r.Perm(n)[:wrong+missing] {
		words[i] = (words[i] + 1 + r.IntN(prime-1)) % prime
		if k >= wrong {
			lost = append(lost, i)
		}
	}
	return words, want, lost
}

func TestErrorsAndErasuresAreCorrectedUpToTheBound(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for level := range maxLevel + 1 {
		check := 2 << level
		for missing := 0; missing <= check; missing += max(1, check/4) {
			n := min(maxCodewords, check+1+r.IntN(300))
			wrong := min((check-missing)/2, n-missing)
			words, want, lost := spoilt(r, n, check, wrong, min(missing, n))
			got, ok := correct(words, check, lost)
			require.True(t, ok, "level %d, %d wrong and %d lost of %d", level, wrong, missing, n)
			require.Equal(t, want, words, "level %d, %d wrong and %d lost", level, wrong, missing)
			require.Equal(t, wrong, got, "level %d: how many were wrong beside the lost", level)
		}
	}
}

func TestTooManyErrorsAreNotCorrected(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	passed := 0
	for range 2000 {
		words, _, lost := spoilt(r, 60, 16, 9+r.IntN(20), r.IntN(4))
		if _, ok := correct(words, 16, lost); ok {
			passed++
		}
	}
	require.Less(t, passed, 3, "of 2000 with too many errors no more pass than one in 8! by chance")
}

func TestNothingIsCorrectedWithMoreLostThanThereIsCorrection(t *testing.T) {
	words, _, lost := spoilt(rand.New(rand.NewPCG(4, 4)), 30, 4, 0, 5)
	_, ok := correct(words, 4, lost)
	require.False(t, ok, "five erasures are too many for four codewords")
}
