package backend_test

import (
	"testing"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/storetest"
)

func TestMemStoreConforms(t *testing.T) {
	storetest.Run(t, func(*testing.T) backend.Store { return backend.NewMemStore() })
}
