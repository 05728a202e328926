package redeem

import "github.com/offlane/offlane/redeem/internal/reporter"

// A SetAside is a record with which reports fail while others do not. It is pending, but is not sent with the others:
// the terminal tries it alone, after Reporting.MaxWait and then ever more slowly up to once an hour, and with each
// ReportNow. With more than ten of them it sends nothing else until the backend takes some (fault.SetAside), and so it
// does where more than a tenth of a queue of ten records or more fails at once: so many do not fail by themselves.
type SetAside = reporter.SetAside
