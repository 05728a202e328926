package wire

import (
	"errors"
	"net/http"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
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
}

// NewProblem returns the problem that tells a client about err. The detail of a *fault.Error goes out as it stands; any other
// error is fault.Internal and its text, which may hold what is not the client's business, stays here.
func NewProblem(err error) Problem {
	code, detail := fault.CodeOf(err), ""
	if f, ok := errors.AsType[*fault.Error](err); ok && code != fault.Internal {
		detail = f.Detail
	}
	if code == "" {
		code = fault.Internal
	}
	return Problem{Type: ProblemBase + string(code), Title: strings.ReplaceAll(string(code), "-", " "), Status: StatusOf(code), Detail: detail}
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
	case fault.Unreadable, fault.Malformed, fault.NotCanonical, fault.InvalidRequest, fault.Mistyped, fault.Swapped, fault.Ambiguous:
		return http.StatusBadRequest
	case fault.Unauthorized:
		return http.StatusUnauthorized
	case fault.Forbidden, fault.Forged, fault.UnknownIssuer, fault.IssuerKeyExpired, fault.OtherMerchant, fault.NoAgreement,
		fault.OtherStore:
		return http.StatusForbidden
	case fault.NotFound, fault.UnknownOffer:
		return http.StatusNotFound
	case fault.Conflict, fault.OutOfOffers, fault.AlreadyRedeemed, fault.AlreadyVoided, fault.Expired, fault.NotYetValid, fault.Revoked:
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
