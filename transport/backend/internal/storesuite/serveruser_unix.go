//go:build unix

package storesuite

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// serverUser is whom the server runs as where the test runs as root, which initdb refuses.
func serverUser() (syscall.Credential, bool) {
	if os.Getuid() != 0 {
		return syscall.Credential{}, false
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return syscall.Credential{}, false
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32) // numbers on every system with initdb
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	return syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, true
}

// giveToServer makes the server's user the owner of a file.
func giveToServer(path string) error {
	if id, ok := serverUser(); ok {
		return os.Chown(path, int(id.Uid), int(id.Gid))
	}
	return nil
}

// runAsServer has a program run as the server's user.
func runAsServer(cmd *exec.Cmd) {
	if id, ok := serverUser(); ok {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &id}
	}
}
