package redeem

import (
	"github.com/offlane/offlane/redeem/fault"
)

// weighPurchase refuses where the sale has not what a coupon's bar code requires, and asks where that cannot be told.
func (c *candidate) weighPurchase() {
	err := c.presented.CheckPurchase(c.req.Sale, !c.decision.Terms.IsZero())
	switch {
	case err == nil:
	case fault.CodeOf(err) == fault.PurchaseUnknown:
		c.speaks(Ask, err)
	case !c.decision.Because(fault.NothingEligible):
		c.speaks(Refuse, err)
	}
}
