package main

import (
	"context"
	"log/slog"

	"github.com/offlane/offlane/examples/internal/backups"
	"github.com/offlane/offlane/transport/hub"
)

// keepBackups takes a backup now and then, until ctx ends or stop is called.
func (o *options) keepBackups(ctx context.Context, log *slog.Logger, server *hub.Server) (stop func(), err error) {
	if o.backups == "" {
		return func() {}, nil
	}
	folder := backups.Folder{Path: o.backups, Prefix: "hub-", Every: o.every, Take: server.Backup, Logger: log}
	return folder.Keep(ctx)
}
