package main

import (
	"context"
	"crypto/rand"
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

// settingKey is where a made management key is kept for the next start.
const settingKey = "example management key"

// managementKey is the environment's, or the one that was made at the first start and kept in the store.
func managementKey(ctx context.Context, store backend.Store) (key string, made bool, err error) {
	if key = os.Getenv("OFFLANE_MANAGEMENT_KEY"); key != "" {
		return key, false, nil
	}
	err = store.Update(ctx, func(tx backend.Tx) error {
		raw, err := tx.Setting(settingKey)
		if made = err == nil && raw == nil; !made {
			key = string(raw)
			return err
		}
		key = rand.Text()
		return tx.PutSetting(settingKey, []byte(key))
	})
	return key, made, err
}

// welcome prints what is needed to begin.
func welcome(ctx context.Context, out io.Writer, server *backend.Server, merchant, key string) error {
	code, err := server.AddCode(ctx, merchant, wire.NewCode{Store: "1", Terminals: 10})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "management key %s\nenrolment code %s (store 1, 10 terminals)\n", key, code.Code)
	return err
}
