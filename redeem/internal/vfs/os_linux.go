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

// networkKinds are the magic numbers that statfs(2) gives for file systems whose flush or lock ends at another machine.
var networkKinds = map[uint32]string{
	0x6969: "nfs", 0x517b: "smb", 0xff534d42: "cifs", 0xfe534d42: "smb2", 0x5346414f: "afs",
	0x00c36400: "ceph", 0x01021997: "9p", 0x0bd00bd0: "lustre", 0x7461636f: "ocfs2",
}

// Network returns the kind of the network file system that dir lies on, or "".
func (OS) Network(dir string) (string, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return "", os.NewSyscallError("statfs", err)
	}
	return networkKinds[uint32(s.Type)], nil
}
