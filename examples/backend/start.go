package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/wire"
)

func openStore(ctx context.Context, db string) (backend.Store, error) {
	if strings.HasPrefix(db, "postgres://") || strings.HasPrefix(db, "host=") {
		return pgstore.Open(ctx, db)
	}
	return boltstore.Open(db)
}

// merchantsOf returns the merchants with their management keys. fresh are those of which the key was made now, to be told once.
func merchantsOf(ctx context.Context, store backend.Store, names []string) (all, fresh []backend.Merchant, err error) {
	if key := os.Getenv("OFFLANE_MANAGEMENT_KEY"); key != "" {
		if len(names) > 1 {
			return nil, nil, errors.New("OFFLANE_MANAGEMENT_KEY is for one merchant: leave it out, and each has a key of its own")
		}
		return []backend.Merchant{{Name: names[0], Key: key}}, nil, nil
	}
	for _, name := range names {
		key, made, err := managementKey(ctx, store, name)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, backend.Merchant{Name: name, Key: key})
		if made {
			fresh = append(fresh, all[len(all)-1])
		}
	}
	return all, fresh, nil
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

// welcome prints what is needed to begin.
func welcome(ctx context.Context, out io.Writer, server *backend.Server, m backend.Merchant) error {
	code, err := server.AddCode(ctx, m.Name, wire.NewCode{Store: "1", Terminals: 10})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: management key %s\n%s: enrolment code %s (store 1, 10 terminals)\n", m.Name, m.Key, m.Name, code.Code)
	return err
}
