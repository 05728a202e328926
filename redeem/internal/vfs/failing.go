package vfs

import (
	"fmt"
	"sync"
)

// An Operation is one call that changes something.
type Operation struct {
	// Kind is create, write, truncate, sync, rename, remove or syncdir.
	Kind string
	// Name is the file or folder.
	Name string
}

// A ShortWrite makes a write stop after some bytes.
type ShortWrite struct {
	// Bytes is how many are written.
	Bytes int
	// Err is what the write then returns.
	Err error
}

// Error returns what the write returns.
func (s *ShortWrite) Error() string { return fmt.Sprintf("after %d bytes: %v", s.Bytes, s.Err) }

// A Failure makes chosen operations fail. Its Fail is for Memory.Before.
type Failure struct {
	// Match chooses operations; nil: all.
	Match func(Operation) bool
	// Nth is the first matching operation that fails, from 1; zero: none.
	Nth int
	// Times is how many fail from there on; zero: all.
	Times int
	// Err is what they return.
	Err error

	mu    sync.Mutex
	count int
}

// Fail counts the operation and returns Err where it is to fail.
func (f *Failure) Fail(op Operation) error {
	if f.Match != nil && !f.Match(op) {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	if f.Nth == 0 || f.count < f.Nth || f.Times > 0 && f.count >= f.Nth+f.Times {
		return nil
	}
	return f.Err
}

// Count returns how many operations matched.
func (f *Failure) Count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}
