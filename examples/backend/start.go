package main

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/pgstore"
)

func openStore(ctx context.Context, db string) (backend.Store, error) {
	if strings.HasPrefix(db, "postgres://") || strings.HasPrefix(db, "host=") {
		return pgstore.Open(ctx, db)
	}
	return boltstore.Open(db)
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

// merchantsOf returns the merchants with their management keys.
func merchantsOf(ctx context.Context, store backend.Store, names []string) (all []merchant, err error) {
	if key := os.Getenv("OFFLANE_MANAGEMENT_KEY"); key != "" {
		if len(names) > 1 {
			return nil, errors.New("OFFLANE_MANAGEMENT_KEY is for one merchant: leave it out, and each has a key of its own")
		}
		return []merchant{{backend.Merchant{Name: names[0], Key: key}, fromEnvironment}}, nil
	}
	for _, name := range names {
		key, made, err := managementKey(ctx, store, name)
		if err != nil {
			return nil, err
		}
		from := fromEarlierStart
		if made {
			from = madeNow
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

// managementKey is the one that was made when the merchant was served for the first time, and kept in the store.
func managementKey(ctx context.Context, store backend.Store, merchant string) (key string, made bool, err error) {
	setting := "example management key of " + merchant
	err = store.Update(ctx, func(tx backend.Tx) error {
		raw, err := tx.Setting(setting)
		if made = err == nil && raw == nil; !made {
			key = string(raw)
			return err
		}
		key = rand.Text()
		return tx.PutSetting(setting, []byte(key))
	})
	return key, made, err
}
