//go:build !linux

package hub_test

import "os"

func flushData(f *os.File) error { return f.Sync() }
