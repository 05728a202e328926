package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/recovery"
)

const (
	lockName = "LOCK"
	openOp   = "journal.Open"
)

// Open opens the journal in dir, which is made where it is missing.
//
// What a crash left is put in order: a torn tail is passed over, the last group is flushed again, and damage is kept,
// noted in Damage and told to the logger. Errors, after which nothing was changed: fault.InUse (the detail says who has
// it), fault.Foreign, fault.Damaged (no record of any segment can be read), fault.UnsupportedVersion, fault.WrongKey,
// fault.NetworkFileSystem, fault.InvalidRequest for a Config out of range, and fault.DiskFailed.
func Open(ctx context.Context, dir string, cfg Config) (*Log, error) {
	l, err := newLog(ctx, dir, cfg)
	if err == nil {
		err = l.openFolder(ctx)
	}
	if err != nil {
		return nil, withOp(openOp, err)
	}
	return l, nil
}

func newLog(ctx context.Context, dir string, cfg Config) (*Log, error) {
	if cfg.SegmentSize == 0 {
		cfg.SegmentSize = defaultSegment
	}
	if cfg.SegmentSize < minSegment || cfg.SegmentSize > largestSegment {
		return nil, fault.New(fault.InvalidRequest, openOp, "SegmentSize is %d: give %d to %d, or 0", cfg.SegmentSize,
			minSegment,
			largestSegment)
	}
	cfg.SegmentSize = format.Align(cfg.SegmentSize)
	if cfg.KeepReported == 0 {
		cfg.KeepReported = defaultKeep
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	keys, err := newKeyring(&cfg)
	if err != nil {
		return nil, err
	}
	l := &Log{folder: folder.Folder{FS: vfs.FromContext(ctx), Dir: dir}, cfg: cfg, keys: keys}
	l.cachedReader.Folder = l.folder
	l.view.log = l
	l.changed = sync.NewCond(&l.mu)
	return l, nil
}

// newKeyring has the key that is written with first.
func newKeyring(cfg *Config) (format.Keyring, error) {
	keys := cfg.OldKeys
	if cfg.Key != nil {
		keys = append([][]byte{cfg.Key}, keys...)
	}
	return format.NewKeyring(keys...)
}

// sealer is that of Config.Key, or nil.
func (l *Log) sealer() *format.Sealer {
	if l.cfg.Key == nil {
		return nil
	}
	return l.keys[0]
}

func (l *Log) openFolder(ctx context.Context) (err error) {
	if !l.cfg.ReadOnly {
		if err := l.lockFolder(); err != nil {
			return err
		}
		defer func() {
			if err != nil {
				l.closeAll()
			}
		}()
	}
	o := recovery.Options{Folder: l.folder, Keys: l.keys, Snapshot: !l.cfg.ReadOnly, Limit: recovery.NoLimit}
	r, err := recovery.Load(ctx, o)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.unlock()
	if l.cfg.ReadOnly {
		return l.adoptReadOnlyLocked(ctx, r)
	}
	if err := l.repairLocked(r); err != nil {
		l.stopLocked() // the repair may have had segments made ahead or given back
		return err
	}
	l.startCheckLocked(ctx, r.Covered)
	return nil
}

// lockFolder makes the folder and locks it.
func (l *Log) lockFolder() error {
	fs, dir := l.folder.FS, l.folder.Dir
	if err := fs.MakeDir(dir); err != nil {
		return fault.New(fault.DiskFailed, "", "make the journal's folder: %w", err)
	}
	kind, err := fs.Network(dir)
	if err == nil && kind != "" && !l.cfg.AllowNetworkFileSystem {
		return fault.New(fault.NetworkFileSystem, "",
			"%s lies on a network file system (%s), whose flushes and locks cannot be "+
				"relied on: move it to a local disk", dir, kind)
	}
	host, _ := os.Hostname()
	l.lock, err = fs.Lock(l.folder.Path(lockName), fmt.Sprintf("process %d on %s, opened %s", os.Getpid(), host,
		time.Now().UTC().Format(time.RFC3339)))
	if isHeld(err) {
		return l.useError(err)
	}
	if err != nil {
		return fault.New(fault.DiskFailed, "", "lock the journal's folder: %w", err)
	}
	if err := fs.SyncDir(filepath.Dir(filepath.Clean(dir))); err != nil {
		l.log("the folder above the journal could not be flushed", "error", err)
	}
	return nil
}

func isHeld(err error) bool {
	_, held := errors.AsType[*vfs.Held](err)
	return held
}

func (l *Log) useError(err error) error {
	return fault.New(fault.InUse, "", "the journal in %s is open already: %w", l.folder.Dir, err)
}

// adoptReadOnlyLocked makes what was loaded the log's index. Of the last group only what counts is in it.
func (l *Log) adoptReadOnlyLocked(ctx context.Context, r *recovery.Result) error {
	if keep := r.Tail.Countable(); len(keep) < len(r.Tail.Group) {
		which := map[uint64]bool{}
		for _, f := range keep {
			which[f.Seq] = true
		}
		o := recovery.Options{Folder: l.folder, Keys: l.keys, Limit: r.Tail.Durable, Keep: which}
		again, err := recovery.Load(ctx, o)
		if err != nil {
			return err
		}
		again.Damage = r.Damage
		r = again
	}
	return l.adoptLocked(r)
}
