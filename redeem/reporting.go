package redeem

import (
	"context"
	"time"

	"github.com/offlane/offlane/redeem/fault"
)

// Reporting says how records are sent. The zero value is usable. What was set aside is tried again after MaxWait and
// then ever more slowly, up to once an hour. A drain gives way to redemptions: after a report beside which somebody
// redeemed it rests for up to 50 milliseconds.
type Reporting struct {
	// MaxRecords and MaxBytes bound one report; 0: 100 records and 256 KiB. Where the backend takes less at once
	// (fault.TooLarge) fewer are sent.
	MaxRecords int
	MaxBytes   int
	// MinWait is the backoff after the first failure and MaxWait its cap; the waits between are random up to a bound that
	// doubles (full jitter). 0: 1 second and 5 minutes. A Retry-After of the backend counts up to an hour; the random
	// wait, up to half of it or more, comes on top.
	MinWait, MaxWait time.Duration
	// Every is how often an idle terminal asks for verdicts and the trust bundle; 0: 15 minutes.
	Every time.Duration
	// Timeout bounds one exchange with the backend; 0: 1 minute.
	Timeout time.Duration
	// Manual reports only when ReportNow is called, for tills on a dialled or metered line.
	Manual bool
}

// ReportNow sends what is pending and returns when everything was answered, or with the error that stopped it. It also
// clears the wait after a failure: call it when the network is back. Records that were set aside are tried too.
// Errors: those of the Reporter; fault.SetAside where records fail that were set aside, whether the others were sent
// or are held; those of InstallBundle where all was answered and the backend's trust bundle is refused, as Status
// tells; fault.InvalidRequest without a Reporter; fault.Closed.
func (t *Terminal) ReportNow(ctx context.Context) error {
	if t.cfg.Reporter == nil {
		return fault.New(fault.InvalidRequest, "redeem.ReportNow",
			"the terminal was opened without a Reporter: export its journal instead")
	}
	if err := t.reporter.ReportNow(ctx); err != nil {
		return err
	}
	return t.bundles.now().refusalError()
}
