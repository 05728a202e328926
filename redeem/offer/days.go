package offer

import (
	"time"

	"github.com/offlane/offlane/barcode/gs1"
)

// Days returns the first and the last day on which a GS1 coupon is valid by what its bar code says: AI (17) beside
// a GCN (255), or the dates inside a coupon code (8110). A day is its midnight in UTC and means the day in the shop's
// own zone; zero is not said. Years are those of this century (GS1 General Specifications, section 7.12, until 2050).
func (p Presented) Days() (first, last time.Time) {
	if value, ok := p.Elements.Get("8110"); ok {
		if coupon, err := gs1.ParseCoupon(value); err == nil {
			return day(coupon.Starts), day(coupon.Expires)
		}
		return first, last
	}
	if _, ok := p.Elements.Get("255"); ok {
		if value, ok := p.Elements.Get("17"); ok {
			last = day(value)
		}
	}
	return first, last
}

// day reads YYMMDD, where the day 00 is the last one of the month. Anything else is zero.
func day(text string) time.Time {
	if len(text) == 6 && text[4:] == "00" {
		month, err := time.Parse("060102", text[:4]+"01")
		if err != nil {
			return time.Time{}
		}
		return fixCentury(month).AddDate(0, 1, -1)
	}
	at, err := time.Parse("060102", text)
	if err != nil {
		return time.Time{}
	}
	return fixCentury(at)
}

// fixCentury undoes time.Parse's reading of 69 to 99 as years of the last century.
func fixCentury(t time.Time) time.Time {
	if t.Year() < 2000 {
		return t.AddDate(100, 0, 0)
	}
	return t
}
