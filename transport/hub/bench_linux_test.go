package hub_test

import (
	"os"
	"syscall"
)

// flushData is what the journal does: it leaves out what the file's size and times are.
func flushData(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
