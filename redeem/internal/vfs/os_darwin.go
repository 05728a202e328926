package vfs

import (
	"os"
	"syscall"
)

// datasync flushes with F_FULLFSYNC, which os.File.Sync uses here: fsync(2) alone leaves data in the drive's cache.
func datasync(f *os.File) error { return f.Sync() }

const localMount = 0x1000 // MNT_LOCAL

// Network returns the kind of the network file system that dir lies on, or "".
func (OS) Network(dir string) (string, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return "", os.NewSyscallError("statfs", err)
	}
	if s.Flags&localMount != 0 {
		return "", nil
	}
	var kind []byte
	for _, c := range s.Fstypename {
		if c == 0 {
			break
		}
		kind = append(kind, byte(c))
	}
	return string(kind), nil
}
