//go:build unix

package vfs

import (
	"errors"
	"os"
	"syscall"
)

// SyncDir returns when the names in dir are on the medium.
func (OS) SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

func isShared(error) bool { return false }

// lock takes a lock that belongs to the open file and ends with it, also when the process is killed.
func lock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// claim keeps another process from writing to the file, also where it got there by another name. A file system without
// locks has none of that.
func claim(f *os.File) error {
	if err := lock(f); err != nil && busy(err) {
		return &Held{}
	}
	return nil
}

// A fileID tells files apart, whatever they are called.
type fileID struct{ device, inode uint64 }

func idOf(f *os.File) (fileID, error) {
	var s syscall.Stat_t
	if err := syscall.Fstat(int(f.Fd()), &s); err != nil {
		return fileID{}, os.NewSyscallError("fstat", err)
	}
	return fileID{uint64(s.Dev), uint64(s.Ino)}, nil
}

func (id fileID) leads(name string) (bool, error) {
	var s syscall.Stat_t
	err := syscall.Stat(name, &s)
	for errors.Is(err, syscall.EINTR) {
		err = syscall.Stat(name, &s)
	}
	switch {
	case errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENOTDIR):
		return false, nil
	case err != nil:
		return false, os.NewSyscallError("stat", err)
	}
	return id == fileID{uint64(s.Dev), uint64(s.Ino)}, nil
}

func busy(err error) bool { return errors.Is(err, syscall.EWOULDBLOCK) }
