package vfstest

import (
	"context"
	"sync"

	"github.com/offlane/offlane/redeem/internal/vfs"
)

// WithMemory makes what is opened with the context live in memory.
func WithMemory(ctx context.Context) context.Context { return vfs.WithFS(ctx, &vfs.Memory{}) }

// A Slow is a file system in memory of which every read waits while Hold is locked.
type Slow struct {
	Hold sync.RWMutex
	// Reads gets a value from a read that begins, if there is room.
	Reads chan struct{}

	memory vfs.Memory
}

// Context makes what is opened with it live there.
func (d *Slow) Context(ctx context.Context) context.Context {
	return vfs.WithFS(ctx, slowFS{&d.memory, d})
}

type slowFS struct {
	*vfs.Memory
	slow *Slow
}

type slowFile struct {
	vfs.File
	slow *Slow
}

func (d slowFS) Open(name string, mode vfs.Mode) (vfs.File, error) {
	f, err := d.Memory.Open(name, mode)
	return slowFile{f, d.slow}, err
}

func (f slowFile) ReadAt(b []byte, off int64) (int, error) {
	select {
	case f.slow.Reads <- struct{}{}:
	default:
	}
	f.slow.Hold.RLock()
	defer f.slow.Hold.RUnlock()
	return f.File.ReadAt(b, off)
}
