package redeem

import (
	"context"
	"log/slog"
	"time"

	"github.com/offlane/offlane/redeem/journal"
)

// A JournalConfig says how the terminal keeps its journal. The zero value is usable.
type JournalConfig struct {
	// SegmentSize is the size of a file in bytes, 16 KiB to 16 MiB. Zero: 1 MiB.
	SegmentSize int64
	// KeepReported is how long a record is kept whole after the backend has answered, so that a backend restored from a
	// backup can ask for it again. Zero: 14 days.
	KeepReported time.Duration
	// Key encrypts what is written from now on with AES-256-GCM; 32 bytes. Nil: nothing is encrypted.
	Key []byte
	// OldKeys are those that older files were written with.
	OldKeys [][]byte
	// AllowNetworkFileSystem opens a journal on a network file system, whose flushes and locks end at another machine.
	AllowNetworkFileSystem bool
}

// open opens the journal of a terminal, with that terminal's clock and logger.
func (c JournalConfig) open(ctx context.Context, dir string, now func() time.Time, log *slog.Logger) (*journal.Log,
	error) {
	return journal.Open(ctx, dir, journal.Config{
		SegmentSize: c.SegmentSize, KeepReported: c.KeepReported, Key: c.Key, OldKeys: c.OldKeys,
		AllowNetworkFileSystem: c.AllowNetworkFileSystem, Now: now, Logger: log,
	})
}
