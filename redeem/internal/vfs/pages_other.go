//go:build !linux

package vfs

// HoldInPages does nothing: only Linux is known to need it.
func HoldInPages(File) {}
