//go:build !linux

package main

import (
	"context"
	"log/slog"
)

// notifySystemd has nobody to tell. It returns when ctx ends.
func notifySystemd(ctx context.Context, _ *slog.Logger) { <-ctx.Done() }
