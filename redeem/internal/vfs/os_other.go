//go:build unix && !linux && !darwin

package vfs

import "os"

func datasync(f *os.File) error { return f.Sync() }

// Network cannot tell on this system.
func (OS) Network(string) (string, error) { return "", nil }
