// Package evidence says what moment it is by what a terminal knew of the time. A decision, the limits and the clock go
// by the same rules.
package evidence

import (
	"time"

	"github.com/offlane/offlane/redeem/record"
)

// Slack is how far two clocks may differ that agree: clocks are set by the second, an answer travels a while, and the
// machine's count runs a little fast or slow.
const Slack = 2 * time.Minute

// ConfirmAfter is how much later by the count a second statement of time must agree with one that nothing confirms.
const ConfirmAfter = time.Hour

// LongestSale is how long a sale goes on at most: a sale key without a business date that is used longer after names
// another sale.
const LongestSale = 20 * time.Hour

// Present is the moment that the terminal went by, in milliseconds since 1970: what the wall clock said, less what it
// is known to be off, and never before the earliest.
func Present(e record.Evidence) int64 { return max(e.Wall-e.Off, e.Earliest) }

// Now is the moment that limits and reservations go by, in milliseconds since 1970: the earliest that the evidence
// allows, which nobody can set forward; without any evidence the wall clock.
func Now(e record.Evidence) int64 {
	if e.Earliest != 0 {
		return e.Earliest
	}
	return e.Wall
}

// LongAfter reports whether the evidence puts now certainly longer after then than a sale goes on. In the same run of
// the machine its own count tells; else the bounds of the two moments, or two wall clocks that were believed.
func LongAfter(then, now record.Evidence) bool {
	most := LongestSale.Milliseconds()
	if then.Boot != "" && then.Boot == now.Boot {
		return now.SinceBoot-then.SinceBoot > most
	}
	return then.Latest > 0 && now.Earliest-then.Latest > most || then.Trusted && now.Trusted &&
		now.Wall-then.Wall > most
}
