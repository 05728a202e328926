package wire

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// Limits of what a merchant may ask for.
const (
	// MaxUses is how often an offer may be redeemed at most.
	MaxUses      = 100
	maxTitle     = 200
	maxText      = 2000
	maxFollowUps = 50
	maxSeconds   = 10 * 366 * 24 * 3600
	maxPerDevice = 1000
	maxTerminals = 100_000
	maxHeldOut   = 90
	maxTrialDays = 60
)

// Check returns fault.InvalidRequest for a campaign that cannot be created at a moment in milliseconds since 1970. The
// detail begins with the field, as it is called in JSON. A follow-up may name a campaign that does not exist yet.
func (c *Campaign) Check(now int64) error {
	return cmp.Or(
		checkID("id", c.ID),
		checkTitle("title", c.Title),
		checkText("text", c.Text),
		c.checkWords(),
		optional(checkName, "category", c.Category),
		c.checkTerms(),
		c.checkPlaces(),
		c.checkNumbers(),
		c.checkTimes(now),
		c.checkCoupon(),
		c.checkAllowance("unproven", c.Unproven),
		c.checkAllowance("offline", c.Offline),
		c.checkFollowUps(now),
		c.Holdout.check("holdout"),
	)
}

func (h Holdout) check(at string) error {
	if h.Percent == 0 && h.Days != 0 {
		return fault.Invalid("%s.days: without a percent nobody is held out", at)
	}
	return cmp.Or(checkRange(at+".percent", h.Percent, maxHeldOut), checkRange(at+".days", h.Days, maxTrialDays))
}

func (c *Campaign) checkTerms() error {
	if c.Terms.IsZero() {
		return nil
	}
	err := c.Terms.Check()
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return fault.Invalid("terms: %s", f.Detail)
	}
	return err
}

// checkPlaces looks at who redeems, and where. The owner is no partner of its own.
func (c *Campaign) checkPlaces() error {
	if i := slices.Index(c.Partners, c.Merchant); i >= 0 && c.Merchant != "" {
		return fault.Invalid("partners[%d]: %q is the owner, which redeems its offers anyway", i, c.Merchant)
	}
	return cmp.Or(checkNames("partners", c.Partners), checkNames("stores", c.Stores))
}

func (c *Campaign) checkNumbers() error {
	return cmp.Or(
		checkRange("uses", c.Uses, MaxUses),
		checkRange("offlineUses", c.OfflineUses, max(c.Uses, 1)),
		checkNatural("limit", c.Limit),
		checkRange("perDevice", c.PerDevice, maxPerDevice),
		checkNatural("budget", c.Budget),
		c.checkReserve(),
		c.checkCurrency(),
		checkRange("validSeconds", c.ValidSeconds, maxSeconds),
	)
}

// checkCurrency asks for the budget's currency.
func (c *Campaign) checkCurrency() error {
	switch {
	case c.Currency != "" && !terms.IsCurrency(c.Currency):
		return fault.Invalid("currency: %.8q is not three capital letters (ISO 4217)", c.Currency)
	case c.Budget != 0 && c.Currency == "" && c.Terms.Currency == "":
		return fault.Invalid("currency: a budget needs one, here or in the terms")
	}
	return c.checkTermsCurrency("currency", c.Currency)
}

// checkAllowance asks for a limit that counts what the offers give.
func (c *Campaign) checkAllowance(at string, a trust.Allowance) error {
	return cmp.Or(checkAllowance(at, a), c.checkTermsCurrency(at+".currency", a.Currency))
}

// checkTermsCurrency refuses another currency than the terms', in which nothing would ever be counted.
func (c *Campaign) checkTermsCurrency(at, currency string) error {
	if currency != "" && c.Terms.Currency != "" && currency != c.Terms.Currency {
		return fault.Invalid("%s: the terms are in %s, so that nothing is given in %s", at, c.Terms.Currency, currency)
	}
	return nil
}

// checkTimes asks that an offer can be accepted and redeemed from now on.
func (c *Campaign) checkTimes(now int64) error {
	err := cmp.Or(
		checkTime("starts", c.Starts),
		checkAhead("ends", c.Ends, now),
		checkAhead("notAfter", c.NotAfter, now),
	)
	if err != nil {
		return err
	}
	begins := max(now, c.Starts)
	if c.Ends != 0 && c.Ends <= begins {
		return fault.Invalid("ends: the campaign ends before it starts")
	}
	if c.NotAfter != 0 && seconds(c.NotAfter) <= seconds(begins) { // passes have seconds
		return fault.Invalid("notAfter: it ends all offers before the first can be accepted")
	}
	return nil
}

// seconds are the whole seconds of a moment in milliseconds.
func seconds(millis int64) int64 { return millis / 1000 }

func (c *Campaign) checkCoupon() error {
	if err := c.Layout.Check(); err != nil {
		return fault.Invalid("layout: %w", err)
	}
	if c.Coupon == "" && !c.Layout.IsZero() {
		return fault.Invalid("layout: it says what GS1 coupons look like, and the campaign has no coupon")
	}
	if c.Coupon == "" {
		return nil
	}
	if p, err := offer.Parse("]C1255" + c.Coupon); err != nil || p.Coupon != couponPrefix+c.Coupon || p.Alias != "" {
		return fault.Invalid("coupon: %.20q is not the 13 digits of a Global Coupon Number (GS1 AI 255)", c.Coupon)
	}
	return nil
}

func (c *Campaign) checkFollowUps(now int64) error {
	if len(c.FollowUps) > maxFollowUps {
		return fault.Invalid("followUps: %d are more than %d", len(c.FollowUps), maxFollowUps)
	}
	for i := range c.FollowUps {
		if err := c.FollowUps[i].check(fmt.Sprintf("followUps[%d]", i), now); err != nil {
			return err
		}
	}
	return nil
}

// Check returns fault.InvalidRequest for a code that cannot be made at a moment in milliseconds since 1970. The detail
// begins with the field, as it is called in JSON.
func (n NewCode) Check(now int64) error {
	return cmp.Or(
		checkName("store", n.Store),
		optional(checkName, "zone", n.Zone),
		n.checkTerminals(),
		checkAhead("expires", n.Expires, now),
	)
}

func (n NewCode) checkTerminals() error {
	if !n.Terminal.IsZero() && n.Terminals > 1 {
		return fault.Invalid("terminals: %d, but a code with a terminal is for that one alone", n.Terminals)
	}
	return checkRange("terminals", n.Terminals, maxTerminals)
}
