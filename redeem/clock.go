package redeem

import (
	"time"

	"github.com/offlane/offlane/redeem/record"
)

// A Clock reads the machine's clocks. It may be called from several goroutines at once.
type Clock interface {
	Read() Reading
}

// machine is the clock of the machine that the program runs on.
type machine struct {
	boot    string
	started time.Time
}

// newMachine names the run once. Where the system has no name for it, the start of this process counts as a boot.
func newMachine() machine {
	m := machine{boot: bootName(), started: time.Now()}
	if m.boot == "" {
		m.boot = record.NewID().String()
	}
	return m
}

// Read strips the wall clock's hidden monotonic part, which would make comparisons ignore that somebody set the clock.
func (m machine) Read() Reading {
	now := time.Now()
	since, ok := sinceBoot()
	if !ok {
		since = now.Sub(m.started)
	}
	return Reading{Wall: now.Round(0), SinceBoot: since, Boot: m.boot}
}
