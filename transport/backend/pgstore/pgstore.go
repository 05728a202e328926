// Package pgstore keeps a backend's rows in PostgreSQL with pgx, for several backend processes at once. Statements are
// plain SQL for PostgreSQL 13 and later. Migrations are embedded and run by Open.
//
// Update runs at READ COMMITTED and locks the rows that it decides by, in the order of their ids. What no row stands
// for yet is kept apart by unique keys: two transactions that insert the same row meet there, one of them is rolled
// back and run again. One that waits two seconds for a row gives up, and Updates never have all connections, so that
// who waits for a row does not keep everybody else from theirs.
package pgstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/store"
)

// A database is a store.Store in PostgreSQL.
type database struct {
	pool    *pgxpool.Pool
	shift   int64         // see marks.go
	updates chan struct{} // holds one for each Update that may have a connection
}

// Open connects to a database, such as postgres://user@host/name, and brings its tables up to date. Errors:
// fault.Unavailable where the database does not answer, fault.InvalidRequest for an address that cannot be,
// fault.UnsupportedVersion where a newer program has changed the tables.
func Open(ctx context.Context, address string) (store.Store, error) {
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return nil, fault.New(fault.InvalidRequest, "pgstore.Open", "the database address cannot be used: %w", err)
	}
	return New(ctx, pool)
}

// New keeps rows in a database that the caller connected to. Closing the store closes the pool. Errors are those of
// Open.
func New(ctx context.Context, pool *pgxpool.Pool) (store.Store, error) {
	shift, err := migrate(ctx, pool)
	if err != nil {
		pool.Close()
		return nil, wrap(err)
	}
	most := int(pool.Config().MaxConns)
	return &database{pool, shift, make(chan struct{}, max(most-(most+3)/4, 1))}, nil
}

// Close implements store.Store.
func (s *database) Close() error {
	s.pool.Close()
	return nil
}

// View implements store.Store.
func (s *database) View(ctx context.Context, fn func(store.Tx) error) error {
	return wrap(s.once(ctx, viewing, fn))
}

// How long an Update gives way to others.
const (
	attempts  = 60
	firstWait = time.Millisecond
	longWait  = 100 * time.Millisecond
	// turnWait is how long it waits for a connection; for a row it waits as long as updating says.
	turnWait = 10 * time.Second
)

// How transactions begin.
var (
	viewing  = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	updating = pgx.TxOptions{BeginQuery: "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '2s'"}
)

// Update implements store.Store.
func (s *database) Update(ctx context.Context, fn func(store.Tx) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer func() { <-s.updates }()
	wait := firstWait
	for range attempts {
		err := s.once(ctx, updating, fn)
		if !givesWay(err) {
			return wrap(err)
		}
		if err := pause(ctx, rand.N(wait)); err != nil {
			return err
		}
		wait = min(2*wait, longWait)
	}
	return fault.New(fault.Unavailable, "pgstore.Update", "other transactions were always first: try again")
}

// enter waits until an Update may have a connection: a quarter of them is left to Views.
func (s *database) enter(ctx context.Context) error {
	timer := time.NewTimer(turnWait)
	defer timer.Stop()
	select {
	case s.updates <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fault.New(fault.Unavailable, "pgstore.Update", "all connections are busy: try again later")
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *database) once(ctx context.Context, options pgx.TxOptions, fn func(store.Tx) error) error {
	return pgx.BeginTxFunc(ctx, s.pool, options, func(inner pgx.Tx) error {
		tx := &transaction{ctx: ctx, tx: inner, rows: map[string]bool{}, shift: s.shift}
		if options.AccessMode != pgx.ReadOnly {
			tx.lock = " FOR UPDATE"
		}
		return fn(tx)
	})
}

// SQLSTATE codes (PostgreSQL manual, appendix A).
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	uniqueViolation      = "23505"
	diskFull             = "53100"
	lockNotAvailable     = "55P03"
)

// givesWay reports whether another transaction was in the way, so that running again may succeed.
func givesWay(err error) bool {
	if errors.Is(err, errAppeared) {
		return true
	}
	switch stateOf(err) {
	case serializationFailure, deadlockDetected, uniqueViolation:
		return true
	}
	return false
}

func stateOf(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code
	}
	return ""
}

// wrap gives errors of the database a code; those of the caller pass as they are. What has no SQLSTATE is the
// connection's, and whether its transaction took place is not known.
func wrap(err error) error {
	switch {
	case err == nil || fault.CodeOf(err) != "":
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case stateOf(err) == diskFull:
		return fault.New(fault.DiskFull, "pgstore", "the database has no room: %w", err)
	case stateOf(err) == lockNotAvailable:
		return fault.New(fault.Unavailable, "pgstore",
			"another transaction holds a row for long, nothing was written: try again: %w",
			err)
	}
	return fault.New(fault.Unavailable, "pgstore", "the database did not do it: %w", err)
}
