package clock

import (
	"time"

	"golang.org/x/sys/windows"
)

// sinceBoot counts sleep and hibernation too.
func sinceBoot() (time.Duration, bool) { return windows.DurationSinceBoot(), true }

// bootName is empty: Windows has no dependable name for a run, so each start of the process counts as a boot.
func bootName() string { return "" }
