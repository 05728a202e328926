package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/offlane/offlane/examples/internal/backups"
	"github.com/offlane/offlane/transport/backend/store"
)

// keepBackups takes a copy of the database now and then until ctx ends or stop is called.
func (o options) keepBackups(ctx context.Context, log *slog.Logger, st store.Store) (stop func(), err error) {
	if o.backups == "" {
		return func() {}, nil
	}
	from, ok := st.(store.Backuper)
	if !ok {
		return nil, errors.New("-backups copies a database file; PostgreSQL has pg_dump for that")
	}
	folder := backups.Folder{Path: o.backups, Prefix: "offlane-", Suffix: ".db", Every: o.every, Take: from.Backup,
		Logger: log}
	return folder.Keep(ctx)
}
