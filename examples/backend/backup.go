package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/offlane/offlane/transport/backend/store"
)

// kept is how many copies stay.
const kept = 7

// keepBackups takes a copy of the database now and then until ctx ends or stop is called. One that fails is logged,
// and the others stay.
func (o options) keepBackups(ctx context.Context, log *slog.Logger, st store.Store) (stop func(), err error) {
	if o.backups == "" {
		return func() {}, nil
	}
	from, ok := st.(store.Backuper)
	if !ok {
		return nil, errors.New("-backups copies a database file; PostgreSQL has pg_dump for that")
	}
	if err := os.MkdirAll(o.backups, 0o700); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(o.every)
		defer ticker.Stop()
		for {
			if err := backUp(ctx, from, o.backups, time.Now()); err != nil {
				log.Error("no backup was taken", "folder", o.backups, "error", err)
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-done }, nil
}

// backUp takes one copy, named for its moment so that names sort by age, and then removes the oldest.
func backUp(ctx context.Context, from store.Backuper, folder string, now time.Time) error {
	if err := from.Backup(ctx, filepath.Join(folder, "offlane-"+now.UTC().Format("20060102T150405.000000000Z")+
		".db")); err != nil {
		return err
	}
	copies, err := filepath.Glob(filepath.Join(folder, "offlane-*.db"))
	if err != nil {
		return err
	}
	slices.Sort(copies)
	for _, old := range copies[:max(0, len(copies)-kept)] {
		if err := os.Remove(old); err != nil {
			return err
		}
	}
	return nil
}
