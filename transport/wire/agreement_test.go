package wire_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

func TestWhatCannotBeAgreedUponIsRefusedByName(t *testing.T) {
	for field, n := range map[string]wire.NewAgreement{
		"owner":        {Partner: "b"},
		"partner":      {Owner: "a"},
		"campaigns[1]": {Owner: "a", Partner: "b", Campaigns: []string{"c", "c"}},
		"campaigns[0]": {Owner: "a", Partner: "b", Campaigns: []string{"a campaign"}},
		"coupons[0]":   {Owner: "a", Partner: "b", Coupons: []string{"95012345678911"}},
		"coupons[1]":   {Owner: "a", Partner: "b", Coupons: []string{"9501", "95x1"}},
	} {
		err := n.Check()
		assert.ErrorIs(t, err, fault.InvalidRequest, field)
		assert.ErrorContains(t, err, field+": ")
	}
	self := wire.NewAgreement{Owner: "a", Partner: "a"}
	assert.ErrorContains(t, self.Check(), "partner: ")
}
