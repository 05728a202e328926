package evidence_test

import (
	"testing"

	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/record"
	"github.com/stretchr/testify/assert"
)

// What the wall clock is known to be off is reckoned with.
func TestAKnownOffsetIsReckonedWith(t *testing.T) {
	e := record.Evidence{Wall: 5000, Off: 3000, Earliest: 1000, Latest: 9000, Trusted: true}
	assert.Equal(t, int64(2000), evidence.Present(e))
	e.Earliest = 2500
	assert.Equal(t, int64(2500), evidence.Present(e), "never before what is certain")
}

func TestNow(t *testing.T) {
	assert.EqualValues(t, 5, evidence.Now(record.Evidence{Wall: 9, Earliest: 5}), "the earliest moment")
	assert.EqualValues(t, 9, evidence.Now(record.Evidence{Wall: 9}), "without evidence the wall clock")
}

func TestLongAfter(t *testing.T) {
	long := evidence.LongestSale.Milliseconds()
	for _, test := range []struct {
		name      string
		then, now record.Evidence
		want      bool
	}{
		{"one run, as long as a sale", record.Evidence{Boot: "a", SinceBoot: 5}, record.Evidence{Boot: "a", SinceBoot: 5 +
			long}, false},
		{"one run, longer", record.Evidence{Boot: "a", SinceBoot: 5}, record.Evidence{Boot: "a", SinceBoot: 6 + long}, true},
		{"one run, whatever the clocks say", record.Evidence{Boot: "a", Latest: 1},
			record.Evidence{Boot: "a", Earliest: 9 * long}, false},
		{"two runs, whatever they count", record.Evidence{Boot: "a"}, record.Evidence{Boot: "b", SinceBoot: 9 * long}, false},
		{"no run is known", record.Evidence{}, record.Evidence{SinceBoot: 9 * long}, false},
		{"bounds, as long as a sale", record.Evidence{Latest: 5}, record.Evidence{Earliest: 5 + long}, false},
		{"bounds, longer", record.Evidence{Latest: 5}, record.Evidence{Earliest: 6 + long}, true},
		{"no bound is known", record.Evidence{}, record.Evidence{Earliest: 9 * long}, false},
		{"clocks, as long as a sale", record.Evidence{Trusted: true, Wall: 5}, record.Evidence{Trusted: true, Wall: 5 + long},
			false},
		{"clocks, longer", record.Evidence{Trusted: true, Wall: 5}, record.Evidence{Trusted: true, Wall: 6 + long}, true},
		{"the earlier clock is not believed", record.Evidence{Wall: 5}, record.Evidence{Trusted: true, Wall: 9 * long},
			false},
		{"the later clock is not believed", record.Evidence{Trusted: true, Wall: 5}, record.Evidence{Wall: 9 * long}, false},
	} {
		assert.Equal(t, test.want, evidence.LongAfter(test.then, test.now), test.name)
	}
}
