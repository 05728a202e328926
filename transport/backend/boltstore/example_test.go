package boltstore_test

import (
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
	store, err := boltstore.Open(filepath.Join(dir, "offlane.db"))
	if err != nil {
		panic(err)
	}
	defer store.Close()
	server, err := backend.New(backend.Config{Store: store})
	fmt.Println(server != nil, err)
	// Output: true <nil>
}
