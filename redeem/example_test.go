package redeem_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/offlane/offlane/redeem"
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
