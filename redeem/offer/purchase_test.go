package offer_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
)

const (
	soap  = "614141000012"
	other = "036000291452"
)

// couponWith is a coupon of the company 614141 for one of its products, changed.
func couponWith(change func(*gs1.Coupon)) string {
	c := gs1.Coupon{CompanyPrefix: "614141", OfferCode: "543210", SaveValue: "100",
		Primary: gs1.Purchase{Requirement: "1", Code: "0", FamilyCode: "000"}, Serial: "123456"}
	change(&c)
	return "]e08110" + c.String()
}

func saleOf(gtins ...string) terms.Sale {
	sale := terms.Sale{Currency: "USD"}
	for _, gtin := range gtins {
		sale.Lines = append(sale.Lines, terms.Line{GTIN: gtin, Amount: 300})
	}
	return sale
}

func TestCouponsComeApart(t *testing.T) {
	p, err := offer.Reader{Separated: true}.Parse(couponWith(func(*gs1.Coupon) {}))
	require.NoError(t, err)
	c, ok := p.CouponCode()
	assert.True(t, ok, "it is a coupon code")
	assert.Equal(t, "543210", c.OfferCode)
	_, ok = p.PositiveOffer()
	assert.False(t, ok, "and no positive offer")
	p, err = offer.Reader{Separated: true}.Parse("]e08112" + positive)
	require.NoError(t, err)
	o, ok := p.PositiveOffer()
	assert.True(t, ok, "it is a positive offer")
	assert.Equal(t, "123456", o.Serial)
	_, ok = p.CouponCode()
	assert.False(t, ok, "and no coupon code")
}

func TestACouponsPurchaseIsHeldToTheSale(t *testing.T) {
	second := func(rules string, third bool) func(*gs1.Coupon) {
		return func(c *gs1.Coupon) {
			c.AdditionalRules = rules
			c.Second = gs1.Purchase{Requirement: "1", Code: "0", FamilyCode: "000", CompanyPrefix: "036000"}
			if third {
				c.Third = gs1.Purchase{Requirement: "1", Code: "0", FamilyCode: "000", CompanyPrefix: "012345"}
			}
		}
	}
	primary := func(requirement, code, family string) func(*gs1.Coupon) {
		return func(c *gs1.Coupon) {
			c.Primary = gs1.Purchase{Requirement: requirement, Code: code, FamilyCode: family}
		}
	}
	const third = "012345678905"
	for name, test := range map[string]struct {
		change func(*gs1.Coupon)
		sale   terms.Sale
		code   fault.Code // none: the sale has it
	}{
		"bought":                      {func(*gs1.Coupon) {}, saleOf(soap), ""},
		"not bought":                  {func(*gs1.Coupon) {}, saleOf(other), fault.NothingEligible},
		"no lines":                    {func(*gs1.Coupon) {}, terms.Sale{}, fault.PurchaseUnknown},
		"a family that is not given":  {primary("1", "0", "123"), saleOf(soap), fault.PurchaseUnknown},
		"a family of another company": {primary("1", "0", "123"), saleOf(other), fault.NothingEligible},
		"money":                       {primary("300", "1", "000"), saleOf(soap), ""},
		"too little money":            {primary("301", "1", "000"), saleOf(soap, other), fault.NothingEligible},
		"money in all":                {primary("600", "2", "000"), saleOf(soap, other), ""},
		"too little money in all":     {primary("601", "2", "000"), saleOf(soap, other), fault.NothingEligible},
		"pounds, not weighed":         {primary("150", "3", "000"), saleOf(soap), fault.PurchaseUnknown},
		"kilograms, of none":          {primary("150", "4", "000"), saleOf(other), fault.NothingEligible},
		"the cashier sees to it":      {primary("1", "9", "000"), saleOf(soap), fault.PurchaseUnknown},
		"any: the first":              {second("0", false), saleOf(soap), ""},
		"any: the second":             {second("0", false), saleOf(other), ""},
		"any: none":                   {second("0", true), saleOf("4012345000009"), fault.NothingEligible},
		"all: one is missing":         {second("1", false), saleOf(soap), fault.NothingEligible},
		"all":                         {second("1", true), saleOf(soap, other, third), ""},
		"first and another":           {second("2", true), saleOf(soap, third), ""},
		"first and another: no first": {second("2", true), saleOf(other, third), fault.NothingEligible},
		"rules that leave it open":    {second("3", false), saleOf(soap, other), fault.PurchaseUnknown},
	} {
		p, err := offer.Reader{Separated: true}.Parse(couponWith(test.change))
		require.NoError(t, err, name)
		err = p.CheckPurchase(test.sale, true)
		if test.code == "" {
			assert.NoError(t, err, name)
		} else {
			assert.ErrorIs(t, err, test.code, name)
		}
	}
}

func TestOnlyTermsSayWhatAPositiveOfferRequires(t *testing.T) {
	p, err := offer.Reader{Separated: true}.Parse("]e08112" + positive)
	require.NoError(t, err)
	assert.NoError(t, p.CheckPurchase(saleOf(soap), true), "the campaign's terms do")
	assert.ErrorIs(t, p.CheckPurchase(saleOf(soap), false), fault.PurchaseUnknown, "nothing else does")
	p, err = offer.Parse("]C1255" + gcn)
	require.NoError(t, err)
	assert.NoError(t, p.CheckPurchase(terms.Sale{}, false), "a GCN's bar code requires nothing")
}
