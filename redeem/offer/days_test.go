package offer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
)

func TestDaysOfACoupon(t *testing.T) {
	date := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for text, want := range map[string][2]time.Time{
		"]C125595012345678911":          {},
		"]C117261123255950123456789115": {1: date(2026, 11, 23)},
		"]C117280200255950123456789115": {1: date(2028, 2, 29)},
		"]C117990131255950123456789115": {1: date(2099, 1, 31)},
		sample.Code():                   {},
		"8110" + "0123456123456" + "11" + "110123" + "3261231" + "4260101": {date(2026, 1, 1), date(2026, 12, 31)},
	} {
		presented, err := offer.Parse(text)
		require.NoError(t, err, text)
		first, last := presented.Days()
		assert.Equal(t, want, [2]time.Time{first, last}, text)
	}
}
