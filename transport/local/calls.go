package local

import (
	"context"
	"net/http"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// The limits of bodies in bytes.
const (
	maxBody   = 64 << 10
	maxBundle = 48 << 20 // of a trust bundle in base64
)

// A call is one that a till makes, of JSON. It reads its body from the request.
type call func(s *Service, r *http.Request, language string) (any, error)

// calls are all calls, by name.
func calls() map[string]call {
	return map[string]call{
		"check":          of(maxBody, (*Service).check),
		"reserve":        of(maxBody, (*Service).reserve),
		"release":        of(maxBody, (*Service).release),
		"redeem":         of(maxBody, (*Service).redeem),
		"correct":        of(maxBody, (*Service).correct),
		"void":           of(maxBody, (*Service).void),
		"records":        of(maxBody, (*Service).records),
		"totals":         of(maxBody, (*Service).totals),
		"verdicts":       of(maxBody, (*Service).verdicts),
		"acknowledge":    of(maxBody, (*Service).acknowledge),
		"status":         of(maxBody, (*Service).status),
		"report":         of(maxBody, (*Service).report),
		"rotate-key":     of(maxBody, (*Service).rotateKey),
		"install-bundle": of(maxBundle, (*Service).installBundle),
		"end-forgotten":  of(maxBody, (*Service).endForgotten),
		"scanner-test":   of(maxBody, (*Service).scannerTest),
		"scanner-learn":  of(maxBody, (*Service).scannerLearn),
		"scanner-read":   of(maxBody, (*Service).scannerRead),
	}
}

// of makes a call of a method: its body is read strictly, in at most limit bytes.
func of[Question, Answer any](
	limit int64, method func(s *Service, ctx context.Context, q Question, language string) (Answer, error),
) call {
	return func(s *Service, r *http.Request, language string) (any, error) {
		q, err := wire.ReadStrict[Question](r.Body, limit)
		if err != nil {
			return nil, unread(err)
		}
		answer, err := method(s, r.Context(), q, language)
		return answer, whyEnded(err)
	}
}

// unread says of a body that did not come to its end that it did not.
func unread(err error) error {
	if fault.CodeOf(err) != "" {
		return err
	}
	return fault.New(fault.Malformed, "local", "the body of the call did not come to its end: %w", err)
}
