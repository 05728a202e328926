package pgstore_test

import (
	"context"
	"fmt"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/pgstore"
)

// Several processes may do this with one database.
func ExampleOpen() {
	store, err := pgstore.Open(context.Background(), "host=/nowhere user=offlane dbname=offlane connect_timeout=1")
	if err != nil {
		fmt.Println("the database does not answer")
		return
	}
	defer store.Close()
	server, err := backend.New(context.Background(), backend.Config{Store: store})
	fmt.Println(server, err)
	// Output: the database does not answer
}
