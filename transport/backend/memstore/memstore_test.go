package memstore_test

import (
	"testing"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) backend.Store { return memstore.New() })
}
