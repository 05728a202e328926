package trust_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/trust"
)

func TestASequenceOfALaterEpochIsNewer(t *testing.T) {
	assert.Greater(t, trust.SequenceOf(1, 0), trust.SequenceOf(0, trust.MaxNumber),
		"any number of the next epoch is newer")
	assert.Equal(t, uint64(7), trust.SequenceOf(0, 7), "the first epoch is 0: its sequences are their numbers")
	assert.Equal(t, uint64(math.MaxUint64), trust.SequenceOf(math.MaxUint64, math.MaxUint64),
		"what is too great is the greatest")
	assert.Equal(t, uint64(3), trust.SequenceOf(3, 1_800_000_000_000)/(trust.MaxNumber+1), "its epoch")
	assert.Equal(t, uint64(1_800_000_000_000), trust.SequenceOf(3, 1_800_000_000_000)%(trust.MaxNumber+1), "its number")
}
