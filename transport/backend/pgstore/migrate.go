package pgstore

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/offlane/offlane/redeem/fault"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the advisory lock under which one process at a time changes tables. The number has no meaning.
const migrationLock = 7204114801

// migrate runs the migrations that the database does not have, in the order of their names, all or none. It returns
// what the numbers of marks are shifted by.
func migrate(ctx context.Context, pool *pgxpool.Pool) (shift int64, err error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS offlane_migrations (number int PRIMARY KEY, name text NOT "+
			"NULL)"); err != nil {
			return err
		}
		found, err := tx.Query(ctx, "SELECT name FROM offlane_migrations ORDER BY number")
		if err != nil {
			return err
		}
		applied, err := pgx.CollectRows(found, pgx.RowTo[string])
		if err != nil {
			return err
		}
		done := len(applied)
		if shared := min(done, len(names)); !slices.Equal(applied[:shared], names[:shared]) {
			return fault.New(fault.UnsupportedVersion, "pgstore.Open",
				"the database has other tables than this program: use the one that made them")
		}
		if done > len(names) {
			return fault.New(fault.UnsupportedVersion, "pgstore.Open",
				"the database has %d migrations, this program knows %d: update it", done, len(names))
		}
		for i, name := range names[done:] {
			if err := apply(ctx, tx, done+i+1, name); err != nil {
				return err
			}
		}
		shift, err = raiseShift(ctx, tx)
		return err
	})
	return shift, err
}

func apply(ctx context.Context, tx pgx.Tx, number int, name string) error {
	statements, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, string(statements)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO offlane_migrations VALUES ($1, $2)", number, name)
	return err
}
