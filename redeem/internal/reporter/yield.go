package reporter

import (
	"context"
	"time"

	"github.com/offlane/offlane/redeem/fault"
)

// A long drain keeps a small machine's processors busy, its own and at a till that stands beside the backend that
// one's as well: a redemption that comes meanwhile would wait for its turn at them, with a customer at the counter. So
// after a report during which somebody redeemed the next one waits, breakFor times as long as that report took, but
// never longer than longestBreak. A drain without sales beside it never waits, and one beside unbroken sales keeps at
// least a fifth of its pace.
const (
	breakFor     = 4
	longestBreak = 50 * time.Millisecond
)

// yieldToSales comes after a report that began at a time when Redeem had been called so many times, and waits if it
// was called since. It returns the count of now, or why there must be no further report.
func (r *Reporter) yieldToSales(ctx context.Context, calls uint64, began time.Time) (uint64, error) {
	now := r.sales.Load()
	if now != calls {
		r.pause(ctx, min(breakFor*time.Since(began), longestBreak))
	}
	select {
	case <-r.done:
		return now, fault.New(fault.Closed, "redeem.ReportNow",
			"the terminal is closed; what was not reported is at its next start")
	default:
		return now, context.Cause(ctx)
	}
}

// pause waits, or until ctx ends or the terminal is closed.
func (r *Reporter) pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-r.done:
	}
}
