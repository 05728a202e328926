package qr

import (
	"math/rand/v2"
	"testing"

	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// block is a random one with its check codewords.
func block(t *testing.T, random *rand.Rand, data, check int) []byte {
	t.Helper()
	words := make([]int, data+check)
	for i := range data {
		words[i] = random.IntN(256)
	}
	require.NoError(t, reedsolomon.NewReedSolomonEncoder(field()).Encode(words, check))
	out := make([]byte, len(words))
	for i, w := range words {
		out[i] = byte(w)
	}
	return out
}

func TestErasuresTakeOneCheckCodewordAndErrorsTwo(t *testing.T) {
	const kept = 4
	random := rand.New(rand.NewPCG(5, 6))
	for _, size := range [][2]int{{19, 7}, {9, 17}, {28, 16}, {116, 30}, {15, 30}} {
		data, check := size[0], size[1]
		for erasures := 0; erasures <= check; erasures++ {
			for errors := 0; erasures+2*errors <= check; errors++ {
				want := block(t, random, data, check)
				got := append([]byte(nil), want...)
				places := random.Perm(len(got))[:erasures+errors]
				for _, at := range places {
					got[at] ^= byte(1 + random.IntN(255))
				}
				wrong, ok := fill(got, data, places[:erasures], kept)
				may := erasures+2*errors <= check-kept || len(places) == 0
				require.Equal(t, may, ok, "(%d,%d), %d erasures, %d errors", data+check, data, erasures, errors)
				if ok {
					assert.Equal(t, want, got, "(%d,%d), %d erasures, %d errors", data+check, data, erasures, errors)
					assert.Equal(t, len(places), wrong, "codewords that were wrong")
				}
			}
		}
	}
}

func TestNoiseIsNotFilled(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 3000 {
		words := make([]byte, 44)
		for i := range words {
			words[i] = byte(random.IntN(256))
		}
		_, ok := fill(words, 28, random.Perm(44)[:12], 4)
		require.False(t, ok, "12 erasures leave 4 check codewords: one in four thousand million blocks passes")
	}
}
