package storetest_test

import (
	"testing"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/storetest"
)

// A store of one's own is tested with the suite.
func Example() {
	_ = func(t *testing.T) {
		storetest.Run(t, func(*testing.T) backend.Store { return memstore.New() })
	}
	// Output:
}
