package transport_test

import (
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/wire"
)

var signer = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// report makes a sealed report of n records.
func report(t testing.TB, n int) record.Report {
	t.Helper()
	var raws [][]byte
	var prev record.Hash
	for i := range n {
		raw, err := record.Record{
			Kind: record.Redemption, ID: record.NewID(), Terminal: record.TerminalID{2}, Chain: record.ChainID{3},
			Number: uint64(i + 1),
			Prev:   prev, Place: record.Place{Merchant: "m", Store: "s", Lane: "1"}, Offer: offer.NewID(),
			Sale: record.Sale{Key: "sale"},
		}.Encode()
		require.NoError(t, err)
		raws, prev = append(raws, raw), record.HashOf(raw)
	}
	sealed, err := record.Seal(record.Heading{Terminal: record.TerminalID{2}, Chain: record.ChainID{3}}, raws, signer)
	require.NoError(t, err)
	return sealed
}

// confirm is the answer of a backend that books everything.
func confirm(t testing.TB, r record.Report) wire.Answer {
	t.Helper()
	at, err := record.SignTime(time.UnixMilli(1_800_000_000_000), 0, "k", signer)
	require.NoError(t, err)
	answer := record.Answer{Time: at, Cursor: uint64(len(r.Records))}
	for i, raw := range r.Records {
		answer.Items = append(answer.Items, record.Verdict{
			Number: uint64(i + 1), Record: record.IDOf(raw), Hash: record.HashOf(raw), Status: record.Confirmed, Judged: 1,
		})
	}
	return wire.FromAnswer(answer)
}

func reply(w http.ResponseWriter, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	wire.Write(w, v)
}

// backend starts a server on loopback and a client for it that does not dawdle.
func backend(t testing.TB, handler http.HandlerFunc) *transport.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client, err := transport.New(transport.Config{URL: server.URL, Wait: time.Nanosecond})
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	return client
}

func TestReportCarriesTheRecordsVerbatimAndReturnsTheVerdicts(t *testing.T) {
	sent := report(t, 3)
	client := backend(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, http.MethodPost, r.Method)
		assert.Equal(t, wire.PathReports, r.URL.Path)
		assert.Equal(t, "Bearer secret", r.Header.Get("Authorization"))
		got, err := wire.Read[wire.Report](unpacked(t, r), wire.MaxBody)
		assert.NoError(t, err)
		received, err := got.Record()
		assert.NoError(t, err)
		assert.Equal(t, sent, received)
		reply(w, wire.ContentType, confirm(t, received))
	})
	answer, err := client.Report(t.Context(), "secret", sent)
	require.NoError(t, err)
	assert.Len(t, answer.Items, 3)
	assert.Equal(t, uint64(3), answer.Cursor)
	assert.NoError(t, answer.Time.Verify(signer.Public().(ed25519.PublicKey)))
}

func unpacked(t testing.TB, r *http.Request) io.Reader {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return r.Body
	}
	plain, err := gzip.NewReader(r.Body)
	assert.NoError(t, err)
	return plain
}

func TestLargeReportsAreCompressedUntilAnOlderBackendRefuses(t *testing.T) {
	sent := report(t, 50)
	var packed, plain atomic.Int32
	client := backend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Encoding") == "gzip" {
			packed.Add(1)
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return
		}
		plain.Add(1)
		reply(w, wire.ContentType, confirm(t, sent))
	})
	for range 2 {
		_, err := client.Report(t.Context(), "", sent)
		require.NoError(t, err)
	}
	assert.Equal(t, int32(1), packed.Load(), "it is asked once")
	assert.Equal(t, int32(2), plain.Load())
}

