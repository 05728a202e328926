package local_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/local"
	"github.com/offlane/offlane/transport/local/localtest"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// A shop is a backend with tills that are served.
type shop struct {
	backend *transporttest.Server
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{transporttest.NewServer(t, transporttest.Options{InMemory: true})}
	s.backend.Campaign(t, wire.Campaign{ID: "coffee", Title: "A euro off",
		Terms: terms.Terms{Kind: terms.AmountOff, Amount: 100, Currency: "EUR"}})
	return s
}

// A till is a terminal with its service.
type till struct {
	terminal *redeem.Terminal
	service  *local.Service
	witness  *localtest.Witness
}

func (s *shop) till(t *testing.T, lane string, change ...func(*redeem.Config)) *till {
	t.Helper()
	client, err := transport.New(transport.Config{URL: s.backend.URL, RoundTripper: s.backend.RoundTripper(),
		Attempts: 1})
	require.NoError(t, err)
	events := new(local.Events)
	cfg := redeem.Config{Place: record.Place{Lane: lane}, Reporter: client, EnrolmentCode: s.backend.Code(t, "s-1", 1),
		Reporting: redeem.Reporting{Manual: true}, OnEvent: events.Add}
	for _, c := range change {
		c(&cfg)
	}
	terminal, err := redeem.Open(t.Context(), t.TempDir(), cfg)
	require.NoError(t, err)
	service, err := local.New(local.Config{Terminal: terminal, Events: events})
	require.NoError(t, err)
	t.Cleanup(func() {
		service.Close()
		require.NoError(t, terminal.Close())
	})
	return &till{terminal, service, localtest.NewWitness(t, service)}
}

// enrolled is a till that the backend knows.
func (s *shop) enrolled(t *testing.T, lane string, change ...func(*redeem.Config)) *till {
	t.Helper()
	till := s.till(t, lane, change...)
	require.NoError(t, till.terminal.ReportNow(t.Context()))
	return till
}

type object = map[string]any

// post calls and returns the status and the answer.
func (s *till) post(t *testing.T, name string, body any, header ...string) (int, object) {
	t.Helper()
	raw, ok := body.(string)
	if !ok {
		text, err := json.Marshal(body)
		require.NoError(t, err)
		raw = string(text)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/v1/"+name,
		bytes.NewBufferString(raw))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(local.Header, local.Version)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.witness.ServeHTTP(w, r)
	var answer object
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer), w.Body.String())
	return w.Code, answer
}

// call is a call that succeeds.
func (s *till) call(t *testing.T, name string, body any, header ...string) object {
	t.Helper()
	status, answer := s.post(t, name, body, header...)
	require.Equal(t, http.StatusOK, status, "%s: %v", name, answer)
	return answer
}

// basket is a sale of one line.
func basket(amount int) object {
	return object{"currency": "EUR", "lines": []object{{"id": "1", "amount": amount}}}
}

// first is the first object of a list.
func first(t *testing.T, answer object, name string) object {
	t.Helper()
	list, _ := answer[name].([]any)
	require.NotEmpty(t, list, "%s in %v", name, answer)
	return list[0].(object)
}
