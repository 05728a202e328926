package redeem

import (
	"context"

	"github.com/offlane/offlane/redeem/record"
)

// A Reporter carries reports to a backend and brings its answers back. transport.Client is one; a vendor with a
// backend of its own writes another. Its methods are called by one goroutine at a time. Every error is a *fault.Error:
// with fault.Unauthorized, fault.Forbidden, fault.TLS, fault.ClockUntrusted and fault.Blocked with a signed notice
// (record.WithNotice) the queue is held until somebody acts, with any other it is tried again after a while
// (fault.RetryAfter says how long the backend asked for). No error loses anything.
//
// With fault.Unreachable, Unavailable, TooManyRequests, TLS, Unauthorized, ClockUntrusted, Closed, DiskFull and
// DiskFailed nothing gets through, whatever is sent. Any other error of Report may be due to one record: after some
// failures the report is halved to find it, and the others are sent without it.
type Reporter interface {
	// Challenge asks for what the next enrolment signs.
	Challenge(ctx context.Context) (string, error)
	// Enrol makes the terminal known, or gives a terminal that is known by its key a fresh token; a known terminal
	// needs no code. With fault.StaleChallenge it is called again with another challenge.
	Enrol(ctx context.Context, e record.Enrolment) (record.Enrolled, error)
	// Report sends a report. A record counts as answered only when its id and hash come back; one that is missing from an
	// answer which names others is sent again, and after some times without them.
	Report(ctx context.Context, token string, r record.Report) (record.Answer, error)
	// Verdicts asks for the verdicts after a cursor.
	Verdicts(ctx context.Context, token string, after uint64) (record.Answer, error)
	// Bundle fetches the trust bundle. Nil data means that there is none newer than version have.
	Bundle(ctx context.Context, token string, have uint64) (data []byte, err error)
}
