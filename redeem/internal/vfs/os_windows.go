package vfs

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

func datasync(f *os.File) error { return f.Sync() }

// SyncDir does nothing: NTFS keeps names in its own log, and a folder cannot be flushed.
func (OS) SyncDir(string) error { return nil }

// isShared reports whether somebody else, such as a virus scanner, has the file open just now.
func isShared(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED) ||
		errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

// claim does nothing: no file that is open can be deleted or moved, so that the folder's lock is enough.
func claim(*os.File) error { return nil }

// A fileID is not needed: files are opened without FILE_SHARE_DELETE, so that neither they nor the folders around them
// can be deleted, moved or replaced until they are closed.
type fileID struct{}

func idOf(*os.File) (fileID, error) { return fileID{}, nil }

func (fileID) leads(string) (bool, error) { return true, nil }

// lock takes one byte far behind the content, so that others can still read who has it.
func lock(f *os.File) error {
	at := &windows.Overlapped{OffsetHigh: 1 << 30}
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, at)
}

func busy(err error) bool {
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING)
}

// Network returns "remote" where dir lies on a share.
func (OS) Network(dir string) (string, error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(full) + `\`)
	if err != nil {
		return "", err
	}
	if windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		return "remote", nil
	}
	return "", nil
}
