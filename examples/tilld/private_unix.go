//go:build !windows

package main

import (
	"fmt"
	"os"
)

// restrict has nothing to do: the file was made with mode 0600.
func restrict(string) error { return nil }

// checkPrivate refuses a secret that others can read.
func checkPrivate(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s: others can read it (mode %o): chmod 600 it, or delete it, and another is made", name, mode)
	}
	return nil
}
