package offer

import (
	"errors"
	"strings"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/redeem/fault"
)

// couponAIs are the Application Identifiers that name a coupon: a global coupon number, a North American coupon code,
// and a North American positive offer.
var couponAIs = []string{"255", "8110", "8112"}

// coupon is a GS1 coupon's number without and with its serial, both in canonical form; without a serial alias is empty.
type coupon struct{ number, alias string }

// couponOf takes the number of a coupon out of its value, which the AI's rules have been checked on.
func couponOf(ai, value string) (coupon, error) {
	switch ai {
	case "255":
		g, err := gs1.ParseGCN(value)
		return newCoupon("255:"+g.Number, g.Serial, ""), err
	case "8110":
		c, err := gs1.ParseCoupon(value)
		return newCoupon("8110:"+c.CompanyPrefix+"."+c.OfferCode, c.Serial, "."), err
	case "8112":
		o, err := gs1.ParsePositiveOffer(value)
		return newCoupon("8112:"+o.Format+"."+o.Funder+"."+o.OfferCode, o.Serial, "."), err
	}
	return coupon{}, errors.New("it is of none of the AIs that name a coupon")
}

func newCoupon(number, serial, separator string) coupon {
	if serial == "" {
		return coupon{number: number}
	}
	return coupon{number: number, alias: number + separator + serial}
}

// parseGS1 reads a coupon by GS1's rules: an element string or a Digital Link.
func parseGS1(text string) (Presented, error) {
	elements, err := gs1.Parse(text)
	if err != nil {
		return Presented{}, errorf(fault.Malformed, "it is no element string or link of GS1's: %w", err)
	}
	if err := elements.Check(); err != nil {
		return Presented{}, errorf(fault.Malformed, "its GS1 elements do not go together: %w", err)
	}
	var found coupon
	for _, ai := range couponAIs {
		value, ok := elements.Get(ai)
		if !ok {
			continue
		}
		if found.number != "" {
			return Presented{}, errorf(fault.Ambiguous, "it names two coupons: scan them one by one")
		}
		if found, err = couponOf(ai, value); err != nil {
			return Presented{}, errorf(fault.Malformed, "its coupon number cannot be read: %w", err)
		}
	}
	if found.number == "" {
		return Presented{}, errorf(fault.Unreadable, "it is a GS1 code without a coupon's number")
	}
	return Presented{Dress: GS1, Alias: found.alias, Coupon: found.number, Elements: elements}, nil
}

// checkAlias returns nil for a GS1 number in canonical form, with its serial.
func checkAlias(alias string) error {
	ai, number, _ := strings.Cut(alias, ":")
	value := number
	switch fields := strings.Split(number, "."); {
	case ai == "8110" && len(fields) == 3:
		value = gs1.Coupon{CompanyPrefix: fields[0], OfferCode: fields[1], Serial: fields[2], SaveValue: "0",
			Primary: gs1.Purchase{Requirement: "0", Code: "0", FamilyCode: "000"}}.String()
	case ai == "8112" && len(fields) == 4:
		value = gs1.PositiveOffer{Format: fields[0], Funder: fields[1], OfferCode: fields[2], Serial: fields[3]}.String()
	}
	if again, err := couponOf(ai, value); err != nil || again.alias != alias {
		return errors.New("the alias is not a GS1 coupon number with its serial in canonical form, as Presented.Alias has it")
	}
	return nil
}