func TestOnlyVerdictsOnWhatWasSentCount(t *testing.T) {
	sent := report(t, 3)
	change := func(edit func(*wire.Answer)) wire.Answer {
		answer := confirm(t, sent)
		edit(&answer)
		return answer
	}
	cases := map[string]struct {
		answer wire.Answer
		want   int
	}{
		"all":            {change(func(*wire.Answer) {}), 3},
		"fewer":          {change(func(a *wire.Answer) { a.Items = a.Items[1:] }), 2},
		"repeated":       {change(func(a *wire.Answer) { a.Items[1] = a.Items[0] }), 2},
		"another's id":   {change(func(a *wire.Answer) { a.Items[0].Record = record.NewID() }), 2},
		"another's hash": {change(func(a *wire.Answer) { a.Items[2].Hash = record.Hash{1} }), 2},
		"ids interchanged": {change(func(a *wire.Answer) {
			a.Items[0].Record, a.Items[1].Record = a.Items[1].Record,
				a.Items[0].Record
		}), 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			client := backend(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, wire.ContentType, c.answer) })
			answer, err := client.Report(t.Context(), "", sent)
			require.NoError(t, err)
			assert.Len(t, answer.Items, c.want)
		})
	}
}

func TestARestoredBackendMayAskForRecordsInsteadOfAnsweringThem(t *testing.T) {
	sent := report(t, 2)
	answer := confirm(t, sent)
	answer.Items = nil
	answer.Wanted = []record.ID{record.NewID(), record.IDOf(sent.Records[1]), record.IDOf(sent.Records[1])}
	client := backend(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, wire.ContentType, answer) })
	got, err := client.Report(t.Context(), "", sent)
	require.NoError(t, err)
	assert.Empty(t, got.Items)
	assert.Equal(t, []record.ID{record.IDOf(sent.Records[1])}, got.Wanted, "only what was sent")

	answer.Wanted = answer.Wanted[:1]
	_, err = client.Report(t.Context(), "", sent)
	assert.ErrorIs(t, err, fault.NotTheContract)
}

func TestAnAnswerThatAnswersNothingIsNoAnswer(t *testing.T) {
	sent := report(t, 2)
	full := confirm(t, sent)
	none, wrong, timeless := full, full, full
	none.Items = nil
	wrong.Items = append([]record.Verdict(nil), full.Items...)
	wrong.Items[0].Status = "perhaps"
	timeless.Time = wire.Time{}
	cases := map[string]http.HandlerFunc{
		"a portal's page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<html>sign in</html>")
		},
		"the right body as plain JSON": func(w http.ResponseWriter, _ *http.Request) { reply(w, "application/json", full) },
		"no items":                     func(w http.ResponseWriter, _ *http.Request) { reply(w, wire.ContentType, none) },
		"an unknown verdict":           func(w http.ResponseWriter, _ *http.Request) { reply(w, wire.ContentType, wrong) },
		"no clock":                     func(w http.ResponseWriter, _ *http.Request) { reply(w, wire.ContentType, timeless) },
		"another status": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", wire.ContentType)
			w.WriteHeader(http.StatusAccepted)
			wire.Write(w, full)
		},
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { reply(w, wire.ContentType, "half") },
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", wire.ContentType)
			io.WriteString(w, `{"items":[`+strings.Repeat(" ", wire.MaxBody)+`]}`)
		},
	}
	for name, handler := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := backend(t, handler).Report(t.Context(), "", sent)
			assert.ErrorIs(t, err, fault.NotTheContract)
		})
	}
}

func TestProblemsBecomeErrorsWithTheirCode(t *testing.T) {
	problem := func(code fault.Code) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			p := wire.NewProblem(fault.New(code, "", "because"))
			w.Header().Set("Content-Type", wire.ProblemType)
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(p.Status)
			json.NewEncoder(w).Encode(p)
		}
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(code)
		}
	}
	cases := map[string]struct {
		handler http.HandlerFunc
		want    fault.Code
	}{
		"expired token":            {problem(fault.Unauthorized), fault.Unauthorized},
		"busy":                     {problem(fault.TooManyRequests), fault.TooManyRequests},
		"down":                     {problem(fault.Unavailable), fault.Unavailable},
		"a code of the future":     {problem("brand-new"), "brand-new"},
		"a gateway's 429":          {status(http.StatusTooManyRequests), fault.TooManyRequests},
		"a gateway's 413":          {status(http.StatusRequestEntityTooLarge), fault.TooLarge},
		"a program's 500":          {status(http.StatusInternalServerError), fault.Internal},
		"a gateway's 502":          {status(http.StatusBadGateway), fault.Unavailable},
		"a proxy that wants a key": {status(http.StatusProxyAuthRequired), fault.Unreachable},
		"a portal's 401":           {status(http.StatusUnauthorized), fault.NotTheContract},
		"a stranger's 404":         {status(http.StatusNotFound), fault.NotTheContract},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := backend(t, c.handler).Verdicts(t.Context(), "", 0)
			require.Error(t, err)
			assert.Equal(t, c.want, fault.CodeOf(err))
			assert.Equal(t, 7*time.Second, fault.RetryAfter(err))
		})
	}
}

