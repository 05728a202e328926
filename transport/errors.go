package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// networkError turns what the network did into an error that says what to do next.
func (c *Client) networkError(ctx context.Context, op string, err error) error {
	code := classify(err)
	c.log.DebugContext(ctx, "exchange failed", "operation", op, "code", string(code), "error", err)
	switch code {
	case fault.TLS:
		return fault.New(code, op, "the certificate of %s is not to be trusted: check the till's clock, "+
			"the certificate and whether the network asks for a sign-in: %w", c.base.Host, err)
	case fault.NotTheContract:
		return fault.New(code, op, "%s: something between here and the backend answers for it: %w", c.base.Host, err)
	}
	return fault.New(code, op, "%s cannot be reached; it is tried again: %w", c.base.Host, err)
}

// classify tells what kind of failure the error of a request is.
func classify(err error) fault.Code {
	if errors.Is(err, errRedirect) {
		return fault.NotTheContract
	}
	if isTLS(err) {
		return fault.TLS
	}
	return fault.Unreachable
}

// isTLS reports whether the handshake failed for a reason that another try does not mend.
func isTLS(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.HostnameError](err)
	return ok
}

// problem turns an error answer into an error. A problem of the contract speaks for itself; without one, what answered
// is a proxy, a gateway or a portal, and only the status tells something.
func problem(op string, got reply) error {
	wait := retryAfter(got.header.Get("Retry-After"), time.Now())
	if mediaType(got.header) == wire.ProblemType && !got.long {
		p, err := wire.Read[wire.Problem](bytes.NewReader(got.body), wire.MaxProblem)
		if code := p.Code(); err == nil && code != "" {
			said := fault.New(code, op, "the backend says: %s", clip(p.Detail))
			return fault.WithRetryAfter(record.WithNotice(said, p.Notice.Record()), wait)
		}
	}
	code, detail := fault.NotTheContract, "something between here and the backend answers for it"
	switch {
	case got.status == http.StatusTooManyRequests:
		code, detail = fault.TooManyRequests, "it is tried again later"
	case got.status == http.StatusRequestEntityTooLarge:
		code, detail = fault.TooLarge, "something between here and the backend takes no more at once"
	case got.status == http.StatusProxyAuthRequired:
		code, detail = fault.Unreachable, "the proxy asks for credentials: put them into HTTPS_PROXY"
	// a program failed over this request; whether over others too, another one tells
	case got.status == http.StatusInternalServerError:
		code, detail = fault.Internal, "a program failed over it"
	case got.status >= http.StatusInternalServerError:
		code, detail = fault.Unavailable, "it is tried again later"
	}
	return fault.WithRetryAfter(fault.New(code, op, "status %d without a problem of the contract: %s", got.status, detail),
		wait)
}

// older finds out whether a path is unknown because the backend is of an earlier version than this client, and says
// then what it lacks. Any other failure stays as it is.
func (c *Client) older(ctx context.Context, op, path string, status int, failure error) error {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
	default:
		return failure
	}
	if path == wire.PathHealth || fault.CodeOf(failure) != fault.NotTheContract {
		return failure
	}
	if _, err := c.Health(ctx); fault.CodeOf(err) == fault.UnsupportedVersion {
		return fault.New(fault.UnsupportedVersion, op, "status %d at %s: %w", status, path, err)
	}
	return failure
}

// maxDetail bounds what a backend's problem may put into our errors and logs, in bytes.
const maxDetail = 500

func clip(detail string) string {
	if len(detail) > maxDetail {
		return detail[:maxDetail] + "…"
	}
	return detail
}

// retryAfter reads the header (RFC 9110 section 10.2.3): seconds or a date. What cannot be read or has passed is 0.
func retryAfter(header string, now time.Time) time.Duration {
	const most = 366 * 24 * time.Hour
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(most/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(at.Sub(now), 0), most)
	}
	return 0
}
