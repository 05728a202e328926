// Package boltstore keeps a backend's rows in one file with bbolt: the default for a backend of one process. Every
// report is one transaction with one fdatasync. A file is open in one process at a time; several need package pgstore.
package boltstore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/keystore"
	"github.com/offlane/offlane/transport/backend/store"
)

// lockWait is how long Open waits for another process to let the file go.
const lockWait = 2 * time.Second

// Open opens the file, and makes it where there is none. For another process that has it open it waits two seconds at
// most, or until ctx's deadline. Errors: fault.InUse where another process has it open, fault.Foreign where it is no
// bbolt file, fault.Damaged. The store is a store.Backuper.
func Open(ctx context.Context, file string) (store.Store, error) {
	wait := lockWait
	if end, ok := ctx.Deadline(); ok {
		wait = max(1, min(wait, time.Until(end))) // 0 would be for ever
	}
	db, err := bolt.Open(file, 0o600, &bolt.Options{Timeout: wait, FreelistType: bolt.FreelistMapType,
		NoFreelistSync: true})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fault.New(fault.InUse, "boltstore.Open", "another process has %s open: stop it first", file)
	case errors.Is(err, bolterrors.ErrInvalid):
		return nil, fault.New(fault.Foreign, "boltstore.Open", "%s is no store of Offlane's", file)
	case errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return nil, fault.New(fault.Damaged, "boltstore.Open", "%s: %w: restore a backup", file, err)
	case err != nil:
		return nil, fault.New(fault.Unavailable, "boltstore.Open", "%w", err)
	}
	return New(ctx, db)
}

// New keeps rows in a database that the caller opened. Closing the store closes it. The store is a store.Backuper.
func New(ctx context.Context, db *bolt.DB) (store.Store, error) {
	err := db.Update(func(tx *bolt.Tx) error {
		for _, name := range keystore.Tables() {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(wrap(err), db.Close())
	}
	st, err := keystore.New(ctx, &keys{db})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return st, nil
}

type keys struct{ db *bolt.DB }

func (k *keys) View(_ context.Context, fn func(keystore.KeysTx) error) error {
	return wrap(k.db.View(func(tx *bolt.Tx) error { return fn(newTransaction(tx)) }))
}

func (k *keys) Update(_ context.Context, fn func(keystore.KeysTx) error) error {
	return wrap(k.db.Update(func(tx *bolt.Tx) error { return fn(newTransaction(tx)) }))
}

func (k *keys) Close() error { return wrap(k.db.Close()) }

// Backup implements store.Backuper: the copy is written beside its name, flushed and then renamed.
func (k *keys) Backup(_ context.Context, file string) error {
	if _, err := os.Lstat(file); err == nil {
		return fault.New(fault.Conflict, "boltstore.Backup", "%s is there already: choose another name", file)
	}
	part, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".part-*")
	if err != nil {
		return wrap(err)
	}
	err = k.db.View(func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(part)
		return err
	})
	err = errors.Join(err, part.Sync(), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), file)
	}
	if err != nil {
		os.Remove(part.Name())
	}
	return wrap(err)
}

// wrap gives errors of the database a code; those of the caller pass as they are.
func wrap(err error) error {
	switch {
	case err == nil || fault.CodeOf(err) != "":
		return err
	case errors.Is(err, bolterrors.ErrDatabaseNotOpen):
		return fault.New(fault.Closed, "boltstore", "the store is closed")
	case isFull(err):
		return fault.New(fault.DiskFull, "boltstore", "nothing was written, make room: %w", err)
	}
	return err
}

// A transaction keeps the buckets that it used at hand.
type transaction struct {
	tx      *bolt.Tx
	buckets map[string]*bolt.Bucket
}

func newTransaction(tx *bolt.Tx) *transaction {
	return &transaction{tx, make(map[string]*bolt.Bucket, 12)}
}

func (t *transaction) bucket(table string) *bolt.Bucket {
	b := t.buckets[table]
	if b == nil {
		b = t.tx.Bucket([]byte(table))
		t.buckets[table] = b
	}
	return b
}

func (t *transaction) Get(table string, key []byte) ([]byte, error) {
	return t.bucket(table).Get(key), nil
}

func (t *transaction) Put(table string, key, value []byte) error {
	return t.bucket(table).Put(key, value)
}

func (t *transaction) Delete(table string, key []byte) error { return t.bucket(table).Delete(key) }

func (t *transaction) Scan(table string, from []byte, yield func(key, value []byte) bool) error {
	cursor := t.bucket(table).Cursor()
	for key, value := cursor.Seek(from); key != nil && yield(key, value); key, value = cursor.Next() {
	}
	return nil
}
