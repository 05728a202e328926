//go:build unix

package main

import (
	"os"
	"syscall"
)

// canPause says that programs can be stopped for a while.
const canPause = true

// pause stops a program where it stands, until proceed.
func pause(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }

func proceed(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
