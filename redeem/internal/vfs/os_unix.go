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

func shared(error) bool { return false }

// lock takes a lock that belongs to the open file and ends with it, also when the process is killed.
func lock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func busy(err error) bool { return errors.Is(err, syscall.EWOULDBLOCK) }
