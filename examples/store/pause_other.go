//go:build !unix

package main

import (
	"errors"
	"os"
)

// canPause says that programs can be stopped for a while.
const canPause = false

func pause(*os.Process) error { return errors.ErrUnsupported }

func proceed(*os.Process) error { return errors.ErrUnsupported }
