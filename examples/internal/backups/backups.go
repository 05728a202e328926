// Package backups keeps the newest backups of a program in a folder.
package backups

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// layout is how a backup's name has its moment.
const layout = "20060102T150405.000000000Z"

// Add takes one backup, named for its moment so that names sort by age, and then removes the oldest. Until it is whole
// it has another name, and the next one replaces it.
func (f *Folder) Add(ctx context.Context, now time.Time) error {
	partial := filepath.Join(f.Path, "partial-"+f.Prefix+"backup"+f.Suffix)
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	if err := f.Take(ctx, partial); err != nil {
		return err
	}
	name := f.Prefix + now.UTC().Format(layout) + f.Suffix
	if err := os.Rename(partial, filepath.Join(f.Path, name)); err != nil {
		return err
	}
	return f.removeOld()
}

// removeOld removes all backups but the newest.
func (f *Folder) removeOld() error {
	all, err := os.ReadDir(f.Path) // sorted by name
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(e os.DirEntry) bool { return !f.isBackup(e.Name()) })
	for _, old := range all[:max(0, len(all)-Kept)] {
		if err := os.RemoveAll(filepath.Join(f.Path, old.Name())); err != nil {
			return err
		}
	}
	return nil
}

// isBackup reports whether a name is that of a whole backup.
func (f *Folder) isBackup(name string) bool {
	name, hasPrefix := strings.CutPrefix(name, f.Prefix)
	name, hasSuffix := strings.CutSuffix(name, f.Suffix)
	_, err := time.Parse(layout, name)
	return hasPrefix && hasSuffix && err == nil
}
