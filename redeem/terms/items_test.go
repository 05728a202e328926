package terms_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/terms"
)

func TestItems(t *testing.T) {
	assert.Equal(t, "2", terms.Items(2).String())
	assert.Equal(t, "-1", terms.Items(-1).String())
	assert.Equal(t, terms.MaxQuantity, terms.Items(1_000_000))
	for _, n := range []int{1_000_001, math.MaxInt, math.MinInt} {
		assert.Error(t, terms.Terms{Kind: terms.FreeItem, MinQuantity: terms.Items(n)}.Check(), n)
		assert.Error(t, euros(line("", terms.Items(n), 5)).Check(), n)
	}
}
