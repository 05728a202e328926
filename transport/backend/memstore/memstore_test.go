package memstore_test

import (
	"testing"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/backend/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) backend.Store { return memstore.New() })
}

func TestHistories(t *testing.T) {
	storetest.Histories{
		Open:  func(testing.TB) backend.Store { return memstore.NewCopyable() },
		Copy:  func(_ testing.TB, from backend.Store) backend.Store { return memstore.Copy(from) },
		Steps: 100_000, Every: 1,
	}.Run(t)
}

func TestFailedReads(t *testing.T) {
	storetest.FailedReads(t, func(*testing.T) store.Keys { return memstore.NewKeys() })
}
