package local

import (
	"errors"
	"net/http"
	"strings"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// problemType is the media type of a problem (RFC 9457, section 4).
const problemType = "application/problem+json"

// A problem is an error answer (RFC 9457). Unlike those of a backend its detail tells all: it is for the till's own
// support.
type problem struct {
	Type   string     `json:"type"`
	Title  string     `json:"title"`
	Status int        `json:"status"`
	Detail string     `json:"detail,omitempty"`
	Code   fault.Code `json:"code"`
	// Message is for the cashier.
	Message string `json:"message"`
	// Reasons and Budgets are those of a void that needs a manager.
	Reasons []reason        `json:"reasons,omitempty"`
	Budgets []redeem.Budget `json:"budgets,omitempty"`
}

// problem makes one of an error.
func (s *Service) problem(language string, err error) problem {
	code, detail := fault.CodeOf(err), err.Error()
	if code == "" {
		code = fault.Internal
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		detail = f.Detail
	}
	p := problem{Type: wire.ProblemBase + string(code), Title: strings.ReplaceAll(string(code), "-", " "),
		Status: statusOf(code), Detail: detail, Code: code, Message: s.texts.Code(language, code)}
	if l, ok := errors.AsType[*limited](err); ok {
		p.Reasons, p.Budgets = l.Reasons, l.Budgets
		if len(p.Reasons) > 0 {
			p.Message = p.Reasons[0].Message
		}
	}
	return p
}

// A limited is the error of a void that a limit stops, with what a manager has to know.
type limited struct {
	voided
	err error
}

func (l *limited) Error() string { return l.err.Error() }

func (l *limited) Unwrap() error { return l.err }

// Refuse answers a request with the problem that an error is, as for a call, for what serves a Service in another way.
func (s *Service) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	language := s.language(r)
	p := s.problem(language, err)
	w.Header().Set("Content-Language", language)
	write(w, p.Status, problemType, p)
}

// statusOf returns the status of a problem. What the backend said to this till is 502, since 401 and 403 say that the
// caller may not call.
func statusOf(code fault.Code) int {
	switch code {
	case fault.OutcomeUnknown:
		return http.StatusGatewayTimeout
	case fault.Unreachable, fault.TLS, fault.NotTheContract, fault.Unauthorized, fault.Forbidden, fault.StaleChallenge:
		return http.StatusBadGateway
	case fault.OverReturn, fault.OverVoids, fault.OverTerms, fault.OtherCurrency, fault.NotCombinable,
		fault.NothingEligible, fault.RolledBack, fault.Held, fault.SetAside:
		return http.StatusConflict
	case fault.NotAnOffer:
		return http.StatusBadRequest
	case fault.DiskFull:
		return http.StatusInsufficientStorage
	}
	return wire.StatusOf(code)
}