func TestShortFaultsAreGotOverAndLongOnesReturned(t *testing.T) {
	sent := report(t, 1)
	for failures, ok := range map[int32]bool{0: true, 2: true, 3: false} {
		var calls atomic.Int32
		client := backend(t, func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1) <= failures {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			reply(w, wire.ContentType, confirm(t, sent))
		})
		_, err := client.Report(t.Context(), "", sent)
		assert.Equal(t, ok, err == nil, "%d failures: %v", failures, err)
		assert.Equal(t, min(failures+1, 3), calls.Load())
	}
}

// TestAnAnswerThatComesAsTheCallerGivesUpIsClosed would otherwise keep a connection, and the timer of its request,
// until they time out.
func TestAnAnswerThatComesAsTheCallerGivesUpIsClosed(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	late := &lateAnswer{Reader: strings.NewReader("{}"), giveUp: cancel}
	client, err := transport.New(transport.Config{URL: "http://127.0.0.1", RoundTripper: late})
	require.NoError(t, err)
	_, err = client.Health(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.True(t, late.closed, "the body is closed")
}

// lateAnswer is a network whose answer is there when the caller gives up, and the body of that answer.
type lateAnswer struct {
	io.Reader
	giveUp func()
	closed bool
}

func (a *lateAnswer) RoundTrip(*http.Request) (*http.Response, error) {
	a.giveUp()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: a}, nil
}

func (a *lateAnswer) Close() error {
	a.closed = true
	return nil
}

func TestWhatTheBackendAskedToWaitForIsNotTriedAtOnce(t *testing.T) {
	var calls atomic.Int32
	client := backend(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	_, err := client.Verdicts(t.Context(), "", 0)
	assert.Equal(t, time.Hour, fault.RetryAfter(err))
	assert.Equal(t, int32(1), calls.Load())
}

func TestRedirectsAreFollowedWithinTheHostOnly(t *testing.T) {
	sent := report(t, 1)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("another host was called")
	}))
	t.Cleanup(elsewhere.Close)
	cases := map[string]struct {
		status int
		to     string
		ok     bool
	}{
		"to another host":             {http.StatusTemporaryRedirect, elsewhere.URL + "/moved", false},
		"within the host":             {http.StatusPermanentRedirect, "/moved", true},
		"that would turn it into GET": {http.StatusFound, "/moved", false},
		"in a circle":                 {http.StatusTemporaryRedirect, wire.PathReports, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			client := backend(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				if r.URL.Path == "/moved" {
					assert.Equal(t, "Bearer secret", r.Header.Get("Authorization"))
					reply(w, wire.ContentType, confirm(t, sent))
					return
				}
				w.Header().Set("Location", c.to)
				w.WriteHeader(c.status)
			})
			_, err := client.Report(t.Context(), "secret", sent)
			if c.ok {
				require.NoError(t, err)
			} else {
				assert.ErrorIs(t, err, fault.NotTheContract)
			}
			assert.LessOrEqual(t, calls.Load(), int32(4), "a refused redirect is not tried again")
		})
	}
}

