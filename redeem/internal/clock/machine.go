package clock

import (
	"time"

	"github.com/offlane/offlane/redeem/record"
)

// machine is the clock of the machine that the program runs on.
type machine struct {
	boot    string
	started time.Time
}

// Machine reads the clocks of the machine that the program runs on. Where the system has no name for the machine's run,
// the start of this process counts as a boot.
func Machine() Source {
	m := machine{boot: bootName(), started: time.Now()}
	if m.boot == "" {
		m.boot = record.NewID().String()
	}
	return m
}

// Read strips the wall clock's hidden monotonic part, which would make comparisons ignore that somebody set the clock.
func (m machine) Read() record.Reading {
	now := time.Now()
	since, ok := sinceBoot()
	if !ok {
		since = now.Sub(m.started)
	}
	return record.Reading{Wall: now.Round(0), SinceBoot: since, Boot: m.boot}
}
