package transporttest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A witness stands before a backend and holds every answer, and every request that the backend took, against the
// document.
type witness struct {
	next   http.Handler
	router routers.Router

	mu     sync.Mutex
	seen   map[string]int // operation id and status class
	broken []string
}

func newWitness(t testing.TB, next http.Handler) *witness {
	t.Helper()
	openapi3filter.RegisterBodyDecoder(wire.ContentType, openapi3filter.JSONBodyDecoder)
	for _, opaque := range []string{wire.BundleType, "image/png", "image/svg+xml", "application/x-ndjson"} {
		openapi3filter.RegisterBodyDecoder(opaque, openapi3filter.FileBodyDecoder)
	}
	doc, err := openapi3.NewLoader().LoadFromData(wire.OpenAPI())
	require.NoError(t, err)
	router, err := legacy.NewRouter(doc)
	require.NoError(t, err)
	return &witness{next: next, router: router, seen: map[string]int{}}
}

func (w *witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	answer := httptest.NewRecorder()
	w.next.ServeHTTP(answer, again(r, body))
	w.judge(again(r, plain(r.Header, body)), answer)
	v := &visit{w: out, r: r}
	v.send(answer)
}

func (w *witness) judge(r *http.Request, answer *httptest.ResponseRecorder) {
	if r.Method == http.MethodOptions {
		return // what a browser asks by itself is no operation of the contract
	}
	r.Header.Del("Content-Encoding")
	route, params, err := w.router.FindRoute(r)
	if err != nil {
		w.says(r, answer.Code, fmt.Errorf("the document does not know it: %w", err))
		return
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
		}}
	if answer.Code < 400 {
		w.says(r, answer.Code, openapi3filter.ValidateRequest(r.Context(), input))
	}
	reply := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: answer.Code,
		Header: answer.Header(), Options: input.Options}
	reply.SetBodyBytes(bytes.Clone(plain(answer.Header(), answer.Body.Bytes())))
	w.says(r, answer.Code, openapi3filter.ValidateResponse(r.Context(), reply))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[fmt.Sprintf("%s %d", route.Operation.OperationID, answer.Code)]++
}

func (w *witness) says(r *http.Request, status int, err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, fmt.Sprintf("%s %s: %d: %v", r.Method, r.URL.Path, status, err))
}

func TestTheWitnessSeesWhatIsNotInTheDocument(t *testing.T) {
	report := wire.FromReport(sealed(t, 1))
	var body bytes.Buffer
	require.NoError(t, wire.Write(&body, report))
	at := wire.Time{Millis: 1, KeyID: "k", Signature: wire.Bytes{1}}
	for name, c := range map[string]struct {
		path, contentType string
		answer            any
		broken            bool
	}{
		"good":          {wire.PathReports, wire.ContentType, wire.FromAnswer(record.Answer{}), false},
		"unknown path":  {"/v1/cellar", wire.ContentType, wire.FromAnswer(record.Answer{}), true},
		"another type":  {wire.PathReports, "text/html", "hello", true},
		"missing field": {wire.PathReports, wire.ContentType, map[string]any{"items": []any{}, "time": at}, true},
		"unknown word": {wire.PathReports, wire.ContentType, wire.Answer{Items: []record.Verdict{{Status: "perhaps"}},
			Later: []record.Verdict{}, Time: at}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t, http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
				out.Header().Set("Content-Type", c.contentType)
				wire.Write(out, c.answer)
			}))
			req := httptest.NewRequest(http.MethodPost, c.path, bytes.NewReader(body.Bytes()))
			req.Header.Set("Content-Type", wire.RequestType)
			w.ServeHTTP(httptest.NewRecorder(), req)
			assert.Equal(t, c.broken, len(w.broken) > 0, "%v", w.broken)
		})
	}
}
