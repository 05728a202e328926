// Package localtest is for tests of local services and of their clients: a Witness holds what they say to each other to
// the contract.
package localtest

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

	"github.com/offlane/offlane/transport/local"
)

// A Witness stands before a service and compares each request that succeeds, and each answer, with the OpenAPI
// document. What differs fails the test when it ends. It may be used by several goroutines at once.
type Witness struct {
	next   http.Handler
	router routers.Router

	mu     sync.Mutex
	seen   map[string]int
	broken []string
}

// NewWitness returns a Witness before next.
func NewWitness(t testing.TB, next http.Handler) *Witness {
	t.Helper()
	w := newWitness(t, next)
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, broken := range w.broken {
			t.Errorf("against the contract: %s", broken)
		}
	})
	return w
}

func newWitness(t testing.TB, next http.Handler) *Witness {
	t.Helper()
	for _, opaque := range []string{"image/png", "image/svg+xml", "image/jpeg", "image/gif", "application/octet-stream",
		"application/yaml"} {
		openapi3filter.RegisterBodyDecoder(opaque, openapi3filter.FileBodyDecoder)
	}
	doc, err := openapi3.NewLoader().LoadFromData(local.OpenAPI())
	if err != nil {
		t.Fatalf("localtest: the contract: %v", err)
	}
	doc.Servers = nil // whatever the address is
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatalf("localtest: the contract: %v", err)
	}
	return &Witness{next: next, router: router, seen: map[string]int{}}
}

// Seen counts what was asked and how it was answered, as in "redeem 200".
func (w *Witness) Seen() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := map[string]int{}
	for name, n := range w.seen {
		seen[name] = n
	}
	return seen
}

// ServeHTTP hands a request on and looks at it and at its answer.
func (w *Witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	answer := httptest.NewRecorder()
	w.next.ServeHTTP(answer, again(r, body))
	if r.Method != http.MethodOptions {
		w.judge(again(r, body), answer)
	}
	for name, values := range answer.Header() {
		out.Header()[name] = values
	}
	out.WriteHeader(answer.Code)
	_, _ = out.Write(answer.Body.Bytes())
}

func again(r *http.Request, body []byte) *http.Request {
	same := r.Clone(r.Context())
	same.Body = io.NopCloser(bytes.NewReader(body))
	return same
}

// judge compares one exchange. A call that the document does not know is right to be refused.
func (w *Witness) judge(r *http.Request, answer *httptest.ResponseRecorder) {
	route, params, err := w.router.FindRoute(r)
	if err != nil {
		if answer.Code < 400 {
			w.note(r, answer.Code, fmt.Errorf("the document does not know it: %w", err))
		}
		return
	}
	options := &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	if answer.Code < 400 {
		w.note(r, answer.Code, openapi3filter.ValidateRequest(r.Context(), input))
	}
	reply := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: answer.Code,
		Header: answer.Header(), Options: options}
	reply.SetBodyBytes(bytes.Clone(answer.Body.Bytes()))
	w.note(r, answer.Code, openapi3filter.ValidateResponse(r.Context(), reply))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[fmt.Sprintf("%s %d", route.Operation.OperationID, answer.Code)]++
}

func (w *Witness) note(r *http.Request, status int, err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, fmt.Sprintf("%s %s: %d: %v", r.Method, r.URL.Path, status, err))
}
