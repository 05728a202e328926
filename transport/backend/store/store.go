package store

import (
	"context"
)

// A Store keeps everything that must not be lost. Implementations are tested with package storetest.
//
// Update runs fn in one transaction, which is durable when Update returns nil and has left no trace when it returns an
// error. Transactions are as if they ran one after another where they touch the same rows: what Tx says it locks stays
// as it was read until the transaction ends. A store that has to give way to another transaction (a serialisation
// failure, a deadlock, a row that both inserted) calls fn again, so fn has no effects but on the Tx; it gives up after
// a while with fault.Unavailable. An error of fn is returned as it is. Whether a transaction whose commit failed took
// place is not known: callers do it again, and everything in package backend is made so that doing it again changes
// nothing.
//
// View runs fn on one consistent state that at least includes every Update that had returned. Both may be called from
// several goroutines, and, if the store's database allows it, from several processes. A Tx is used by one goroutine
// and not after fn returned; nor are the slices that it gave.
type Store interface {
	View(ctx context.Context, fn func(Tx) error) error
	Update(ctx context.Context, fn func(Tx) error) error
	// Close releases the database. The Server does not call it: whoever opened the store closes it.
	Close() error
}

// A Backuper is a Store that can be copied while it runs.
type Backuper interface {
	// Backup writes one consistent state to a file that does not exist yet.
	Backup(ctx context.Context, file string) error
}
