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
		"check":          newCall(maxBody, (*Service).check),
		"reserve":        newCall(maxBody, (*Service).reserve),
		"release":        newCall(maxBody, (*Service).release),
		"redeem":         newCall(maxBody, (*Service).redeem),
		"correct":        newCall(maxBody, (*Service).correct),
		"void":           newCall(maxBody, (*Service).void),
		"records":        newCall(maxBody, (*Service).records),
		"totals":         newCall(maxBody, (*Service).totals),
		"verdicts":       newCall(maxBody, (*Service).verdicts),
		"acknowledge":    newCall(maxBody, (*Service).acknowledge),
		"status":         newCall(maxBody, (*Service).status),
		"report":         newCall(maxBody, (*Service).report),
		"rotate-key":     newCall(maxBody, (*Service).rotateKey),
		"install-bundle": newCall(maxBundle, (*Service).installBundle),
		"end-forgotten":  newCall(maxBody, (*Service).endForgotten),
		"scanner-test":   newCall(maxBody, (*Service).scannerTest),
		"scanner-learn":  newCall(maxBody, (*Service).scannerLearn),
		"scanner-read":   newCall(maxBody, (*Service).scannerRead),
	}
}

// newCall makes a call of a method: its body is read strictly, in at most limit bytes.
func newCall[Question, Answer any](
	limit int64, method func(s *Service, ctx context.Context, q Question, language string) (Answer, error),
) call {
	return func(s *Service, r *http.Request, language string) (any, error) {
		q, err := wire.ReadStrict[Question](r.Body, limit)
		if err != nil {
			return nil, unreadError(err)
		}
		answer, err := method(s, r.Context(), q, language)
		return answer, whyEnded(err)
	}
}

// unreadError says of a body that did not come to its end that it did not.
func unreadError(err error) error {
	if fault.CodeOf(err) != "" {
		return err
	}
	return fault.New(fault.Malformed, "local", "the body of the call did not come to its end: %w", err)
}
