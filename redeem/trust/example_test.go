package trust_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
)

// The backend signs a bundle; a terminal accepts it from the network or a stick, and refuses an older one afterwards.
func Example() {
	gone := offer.ID{1}
	spent, err := trust.NewFilter(trust.Offers{IDs: []offer.ID{{2}}})
	if err != nil {
		panic(err)
	}
	bundle := trust.Bundle{
		Sequence: 41, Merchant: "shop.example", Made: time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC),
		Keys: []offer.Key{brand.Key()}, Revoked: trust.Offers{IDs: []offer.ID{gone}}, Spent: spent,
	}
	old, err := trust.Sign(bundle, backend)
	if err != nil {
		panic(err)
	}
	bundle.Sequence = 42
	data, err := trust.Sign(bundle, backend)
	if err != nil {
		panic(err)
	}

	have, err := trust.Accept(nil, data, roots, "shop.example")
	fmt.Println(have.Sequence, err)
	fmt.Println(have.IsRevoked(gone, "", ""), have.MaySpent(offer.ID{2}, ""))
	_, err = trust.Accept(have, old, roots, "shop.example")
	fmt.Println(errors.Is(err, fault.RolledBack))
	// Output:
	// 42 <nil>
	// true true
	// true
}

// A delta lists what changed since the bundle that the terminal has.
func ExampleSignDelta() {
	data, err := trust.Sign(trust.Bundle{Sequence: 1, Merchant: "shop.example", Made: made}, backend)
	if err != nil {
		panic(err)
	}
	have, err := trust.Accept(nil, data, roots, "shop.example")
	if err != nil {
		panic(err)
	}
	delta, err := trust.SignDelta(trust.Delta{
		Base: 1, Sequence: 2, Merchant: "shop.example", Made: made.Add(time.Minute), Salt: have.Salt,
		Spent: trust.Offers{IDs: []offer.ID{{7}}},
	}, backend)
	if err != nil {
		panic(err)
	}
	have, err = trust.Accept(have, delta, roots, "shop.example")
	fmt.Println(have.Sequence, have.MaySpent(offer.ID{7}, ""), err)
	// Output: 2 true <nil>
}
