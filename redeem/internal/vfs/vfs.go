// Package vfs is the file system as the journal sees it: few operations, each of which can fail and each of which may
// be the last one before the power goes.
//
// OS is the real one. Memory keeps files in memory and knows, at any moment, which states a disk could be left in if
// the power went now; a Failure makes chosen operations of it fail.
package vfs

import (
	"context"
	"io"
)

// A Mode says how a file is opened.
type Mode uint8

const (
	// Read opens an existing file for reading.
	Read Mode = iota
	// Write opens an existing file for reading and writing.
	Write
	// Create makes a new file for reading and writing; an existing one is fs.ErrExist.
	Create
)

// An FS is a file system. Paths are those of the operating system. Errors satisfy errors.Is with fs.ErrNotExist and
// fs.ErrExist where these are meant. All methods may be called by several goroutines at once.
type FS interface {
	// Open opens the file of that name. Where a process has it open for writing already, whatever its name was then,
	// opening it for writing may fail with a *Held.
	Open(name string, mode Mode) (File, error)
	// List returns the names of the files in dir, in order, without folders.
	List(dir string) ([]string, error)
	// MakeDir makes a folder and those above it; one that exists is no error.
	MakeDir(dir string) error
	// Rename gives a file another name in the same folder and replaces what had that name.
	Rename(from, to string) error
	// Remove removes a file.
	Remove(name string) error
	// SyncDir returns when the names in dir are on the medium.
	SyncDir(dir string) error
	// Lock takes the file of that name, made where it is missing, for this process alone and writes owner into it.
	// Closing the result gives it back, as the end of the process does. If another has it the error is a *Held.
	Lock(name, owner string) (Lock, error)
	// Network returns the kind of the network file system that dir lies on, or "" where it lies on none.
	Network(dir string) (string, error)
}

// A File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Size returns the length in bytes.
	Size() (int64, error)
	// Truncate cuts or extends the file with zeros.
	Truncate(size int64) error
	// Sync returns when the content is on the medium.
	Sync() error
	Named
}

// A Lock is a file that this process has for itself.
type Lock interface {
	io.Closer
	Named
}

// Named is what was opened by its name.
type Named interface {
	// StillNamed reports whether the name still leads to the file that was opened: false where that was deleted, moved
	// or replaced, itself or the folder around it. Where a system keeps open files from that, it is always true.
	StillNamed() (bool, error)
}

// Held is the error of Lock when another process has the file.
type Held struct {
	// Owner is what that process wrote into the file; empty where it cannot be read.
	Owner string
}

// Error says who has the file.
func (h *Held) Error() string {
	if h.Owner == "" {
		return "another process has it"
	}
	return "held by " + h.Owner
}

type contextKey struct{}

// WithFS returns a context that carries a file system for Open functions below it.
func WithFS(ctx context.Context, fs FS) context.Context {
	return context.WithValue(ctx, contextKey{}, fs)
}

// FromContext returns the file system that ctx carries, or OS.
func FromContext(ctx context.Context) FS {
	if fs, ok := ctx.Value(contextKey{}).(FS); ok {
		return fs
	}
	return OS{}
}
