package boltstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/boltstore"
)

func Example() {
	dir, err := os.MkdirTemp("", "offlane-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	store, err := boltstore.Open(context.Background(), filepath.Join(dir, "offlane.db"))
	if err != nil {
		panic(err)
	}
	defer store.Close()
	server, err := backend.New(context.Background(), backend.Config{Store: store})
	fmt.Println(server != nil, err)
	// Output: true <nil>
}
