package offer

import (
	"errors"
	"strings"

	"github.com/offlane/offlane/barcode/gs1"
)

// couponAIs are the Application Identifiers that name a coupon: a global coupon number, a North American coupon code,
// and a North American positive offer.
var couponAIs = []string{"255", "8110", "8112"}

// coupon is a GS1 coupon's number without and with its serial, both in canonical form, and the serial alone; without a
// serial alias is empty.
type coupon struct{ number, alias, serial string }

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
	return coupon{number, number + separator + serial, serial}
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
