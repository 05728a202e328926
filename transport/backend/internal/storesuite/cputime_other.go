//go:build !linux

package storesuite

import "time"

// threadTime is 0: this system does not tell it.
func threadTime() time.Duration { return 0 }