func TestEnrolBringsTokenPlaceAndRoots(t *testing.T) {
	enrolment, err := record.Enrolment{Code: "ABCD", Terminal: record.TerminalID{2}, Lane: "7", Challenge: "C",
		Last: 3}.Prove(signer)
	require.NoError(t, err)
	want := record.Enrolled{Token: "secret", Expires: 9, Place: record.Place{Merchant: "m", Store: "s", Lane: "7"},
		Roots: []offer.Key{{ID: "k", Issuer: "m", Public: signer.Public().(ed25519.PublicKey)}}}
	client := backend(t, func(w http.ResponseWriter, r *http.Request) {
		got, err := wire.Read[wire.Enrolment](r.Body, wire.MaxBody)
		assert.NoError(t, err)
		received, err := got.Record()
		assert.NoError(t, err)
		assert.NoError(t, received.Verify())
		assert.Equal(t, enrolment, received)
		assert.Empty(t, r.Header.Get("Authorization"))
		reply(w, wire.ContentType, wire.FromEnrolled(want))
	})
	got, err := client.Enrol(t.Context(), enrolment)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestBundleIsFetchedOnlyWhenThereIsANewerOne(t *testing.T) {
	client := backend(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"8"`)
		switch r.Header.Get("If-None-Match") {
		case `"8"`:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("Content-Type", wire.BundleType)
			w.Write([]byte{1, 2, 3})
		}
	})
	for have, want := range map[uint64][]byte{0: {1, 2, 3}, 7: {1, 2, 3}, 8: nil} {
		got, err := client.Bundle(t.Context(), "", have)
		require.NoError(t, err)
		assert.Equal(t, want, got, "have %d", have)
	}
}

func TestABackendWithoutABundleIsNoFailure(t *testing.T) {
	client := backend(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", wire.ProblemType)
		w.WriteHeader(http.StatusNotFound)
		json.NewEncoder(w).Encode(wire.NewProblem(fault.NotFound))
	})
	got, err := client.Bundle(t.Context(), "", 0)
	require.NoError(t, err)
	assert.Nil(t, got)
}

func TestHealthNamesWhatAnOlderBackendLacks(t *testing.T) {
	can := wire.Needed()
	client := backend(t, func(w http.ResponseWriter, _ *http.Request) {
		reply(w, wire.ContentType, wire.Health{Status: "ok", Can: append(can, "something-new")})
	})
	_, err := client.Health(t.Context())
	require.NoError(t, err)
	can = can[:2]
	_, err = client.Health(t.Context())
	assert.ErrorIs(t, err, fault.UnsupportedVersion)
	assert.ErrorContains(t, err, "bundle")
}

func TestAnOlderBackendThatLacksAPathIsNamedAsSuch(t *testing.T) {
	can := wire.Needed()
	client := backend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != wire.PathHealth {
			http.NotFound(w, r)
			return
		}
		reply(w, wire.ContentType, wire.Health{Status: "ok", Can: can})
	})
	_, err := client.Verdicts(t.Context(), "", 0)
	assert.ErrorIs(t, err, fault.NotTheContract, "it says that it can: something else took the path away")
	can = []wire.Ability{wire.CanEnrol, wire.CanReport, wire.CanBundle}
	_, err = client.Verdicts(t.Context(), "", 0)
	assert.ErrorIs(t, err, fault.UnsupportedVersion)
	assert.ErrorContains(t, err, "verdicts")
}

func TestAChallengeIsAskedForWithoutABody(t *testing.T) {
	answer := wire.Challenge{Challenge: "C", Expires: 7}
	client := backend(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "POST "+wire.PathChallenges, r.Method+" "+r.URL.Path)
		assert.Zero(t, r.ContentLength)
		assert.Empty(t, r.Header.Get("Authorization"))
		reply(w, wire.ContentType, answer)
	})
	got, err := client.Challenge(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "C", got)
	answer.Challenge = ""
	_, err = client.Challenge(t.Context())
	assert.ErrorIs(t, err, fault.NotTheContract)
}

// The notice travels with the refusal; whether it is the backend's is for the terminal to verify.
func TestARefusalBringsTheNoticeThatTheBackendSigned(t *testing.T) {
	notice, err := record.Notice{Terminal: record.TerminalID{2}, Number: 5, Blocked: true, Made: 4}.Sign("k", signer)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		answer any
		want   record.Signed
	}{
		"signed":       {wire.NewProblem(record.WithNotice(fault.New(fault.Blocked, "", "blocked"), notice)), notice},
		"without word": {wire.NewProblem(fault.New(fault.Blocked, "", "blocked")), record.Signed{}},
	} {
		client := backend(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", wire.ProblemType)
			w.WriteHeader(http.StatusForbidden)
			assert.NoError(t, wire.Write(w, c.answer))
		})
		_, err := client.Verdicts(t.Context(), "secret", 0)
		assert.ErrorIs(t, err, fault.Blocked, name)
		assert.Equal(t, c.want, record.NoticeOf(err), name)
	}
}
