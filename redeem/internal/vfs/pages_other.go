//go:build !linux

package vfs

// InPages does nothing: only Linux is known to need it.
func InPages(File) {}
