// Program wallet serves the customer's page on http://127.0.0.1:8080 over a backend in memory, to look at. What is
// accepted is gone when it ends; examples/backend keeps it.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/pages"
	"github.com/offlane/offlane/transport/wire"
)

func main() {
	wallet, err := open(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	log.Print("the customer's page is at http://127.0.0.1:8080")
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", wallet))
}

// open makes a backend with two campaigns, of which one follows from the other, and its page.
func open(ctx context.Context) (http.Handler, error) {
	server, err := backend.New(ctx, backend.Config{Store: memstore.New()})
	if err != nil {
		return nil, err
	}
	coffee := wire.Campaign{ID: "coffee", Title: "A free coffee", FollowUps: []wire.FollowUp{{Offer: "cake"}}}
	for _, c := range []wire.Campaign{coffee, {ID: "cake", Title: "Cake at half price"}} {
		if _, err := server.AddCampaign(ctx, "shop.example", c); err != nil {
			return nil, err
		}
	}
	return pages.Customer(server), nil
}
