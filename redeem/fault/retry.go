package fault

import (
	"errors"
	"time"
)

// A retryAfter is an error that says how long the other side asked to be left alone.
type retryAfter struct {
	wait time.Duration
	err  error
}

func (r *retryAfter) Error() string { return r.err.Error() }
func (r *retryAfter) Unwrap() error { return r.err }

// WithRetryAfter returns err with the time that a backend asked to wait before the next try (RFC 9110 section 10.2.3).
// A wait of zero or less and a nil error are returned as they are.
func WithRetryAfter(err error, wait time.Duration) error {
	if err == nil || wait <= 0 {
		return err
	}
	return &retryAfter{wait, err}
}

// RetryAfter returns the wait that err carries, or 0.
func RetryAfter(err error) time.Duration {
	if r, ok := errors.AsType[*retryAfter](err); ok {
		return r.wait
	}
	return 0
}
