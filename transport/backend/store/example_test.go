package store_test

import (
	"context"
	"fmt"

	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
)

// An Update is one transaction: an error undoes all that it wrote, and is returned as it is.
func Example() {
	ctx, rows := context.Background(), memstore.New()
	defer rows.Close()

	put := func(title string, after error) error {
		return rows.Update(ctx, func(tx store.Tx) error {
			if err := tx.PutCampaign(store.Campaign{ID: "spring", Merchant: "m-1", Title: title}); err != nil {
				return err
			}
			return after
		})
	}
	fmt.Println(put("Free coffee", nil), put("Free cake", context.Canceled))

	err := rows.View(ctx, func(tx store.Tx) error {
		campaign, err := tx.Campaign("spring")
		if err != nil {
			return err
		}
		autumn, err := tx.Campaign("autumn")
		fmt.Printf("%s, of %s; autumn is there: %t\n", campaign.Title, campaign.Merchant, autumn != nil)
		return err
	})
	if err != nil {
		panic(err)
	}
	// Output:
	// <nil> context canceled
	// Free coffee, of m-1; autumn is there: false
}
