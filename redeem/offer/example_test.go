package offer_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

// A backend issues a pass, a till reads it from a screen and verifies it with no network.
func Example() {
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	text, err := house.Issue(offer.Pass{ID: offer.NewID(), Audience: []string{"bakery"}, IssuedAt: at,
		NotAfter: at.AddDate(0, 1, 0)})
	if err != nil {
		panic(err)
	}
	keys, err := offer.NewKeys(house.Key()) // at the till these come with the trust bundle
	if err != nil {
		panic(err)
	}
	presented, err := offer.Parse(text)
	if err != nil {
		panic(err)
	}
	fmt.Println(presented.Dress, presented.Verify(keys), presented.Pass.MayRedeem("bakery", "north"))
	// Output: signed pass <nil> <nil>
}

// A short code that was mistyped says where.
func ExampleParseCode() {
	_, err := offer.ParseCode("0FYPPTN-1VN8AR2-014KLEA-YHDG0AA")
	fmt.Println(errors.Is(err, fault.Mistyped), err)
	// Output: true offer.Parse: mistyped: symbol 16 (1) is wrong: type it again
}
