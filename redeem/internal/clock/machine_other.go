//go:build !linux && !darwin && !windows

package clock

import "time"

// sinceBoot falls back to the time since the process started; with no name of the run, that is what it is compared
// with.
func sinceBoot() (time.Duration, bool) { return 0, false }

func bootName() string { return "" }
