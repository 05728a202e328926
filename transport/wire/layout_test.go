package wire_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/wire"
)

func TestALayoutGoesWithACoupon(t *testing.T) {
	layout := offer.Layout{Serials: []int{12}, AIs: []string{"17", "390n"}, MaxAmount: 500}
	c := wire.Campaign{ID: "paper", Title: "Paper", Coupon: "9501234567891", Layout: layout}
	assert.NoError(t, c.Check(time.Now().UnixMilli()))
	for name, change := range map[string]func(*wire.Campaign){
		"no coupon": func(c *wire.Campaign) { c.Coupon = "" },
		"no serial": func(c *wire.Campaign) { c.Layout.Serials = []int{16} },
		"no AI":     func(c *wire.Campaign) { c.Layout.AIs = []string{"89"} },
	} {
		bad := c
		change(&bad)
		err := bad.Check(time.Now().UnixMilli())
		assert.ErrorIs(t, err, fault.InvalidRequest, name)
		assert.ErrorContains(t, err, "layout", name)
	}
}
