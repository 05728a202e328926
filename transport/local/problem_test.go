package local

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/fault"
)

// A client acts on the status of a problem: what has to be asked again is 504, what the backend said is 502, and 401
// and 403 are the caller's own.
func TestTheStatusOfAProblemSaysWhatToDo(t *testing.T) {
	var s Service
	for code, status := range map[fault.Code]int{
		fault.OutcomeUnknown: 504, fault.Unreachable: 502, fault.Unauthorized: 502, fault.Forbidden: 502, fault.TLS: 502,
		fault.OverReturn: 409, fault.OverVoids: 409, fault.Conflict: 409, fault.AlreadyVoided: 409, fault.SetAside: 409,
		fault.InvalidRequest: 400, fault.Unreadable: 400, fault.NotAnOffer: 400, fault.NotFound: 404,
		fault.TooLarge: 413, fault.DiskFull: 507, fault.DiskFailed: 500, fault.Closed: 503, fault.Blocked: 403,
		fault.TooManyRequests: 429, fault.UnsupportedVersion: 422,
	} {
		p := s.problem("en", fault.New(code, "test", "why"))
		assert.Equal(t, status, p.Status, code)
		assert.Equal(t, code, p.Code)
		assert.Equal(t, "why", p.Detail)
		assert.NotEmpty(t, p.Message, code)
	}
	p := s.problem("de", errors.New("a bug"))
	assert.Equal(t, fault.Internal, p.Code)
	assert.Equal(t, 500, p.Status)
	assert.Equal(t, "Kassenfehler.", p.Message)
}
