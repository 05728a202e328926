package gs1_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/gs1"
)

const plainCoupon = "012345612345611110123"

func TestCouponsAreTakenApartAndPutTogether(t *testing.T) {
	for name, value := range map[string]string{
		"plain":          plainCoupon,
		"long prefix":    "6123456789012" + "654321" + "512345" + "3100" + "9" + "777",
		"second":         plainCoupon + "1" + "2" + "15" + "1" + "456" + "1" + "7654321",
		"second, funder": plainCoupon + "1" + "0" + "11" + "0" + "123" + "9",
		"third":          plainCoupon + "2" + "15" + "1" + "456" + "9",
		"dates":          plainCoupon + "3" + "261231" + "4" + "260101",
		"serial":         plainCoupon + "5" + "0" + "123456",
		"long serial":    plainCoupon + "5" + "9" + "123456789012345",
		"retailer":       plainCoupon + "6" + "7" + "1234567890123",
		"options":        plainCoupon + "9" + "5" + "0" + "0" + "1",
		"everything": plainCoupon + "1" + "3" + "15" + "2" + "456" + "0" + "123456" + "2" + "15" + "1" + "456" + "9" + "3" +
			"261231" +
			"4" + "260101",
	} {
		t.Run(name, func(t *testing.T) {
			c, err := gs1.ParseCoupon(value)
			require.NoError(t, err)
			assert.Equal(t, value, c.String())
		})
	}
}

func TestACouponsFields(t *testing.T) {
	c, err := gs1.ParseCoupon(plainCoupon + "101101239" + "3261231" + "50123456" + "611234567" + "95201")
	require.NoError(t, err)
	assert.Equal(t, gs1.Coupon{
		CompanyPrefix: "123456", OfferCode: "123456", SaveValue: "1",
		Primary:         gs1.Purchase{Requirement: "1", Code: "0", FamilyCode: "123"},
		AdditionalRules: "0", Second: gs1.Purchase{Requirement: "1", Code: "0", FamilyCode: "123"},
		Expires: "261231", Serial: "123456", Retailer: "1234567",
		Options: gs1.CouponOptions{SaveValueCode: "5", AppliesTo: "2", StoreCoupon: "0", DontMultiply: "1"},
	}, c)
}

func TestACouponThatIsWrongSaysWhere(t *testing.T) {
	for value, says := range map[string]string{
		"":                             "AI (8110): at byte 0: it is too short for the GS1 Company Prefix (couponcode)",
		"7":                            "AI (8110): at byte 0: it is no length of the GS1 Company Prefix",
		"012345":                       "AI (8110): at byte 1: it is too short for the GS1 Company Prefix",
		"0123456123456611":             "AI (8110): at byte 13: it is no length of the save value",
		"012345612345611115123":        "AI (8110): at byte 17: it is no purchase requirement code",
		plainCoupon + "3261331":        "AI (8110): at byte 24: it is no month",
		plainCoupon + "32601014261231": "is a start after the expiration",
		plainCoupon + "7":              "AI (8110): at byte 21: it is more than the coupon's fields",
		"01234561234561111012A":        "is not of digits alone",
	} {
		_, err := gs1.ParseCoupon(value)
		assert.ErrorContains(t, err, says, value)
	}
}

func TestGlobalCouponNumbers(t *testing.T) {
	for value, want := range map[string]gs1.GCN{
		"4012345000009":             {Number: "4012345000009"},
		"4012345000009123456789012": {Number: "4012345000009", Serial: "123456789012"},
		"40123450000090":            {Number: "4012345000009", Serial: "0"},
	} {
		g, err := gs1.ParseGCN(value)
		require.NoError(t, err)
		assert.Equal(t, want, g)
		assert.Equal(t, value, g.String())
	}
	for _, value := range []string{"", "401234500000", "4012345000008", "4012345000009A", "40123450000091234567890123"} {
		_, err := gs1.ParseGCN(value)
		assert.Error(t, err, value)
	}
}

func TestPositiveOffers(t *testing.T) {
	o, err := gs1.ParsePositiveOffer("1101234561234560123456")
	require.NoError(t, err)
	assert.Equal(t, gs1.PositiveOffer{Format: "1", Funder: "0123456", OfferCode: "123456", Serial: "123456"}, o)
	assert.Equal(t, "1101234561234560123456", o.String())
	_, err = gs1.ParsePositiveOffer("21012345")
	assert.ErrorContains(t, err, "AI (8112): at byte 0: it is no coupon format (couponposoffer)")
}

func Example() {
	elements, err := gs1.Parse("]C1" + "2554012345000009123456\x1d17261231")
	if err != nil {
		panic(err)
	}
	value, _ := elements.Get("255")
	coupon, _ := gs1.ParseGCN(value)
	link, _ := elements.Link("https://id.gs1.org")
	fmt.Println(elements)
	fmt.Println(coupon.Number, coupon.Serial, elements.Check())
	fmt.Println(link)
	_, err = gs1.Parse("0109521234543214")
	fmt.Println(err)
	// Output:
	// (255)4012345000009123456(17)261231
	// 4012345000009 123456 <nil>
	// https://id.gs1.org/255/4012345000009123456?17=261231
	// gs1: AI (01): at byte 15: it is not the check digit that the others make (csum)
}
