package clock

import (
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/record"
)

// An offset is how the wall clock stands to the machine's count in one run of the machine. It changes only when
// somebody sets the clock. It is kept in the journal.
type offset struct {
	_ struct{} `cbor:",toarray"`
	// Boot is the run. The zero value belongs to none.
	Boot string
	// Ahead is the wall clock, in milliseconds since 1970, less the count since boot.
	Ahead int64
}

func offsetAt(r record.Reading) offset {
	return offset{Boot: r.Boot, Ahead: r.Wall.UnixMilli() - r.SinceBoot.Milliseconds()}
}

// changes reports whether the wall clock was set between the offset's reading and a later one of the same run. Small
// corrections, such as those of a time service, are none.
func (o offset) changes(r record.Reading) bool {
	if o.Boot != r.Boot {
		return false
	}
	by := offsetAt(r).Ahead - o.Ahead
	return max(by, -by) > evidence.Slack.Milliseconds()
}
