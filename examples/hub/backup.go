package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/offlane/offlane/transport/hub"
)

// kept is how many backups stay.
const kept = 7

// keepBackups takes a backup now and then, until ctx ends or stop is called. One that fails is logged, and the others
// stay.
func (o *options) keepBackups(ctx context.Context, log *slog.Logger, server *hub.Server) (stop func()) {
	if o.backups == "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(o.every)
		defer ticker.Stop()
		for {
			if err := backUp(ctx, server, o.backups, time.Now()); err != nil && ctx.Err() == nil {
				log.Error("no backup was taken", "folder", o.backups, "error", err)
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// backUp takes one backup, named for its moment so that names sort by age, and then removes the oldest.
func backUp(ctx context.Context, server *hub.Server, folder string, now time.Time) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	name := "hub-" + now.UTC().Format("20060102T150405.000000000Z")
	if err := server.Backup(ctx, filepath.Join(folder, name)); err != nil {
		return err
	}
	all, err := filepath.Glob(filepath.Join(folder, "hub-*"))
	if err != nil {
		return err
	}
	slices.Sort(all)
	for _, old := range all[:max(0, len(all)-kept)] {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	return nil
}
