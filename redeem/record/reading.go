package record

import "time"

// A Reading is what a machine's clocks say at one moment. Evidence is what it is worth.
type Reading struct {
	// Wall is the wall clock, which anybody may have set.
	Wall time.Time
	// SinceBoot is the time since the machine started, suspend included.
	SinceBoot time.Duration
	// Boot names the machine's run, and in readings of the same name SinceBoot never goes back. Never empty.
	Boot string
}
