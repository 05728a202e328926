//go:build unix

package storesuite

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// A serverUser is whom the server runs as where the test runs as root, which initdb refuses; else as the test.
type serverUser struct{ credential *syscall.Credential }

func findServerUser() serverUser {
	if os.Getuid() != 0 {
		return serverUser{}
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return serverUser{}
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32) // numbers on every system with initdb
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	return serverUser{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// own makes the user the owner of a file.
func (u serverUser) own(path string) error {
	if u.credential == nil {
		return nil
	}
	return os.Chown(path, int(u.credential.Uid), int(u.credential.Gid))
}

// run has a program run as the user.
func (u serverUser) run(cmd *exec.Cmd) {
	if u.credential != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: u.credential}
	}
}
