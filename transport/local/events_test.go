package local_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/local"
)

// serve is a service of a terminal that reports to nobody.
func serve(t *testing.T, events *local.Events) *till {
	t.Helper()
	terminal, err := redeem.Open(t.Context(), t.TempDir(), redeem.Config{Policy: redeem.Policy{MaxAlone: -1}})
	require.NoError(t, err)
	service, err := local.New(local.Config{Terminal: terminal, Events: events})
	require.NoError(t, err)
	t.Cleanup(func() {
		service.Close()
		require.NoError(t, terminal.Close())
	})
	return &till{terminal: terminal, service: service}
}

func get(t *testing.T, handler http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+path, nil))
	return w
}

func TestEventsAreCountedAndShown(t *testing.T) {
	events := new(local.Events)
	for _, e := range []redeem.Event{
		{Kind: redeem.EventDecision, Decision: redeem.Decision{Outcome: redeem.Refuse,
			Reasons: []redeem.Reason{{Code: fault.Forged}}}},
		{Kind: redeem.EventReported, Count: 7}, {Kind: redeem.EventVerdict,
			Verdict: record.Verdict{Status: record.Duplicate}},
		{Kind: redeem.EventHeld, Code: fault.TLS}, {Kind: redeem.EventBundle}, {Kind: "of-tomorrow"},
	} {
		events.Add(e)
	}
	metrics := get(t, serve(t, events).service, "/v1/metrics")
	assert.Equal(t, http.StatusOK, metrics.Code)
	for _, line := range []string{
		`offlane_terminal_events_total{kind="decision",what="refuse"} 1`, `{kind="reason",what="forged"} 1`,
		`{kind="reported",what=""} 7`, `{kind="verdict",what="duplicate"} 1`, `{kind="held",what="tls"} 1`,
		`{kind="of-tomorrow",what=""} 1`, "offlane_terminal_pending 0", "offlane_terminal_clock_trusted 1",
		"offlane_terminal_oldest_pending_seconds 0",
	} {
		assert.Contains(t, metrics.Body.String(), line)
	}
}

// A service without events is one that nobody waits at.
func TestAServiceNeedsNoEvents(t *testing.T) {
	till := serve(t, nil)
	assert.Equal(t, http.StatusOK, get(t, till.service, "/v1/metrics").Code)
	health := get(t, till.service, "/v1/health")
	assert.Contains(t, health.Body.String(), `"redeem"`)
	assert.Equal(t, string(local.OpenAPI()), get(t, till.service, "/v1/openapi.yaml").Body.String())
	called := get(t, till.service, "/v1/redeem")
	assert.Equal(t, http.StatusMethodNotAllowed, called.Code)
	assert.Equal(t, http.MethodPost, called.Header().Get("Allow"))
	assert.Equal(t, http.StatusNotFound, get(t, till.service, "/").Code)
}
