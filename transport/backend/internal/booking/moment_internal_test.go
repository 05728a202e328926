package booking

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/record"
)

// What a terminal's wall clock is known to be off is reckoned with where its record is judged.
func TestAKnownOffsetIsReckonedWith(t *testing.T) {
	e := record.Evidence{Wall: 5000, Off: 3000, Earliest: 1000, Latest: 9000, Trusted: true}
	yes, known := boundMoment(e, record.Evidence{}, 0, 10_000).isBefore(4000)
	assert.True(t, yes && known, "the wall clock alone would put it behind the deadline")
}
