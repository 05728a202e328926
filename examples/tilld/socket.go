package main

import (
	"fmt"
	"net"
	"os"
)

// maxSocket is how long the name of a socket may be, in bytes (sun_path of Linux and Windows has 108, of macOS 104).
const maxSocket = 103

// listenSocket listens on a Unix socket that only this user can open. One that an earlier daemon left goes: the
// terminal is open, so no other daemon uses it.
func listenSocket(name string) (net.Listener, error) {
	if len(name) > maxSocket {
		return nil, fmt.Errorf("-socket %s: a socket's name has at most %d bytes: give a shorter one", name, maxSocket)
	}
	if info, err := os.Lstat(name); err == nil && !isSocket(info) {
		return nil, fmt.Errorf("-socket %s: a file of another kind is there", name)
	}
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	listener, err := net.Listen("unix", name)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(name, 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	return listener, nil
}

// isSocket reports whether a file is a socket. Windows has it as a reparse point, which Go calls irregular.
func isSocket(info os.FileInfo) bool { return info.Mode()&(os.ModeSocket|os.ModeIrregular) != 0 }
