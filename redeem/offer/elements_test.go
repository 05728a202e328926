package offer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/redeem/offer"
)

// randomElements makes the element string of an item or a logistic unit, whose free texts are of digits, so that they
// look like anything.
func randomElements(r *rand.Rand) gs1.Elements {
	gtin := func() string {
		number := digits(r, 13)
		return number + checkDigit(number)
	}
	all := []func() gs1.Element{
		func() gs1.Element { return gs1.Element{AI: "01", Value: gtin()} },
		func() gs1.Element { return gs1.Element{AI: "02", Value: gtin()} },
		func() gs1.Element { return gs1.Element{AI: "10", Value: digits(r, 1+r.IntN(20))} },
		func() gs1.Element {
			return gs1.Element{AI: "11", Value: fmt.Sprintf("26%02d%02d", 1+r.IntN(12), 1+r.IntN(28))}
		},
		func() gs1.Element {
			return gs1.Element{AI: "17", Value: fmt.Sprintf("26%02d%02d", 1+r.IntN(12), 1+r.IntN(28))}
		},
		func() gs1.Element { return gs1.Element{AI: "21", Value: digits(r, 1+r.IntN(20))} },
		func() gs1.Element { return gs1.Element{AI: "240", Value: digits(r, 1+r.IntN(30))} },
		func() gs1.Element { return gs1.Element{AI: "37", Value: digits(r, 1+r.IntN(8))} },
		func() gs1.Element { return gs1.Element{AI: fmt.Sprintf("310%d", r.IntN(6)), Value: digits(r, 6)} },
		func() gs1.Element {
			return gs1.Element{AI: fmt.Sprintf("392%d", r.IntN(4)), Value: digits(r, 1+r.IntN(15))}
		},
		func() gs1.Element { return gs1.Element{AI: "400", Value: digits(r, 1+r.IntN(30))} },
		func() gs1.Element { return gs1.Element{AI: "410", Value: gtin()[1:]} },
		func() gs1.Element { return gs1.Element{AI: "99", Value: digits(r, 1+r.IntN(40))} },
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var elements gs1.Elements
	for _, element := range all[:1+r.IntN(5)] {
		elements = append(elements, element())
	}
	return elements
}

// What is no coupon never becomes one because its separators are lost.
func TestRandomElementStringsWithoutSeparatorsAreNoCoupons(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range *coupons {
		elements := randomElements(r)
		_, err := offer.Parse("]C1" + strings.ReplaceAll(elements.Raw(), "\x1d", ""))
		assert.Error(t, err, elements.String())
	}
}

// randomCode makes a North American coupon code with any of its optional fields.
func randomCode(r *rand.Rand) gs1.Coupon {
	purchase := func() gs1.Purchase {
		return gs1.Purchase{Requirement: digits(r, 1+r.IntN(5)), Code: "012349"[r.IntN(6):][:1], FamilyCode: digits(r, 3)}
	}
	c := gs1.Coupon{CompanyPrefix: digits(r, 6+r.IntN(7)), OfferCode: digits(r, 6), SaveValue: digits(r, 1+r.IntN(5)),
		Primary: purchase(), Serial: digits(r, 6+r.IntN(10))}
	if r.IntN(3) == 0 {
		c.AdditionalRules, c.Second = "0123"[r.IntN(4):][:1], purchase()
	}
	if r.IntN(2) == 0 {
		c.Expires = fmt.Sprintf("26%02d%02d", 1+r.IntN(12), 1+r.IntN(28))
	}
	if r.IntN(3) == 0 {
		c.Options = gs1.CouponOptions{SaveValueCode: "0", AppliesTo: "0", StoreCoupon: "0", DontMultiply: "0"}
	}
	return c
}

func TestRandomCouponCodesNeedNoSeparators(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	var codes, positives figures
	for range *coupons {
		code := randomCode(r).String()
		want := gs1.Elements{{AI: "8110", Value: code}}
		p, err := offer.Parse("]e08110" + code)
		codes.add(t, want, p, err)
		value := gs1.PositiveOffer{Format: "0", Funder: digits(r, 6+r.IntN(7)), OfferCode: digits(r, 6),
			Serial: digits(r, 6+r.IntN(10))}.String()
		want = gs1.Elements{{AI: "8112", Value: value}}
		p, err = offer.Parse("]e08112" + value)
		positives.add(t, want, p, err)
	}
	t.Logf("8110: %s\n8112: %s", codes, positives)
	require.GreaterOrEqual(t, codes.share(), 0.95, "8110")
	require.GreaterOrEqual(t, positives.share(), 0.95, "8112")
}
