package transport

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestRetryAfterIsReadAsSecondsOrDate(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"-5":                            0,
		"120":                           2 * time.Minute,
		"99999999999":                   366 * 24 * time.Hour,
		"Sun, 01 Mar 2026 12:01:00 GMT": time.Minute,
		"Sun, 01 Mar 2026 11:00:00 GMT": 0,
		"soon":                          0,
	} {
		assert.Equal(t, want, retryAfter(header, now), header)
	}
}

func FuzzAnswersFromAStranger(f *testing.F) {
	f.Add(401, "application/problem+json", "", []byte(`{"type":"https://offlane.example/problems/unauthorized"}`))
	f.Add(429, "text/html; charset=utf-8", "60", []byte(`<html>`))
	f.Add(503, ";;;", "Sun, 01 Mar 2026 12:01:00 GMT", []byte{0xff})
	f.Fuzz(func(t *testing.T, status int, contentType, wait string, body []byte) {
		err := problem("test", reply{status: status, header: http.Header{"Content-Type": {contentType},
			"Retry-After": {wait}}, body: body})
		assert.Error(t, err)
		assert.Less(t, len(err.Error()), 1<<17)
	})
}
