// Package backups keeps the newest backups of a program in a folder.
package backups

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Kept is how many backups stay.
const Kept = 7

// A Folder is where a program keeps its backups. It may be used by one goroutine.
type Folder struct {
	// Path is the folder; it is made where it is missing.
	Path string
	// Prefix and Suffix stand around the moment of a backup in its name. What else is in the folder is left alone.
	Prefix, Suffix string
	// Every is how often a backup is taken, more than zero.
	Every time.Duration
	// Take writes a backup to a path where nothing is: a file or a folder.
	Take func(ctx context.Context, path string) error
	// Logger says which backup was not taken.
	Logger *slog.Logger
}

// Keep takes a backup at once and then every now and then, until ctx ends or stop is called, which waits. One that
// fails is logged, and the others stay.
func (f *Folder) Keep(ctx context.Context) (stop func(), err error) {
	if err := os.MkdirAll(f.Path, 0o700); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(f.Every)
		defer ticker.Stop()
		for {
			if err := f.Add(ctx, time.Now()); err != nil && ctx.Err() == nil {
				f.Logger.Error("no backup was taken", "folder", f.Path, "error", err)
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

// Add takes one backup, named for its moment so that names sort by age, and then removes the oldest.
func (f *Folder) Add(ctx context.Context, now time.Time) error {
	name := f.Prefix + now.UTC().Format("20060102T150405.000000000Z") + f.Suffix
	if err := f.Take(ctx, filepath.Join(f.Path, name)); err != nil {
		return err
	}
	all, err := filepath.Glob(filepath.Join(f.Path, f.Prefix+"*"+f.Suffix))
	if err != nil {
		return err
	}
	slices.Sort(all)
	for _, old := range all[:max(0, len(all)-Kept)] {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	return nil
}
