package pages_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/wire"
)

// A till reports one redemption without a terminal around it.
type till struct {
	t      testing.TB
	server *backend.Server
	key    ed25519.PrivateKey
	id     record.TerminalID
	told   wire.Enrolled
}

func newTill(t testing.TB, server *backend.Server) *till {
	t.Helper()
	return newLane(t, server, "7")
}

func newLane(t testing.TB, server *backend.Server, lane string) *till {
	t.Helper()
	code, err := server.AddCode(t.Context(), merchant, wire.NewCode{Store: "1"})
	require.NoError(t, err)
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	till := &till{t: t, server: server, key: key, id: record.NewTerminalID()}
	challenge := post[wire.Challenge](till, wire.PathChallenges, nil).Challenge
	e, err := record.Enrolment{Code: code.Code, Terminal: till.id, Lane: lane, Challenge: challenge}.Prove(key)
	require.NoError(t, err)
	till.told = post[wire.Enrolled](till, wire.PathTerminals, wire.FromEnrolment(e))
	return till
}

func post[T any](t *till, path string, body any) (answer T) {
	t.t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(t.t, err)
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+t.told.Token)
	w := httptest.NewRecorder()
	t.server.ServeHTTP(w, r)
	require.Equal(t.t, http.StatusOK, w.Code, w.Body.String())
	require.NoError(t.t, json.Unmarshal(w.Body.Bytes(), &answer))
	return answer
}

// redeem reports a redemption as record 1 of a chain.
func (t *till) redeem(text string) record.Verdict { return t.report(text, 1, 0) }

// report reports one redemption, with so many waiting behind it.
func (t *till) report(text string, number, waiting uint64) record.Verdict {
	t.t.Helper()
	p, err := offer.Parse(text)
	require.NoError(t.t, err)
	now := time.Now().UnixMilli()
	chain := record.NewChainID()
	raw, err := record.Record{Kind: record.Redemption, ID: record.NewID(), Terminal: t.id, Chain: chain, Number: number,
		Place: t.told.Place,
		Offer: p.ID, Sale: record.Sale{Key: "1"}, Given: record.Money{Amount: 250, Currency: "EUR"},
		Time: record.Evidence{Wall: now, Earliest: now - 1000, Trusted: true}, Proven: true}.Encode()
	require.NoError(t.t, err)
	report, err := record.Seal(record.Heading{Terminal: t.id, Chain: chain, Waiting: waiting}, [][]byte{raw}, t.key)
	require.NoError(t.t, err)
	answer := post[wire.Answer](t, wire.PathReports, wire.FromReport(report))
	require.Len(t.t, answer.Items, 1)
	return answer.Items[0]
}

// manage asks with the management key.
func (s *shop) manage(method, path string, into any) {
	s.t.Helper()
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Authorization", "Bearer "+managementKey)
	w := httptest.NewRecorder()
	s.server.Management().ServeHTTP(w, r)
	require.Equal(s.t, http.StatusOK, w.Code, w.Body.String())
	require.NoError(s.t, json.Unmarshal(w.Body.Bytes(), into))
}
