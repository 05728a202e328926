package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

func openStore(ctx context.Context, db string) (store.Store, error) {
	if strings.HasPrefix(db, "postgres://") || strings.HasPrefix(db, "host=") {
		return pgstore.Open(ctx, db)
	}
	return boltstore.Open(ctx, db)
}

// A merchant is served, and from is where its management key comes from.
type merchant struct {
	backend.Merchant
	from keySource
}

// A keySource is where a management key comes from.
type keySource int

const (
	fromEnvironment keySource = iota
	fromEarlierStart
	madeNow
)

// merchantsOf returns the merchants, with the management key that the environment has.
func merchantsOf(names []string) (all []merchant, err error) {
	key := os.Getenv("OFFLANE_MANAGEMENT_KEY")
	if key != "" && len(names) > 1 {
		return nil, errors.New("OFFLANE_MANAGEMENT_KEY is for one merchant: leave it out, and each has its own")
	}
	for _, name := range names {
		from := fromEarlierStart
		if key != "" {
			from = fromEnvironment
		}
		all = append(all, merchant{backend.Merchant{Name: name, Key: key}, from})
	}
	return all, nil
}

func configOf(merchants []merchant, prefixes map[string][]string) []backend.Merchant {
	config := make([]backend.Merchant, len(merchants))
	for i, m := range merchants {
		config[i] = m.Merchant
		config[i].Prefixes = prefixes[m.Name]
	}
	return config
}

// firstKey makes a management key for a merchant that has none that lets it in. The store keeps its hash alone.
func (m *merchant) firstKey(ctx context.Context, st store.Store, server *backend.Server) error {
	if m.from == fromEnvironment {
		return nil
	}
	var keys []store.ManagementKey
	err := st.View(ctx, func(tx store.Tx) (err error) { keys, err = tx.ManagementKeys(m.Name); return err })
	good := func(k store.ManagementKey) bool { return !k.Configured && k.Blocked == 0 }
	if err != nil || slices.ContainsFunc(keys, good) {
		return err
	}
	made, err := server.AddKey(ctx, m.Name, wire.NewKey{Name: "made at the first start"})
	m.Key, m.from = made.Key, madeNow
	return err
}
