package answer

import (
	"cmp"

	"github.com/offlane/offlane/transport/backend/store"
)

// An Event is what became of an answer on its device.
type Event string

// The events. Taken is that an acceptance named the answer.
const (
	Seen      Event = "seen"
	Clicked   Event = "click"
	Dismissed Event = "dismiss"
	Taken     Event = "taken"
)

// Note notes an event of an answer at a moment, and returns what it counts and whether anything changed. Each event of
// an answer counts once. A dismissal has it not be shown for so many milliseconds; one more after those does so again.
func Note(row *store.Answer, event Event, now, coolOff int64) (counted store.Measure, changed bool) {
	counted.Campaign = cmp.Or(row.Campaign, row.Offer)
	switch {
	case event == Seen && row.Seen == 0:
		row.Seen, counted.Seen = now, 1
	case event == Clicked && row.Clicked == 0:
		row.Clicked, counted.Clicked = now, 1
	case event == Taken && row.Taken == 0:
		row.Taken, counted.Taken = now, 1
	case event == Dismissed && row.Quiet <= now:
		counted.Dismissed = one(row.Quiet == 0)
		row.Quiet = now + coolOff
	default:
		return counted, false
	}
	return counted, true
}
