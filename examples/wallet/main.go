// Program wallet serves the customer's page on http://127.0.0.1:8080 over a backend in memory, to look at. What is accepted is
// gone when it ends; examples/backend keeps it.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/pages"
)

func main() {
	server, err := backend.New(backend.Config{Store: memstore.New()})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range []backend.Campaign{
		{ID: "coffee", Title: "A free coffee", FollowUps: []backend.FollowUp{{Offer: "cake"}}}, {ID: "cake", Title: "Cake at half price"},
	} {
		if _, err := server.AddCampaign(context.Background(), "shop.example", c); err != nil {
			log.Fatal(err)
		}
	}
	log.Print("the customer's page is at http://127.0.0.1:8080")
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", pages.Customer(server)))
}
