package vfs

import (
	"errors"
	"os"
	"syscall"
)

// datasync flushes the content without the times in the inode: one write to the medium less.
func datasync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}

// Network returns the kind of the network file system that dir lies on, or "".
func (OS) Network(dir string) (string, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return "", os.NewSyscallError("statfs", err)
	}
	return networkKind(uint32(s.Type)), nil
}

// networkKind names the file systems whose flush or lock ends at another machine, by the magic numbers of statfs(2).
func networkKind(magic uint32) string {
	switch magic {
	case 0x6969:
		return "nfs"
	case 0x517b:
		return "smb"
	case 0xff534d42:
		return "cifs"
	case 0xfe534d42:
		return "smb2"
	case 0x5346414f:
		return "afs"
	case 0x00c36400:
		return "ceph"
	case 0x01021997:
		return "9p"
	case 0x0bd00bd0:
		return "lustre"
	case 0x7461636f:
		return "ocfs2"
	}
	return ""
}
