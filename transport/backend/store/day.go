package store

import "github.com/offlane/offlane/redeem/record"

// A DayMark is where a list of a day's entries goes on: behind the entry with this Latest and ID. The zero DayMark is
// before all.
type DayMark struct {
	Latest int64
	ID     record.ID
}

// MarkOf is the DayMark of an entry.
func MarkOf(e *Entry) DayMark { return DayMark{e.Latest, e.ID} }
