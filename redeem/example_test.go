package redeem_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A till that knows one issuer redeems a pass with no network. Shown again in another sale, the pass is refused.
func Example() {
	dir, err := os.MkdirTemp("", "till")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	ctx := context.Background()
	terminal, err := redeem.Open(ctx, dir, redeem.Config{
		Place:  record.Place{Merchant: "m-1", Store: "s-1", Lane: "7"},
		Keys:   []offer.Key{issuer.Key()},
		Policy: redeem.Policy{MaxAlone: -1}, // this machine's clock is known to be right
	})
	if err != nil {
		log.Fatal(err)
	}
	defer terminal.Close()

	scanned, err := issuer.Issue(offer.Pass{ID: offer.NewID(), IssuedAt: time.Now(), NotAfter: time.Now().Add(time.Hour)})
	if err != nil {
		log.Fatal(err)
	}
	for _, sale := range []string{"sale 42", "sale 43"} {
		decision, err := terminal.Redeem(ctx, redeem.Request{Scanned: scanned, SaleKey: sale})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sale, decision)
	}
	// Output:
	// sale 42 allow
	// sale 43 refuse already-redeemed
}

// A policy is data. What it misspells it refuses.
func ExampleParsePolicy() {
	policy, err := redeem.ParsePolicy([]byte(`{
		"maxAlone": "72h",
		"perHour": {"number": 60},
		"unreported": {"value": 50000, "currency": "EUR"}
	}`))
	fmt.Println(policy.MaxAlone, policy.PerHour.Number, policy.Unreported.Value, err)
	_, err = redeem.ParsePolicy([]byte(`{"perHuor": {"number": 60}}`))
	fmt.Println(errors.Is(err, fault.InvalidRequest))
	// Output:
	// 72h0m0s 60 50000 <nil>
	// true
}

// An offer is held while the customer pays, redeemed with the same sale key, and taken back when the goods are
// returned.
func ExampleTerminal_Reserve() {
	ctx := context.Background()
	terminal, scanned, closeAll := exampleTill()
	defer closeAll()
	request := redeem.Request{Scanned: scanned, SaleKey: "2026-11-23/7/0042", Given: record.Money{Amount: 250,
		Currency: "EUR"}}

	held, err := terminal.Reserve(ctx, request, 10*time.Minute)
	fmt.Println(held, err)
	request.SaleKey = "2026-11-23/7/0043" // the same offer in another sale
	other, err := terminal.Redeem(ctx, request)
	fmt.Println(other, err)
	request.SaleKey = "2026-11-23/7/0042"
	redeemed, err := terminal.Redeem(ctx, request)
	fmt.Println(redeemed, redeemed.Given.Amount, err)

	void, err := terminal.Void(ctx, redeem.VoidRequest{Receipt: redeemed.Receipt, Key: "2026-11-23/7/0050"})
	fmt.Println(len(void.Voids), err)
	totals, err := terminal.Totals(ctx, redeem.Query{})
	fmt.Println(len(totals), totals[0].Given, totals[0].Returned, err)
	// Output:
	// allow <nil>
	// refuse reserved <nil>
	// allow 250 <nil>
	// 1 <nil>
	// 1 250 250 <nil>
}

// exampleTill opens a till that believes its machine's clock and knows one issuer, and returns a pass of that issuer.
func exampleTill() (terminal *redeem.Terminal, scanned string, closeAll func()) {
	dir, err := os.MkdirTemp("", "till")
	if err != nil {
		panic(err)
	}
	terminal, err = redeem.Open(context.Background(), dir, redeem.Config{
		Place: record.Place{Merchant: "shop.example", Store: "12", Lane: "7"}, Keys: []offer.Key{issuer.Key()},
		Policy: redeem.Policy{MaxAlone: -1},
	})
	if err != nil {
		panic(err)
	}
	scanned, err = issuer.Issue(offer.Pass{ID: offer.NewID(), IssuedAt: time.Now(), NotAfter: time.Now().Add(time.Hour)})
	if err != nil {
		panic(err)
	}
	return terminal, scanned, func() {
		terminal.Close()
		os.RemoveAll(dir)
	}
}
