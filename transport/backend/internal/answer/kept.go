package answer

import (
	"slices"

	"github.com/offlane/offlane/transport/backend/store"
)

// Kept is how long it is kept, in milliseconds, that a device was shown an answer, and what it did with it.
type Kept struct {
	// Shown counts from the last day on which it was shown, Measured from what it did, or from when its trial was closed.
	Shown, Measured int64
	// Exported counts from when the customer agreed to have a click's platform told.
	Exported int64
}

// Prune takes from a row what was kept long enough at a moment in milliseconds since 1970, and says when it is to be
// looked at next. It reports whether anything is left.
func (k Kept) Prune(row *store.Answer, now int64) bool {
	if row.Click != nil {
		return now < row.Click.Agreed+k.Exported
	}
	if row.Trial != nil {
		return row.Trial.Closed == 0 || now < row.Trial.Closed+k.Measured
	}
	for _, at := range []*int64{&row.Seen, &row.Clicked, &row.Taken} {
		if *at != 0 && *at+k.Measured <= now {
			*at = 0
		}
	}
	if row.Quiet <= now {
		row.Quiet = 0
	}
	if len(row.Days) > 0 && k.keepEnd(row) <= now {
		row.Days, row.Times = nil, 0
	}
	return len(row.Days) > 0 || row.Quiet != 0 || row.Seen != 0 || row.Clicked != 0 || row.Taken != 0
}

// keepEnd is how long it is kept when a row was shown.
func (k Kept) keepEnd(row *store.Answer) int64 { return slices.Max(row.Days)*dayMillis + k.Shown }

// Schedule has a row be looked at when it may hold something that was kept long enough. One that is to be looked at
// before that already stays so, so that it is not written anew each day.
func (k Kept) Schedule(row *store.Answer) {
	due := k.due(row)
	if row.Due == 0 || due < row.Due {
		row.Due = due
	}
}

// due is the first moment at which Prune takes something from a row.
func (k Kept) due(row *store.Answer) int64 {
	var ends []int64
	if row.Click != nil {
		ends = append(ends, row.Click.Agreed+k.Exported)
	}
	switch t := row.Trial; {
	case t != nil && t.Closed == 0:
		ends = append(ends, t.Ends+reportWait)
	case t != nil:
		ends = append(ends, t.Closed+k.Measured)
	}
	for _, at := range []int64{row.Seen, row.Clicked, row.Taken} {
		if at != 0 {
			ends = append(ends, at+k.Measured)
		}
	}
	if row.Quiet != 0 {
		ends = append(ends, row.Quiet)
	}
	if len(row.Days) > 0 {
		ends = append(ends, k.keepEnd(row))
	}
	if len(ends) == 0 {
		return 1
	}
	return slices.Min(ends)
}
