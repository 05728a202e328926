package memstore_test

import (
	"testing"

	"github.com/offlane/offlane/transport/backend/internal/keystore"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/backend/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return memstore.New() })
}

func TestHistories(t *testing.T) {
	storetest.Histories{
		Open:  func(testing.TB) store.Store { return memstore.New() },
		Copy:  func(_ testing.TB, from store.Store) store.Store { return memstore.Copy(from) },
		Steps: 100_000, Every: 1,
	}.Run(t)
}

func TestFailedReads(t *testing.T) {
	storesuite.FailedReads(t, func(*testing.T) keystore.Keys { return memstore.NewKeys() })
}
