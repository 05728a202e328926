package clock

import "github.com/offlane/offlane/redeem/record"

// A count is how much time certainly passed for the terminal, of which the machine's own counts are the witness: those
// of all its runs one after another. What passed while it was off is not in it. It is kept in the journal and rides on
// records, so that it costs no flush of its own. All times are in milliseconds.
type count struct {
	_ struct{} `cbor:",toarray"`
	// Passed is the count, and SinceBoot and Boot the reading of the machine's own at which it was that.
	Passed int64
	// Run numbers the machine's runs.
	Run       uint64
	SinceBoot int64
	Boot      string
	// Off is how far the wall clock was ahead of the true time when that was last known.
	Off int64
}

// at is the count at a reading.
func (c count) at(r record.Reading) int64 { return c.Passed + c.timeSince(r) }

// timeSince is how much certainly passed. A machine's count that is greater has gone on, or passed zero in between and
// hides how much more it was. One that is less in another run began anew, so all of it passed since; in the same run
// the reading is older than the count, by as much as two goroutines are apart.
func (c count) timeSince(r record.Reading) int64 {
	now := r.SinceBoot.Milliseconds()
	switch since := now - c.SinceBoot; {
	case since >= 0:
		return since
	case r.Boot != c.Boot:
		return max(now, 0)
	}
	return 0
}

// advance is the count as of a reading, so that the time that passed in this run is not lost with a reboot.
func (c count) advance(r record.Reading) count {
	if r.Boot == c.Boot && r.SinceBoot.Milliseconds() < c.SinceBoot {
		return c // another goroutine was faster
	}
	next := count{Passed: c.at(r), Run: c.Run, SinceBoot: r.SinceBoot.Milliseconds(), Boot: r.Boot, Off: c.Off}
	if c.Boot != r.Boot {
		next.Run++
	}
	return next
}
