package wire

import (
	"errors"
	"net/http"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// ProblemBase begins the type of every problem; the code follows it. It names the problem and need not be fetched.
const ProblemBase = "https://offlane.example/problems/"

// A Problem is an error answer (RFC 9457).
type Problem struct {
	// Type is ProblemBase and a code of package fault.
	Type string `json:"type"`
	// Title is the code in words.
	Title string `json:"title,omitempty"`
	// Status is the HTTP status.
	Status int `json:"status,omitempty"`
	// Detail says what happened, to what, and what to do next.
	Detail string `json:"detail,omitempty"`
	// Instance names this occurrence for the backend's log; it may be empty.
	Instance string `json:"instance,omitempty"`
	// Notice is with the code blocked the backend's signed word on it. Without it, nothing is blocked.
	Notice *Signed `json:"notice,omitempty"`
}

// NewProblem returns the problem that tells a client about err. What the client did wrong goes out as it stands, in
// the detail of the *fault.Error. Of a failure of the backend's own (status 500 and above) the code alone goes out,
// with a detail that says what to do: its text may name addresses, users, files and statements of a database, which
// are for the log. A notice that err carries goes along.
func NewProblem(err error) Problem {
	code := fault.CodeOf(err)
	if code == "" {
		code = fault.Internal
	}
	p := Problem{Type: ProblemBase + string(code), Title: strings.ReplaceAll(string(code), "-", " "),
		Status: StatusOf(code),
		Notice: fromSigned(record.NoticeOf(err))}
	if f, ok := errors.AsType[*fault.Error](err); ok && p.Status < http.StatusInternalServerError {
		p.Detail = f.Detail
	}
	if p.Status >= http.StatusInternalServerError {
		p.Detail = whatToDo[code]
	}
	return p
}

// whatToDo is all that a client hears of failures that are not its own.
var whatToDo = map[fault.Code]string{
	fault.Unavailable: "the backend cannot do this now: try again",
	fault.Closed:      "the backend is shutting down: try again",
	fault.DiskFull:    "the backend has no room to store anything: try again later",
}

// Code returns the code at the end of the type, or "" where it has none.
func (p Problem) Code() fault.Code {
	code, found := strings.CutPrefix(p.Type, ProblemBase)
	if !found || strings.ContainsAny(code, "/?#") {
		return ""
	}
	return fault.Code(code)
}

// StatusOf returns the HTTP status with which a problem of this code is answered.
func StatusOf(code fault.Code) int {
	switch code {
	case fault.Unreadable, fault.Malformed, fault.NotCanonical, fault.InvalidRequest, fault.Mistyped, fault.Swapped,
		fault.Ambiguous:
		return http.StatusBadRequest
	case fault.Unauthorized:
		return http.StatusUnauthorized
	case fault.Forbidden, fault.Blocked, fault.Forged, fault.UnknownIssuer, fault.IssuerKeyExpired,
		fault.OtherMerchant, fault.NoAgreement, fault.OtherStore:
		return http.StatusForbidden
	case fault.NotFound, fault.UnknownOffer:
		return http.StatusNotFound
	case fault.Conflict, fault.StaleChallenge, fault.OutOfOffers, fault.AlreadyRedeemed, fault.AlreadyVoided,
		fault.Expired, fault.NotYetValid, fault.Revoked, fault.WrongEpoch, fault.StaleClaim:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.UnsupportedVersion, fault.Algorithm, fault.CriticalHeader:
		return http.StatusUnprocessableEntity
	case fault.TooManyRequests:
		return http.StatusTooManyRequests
	case fault.Unavailable, fault.Closed, fault.DiskFull:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
