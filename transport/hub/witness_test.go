package hub_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/hub"
)

// A witness stands before a hub and holds every answer, and every request that the hub took, against the document.
type witness struct {
	next   http.Handler
	router routers.Router

	mu     sync.Mutex     // guards what follows
	seen   map[string]int // operation id, and status or code
	broken []string
}

// readDocument parses the contract once.
var readDocument = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(hub.OpenAPI())
	if err == nil {
		doc.Servers = nil // whatever the address is
	}
	return doc, err
})

func newWitness(t testing.TB, next http.Handler) *witness {
	t.Helper()
	doc, err := readDocument()
	require.NoError(t, err)
	router, err := legacy.NewRouter(doc)
	require.NoError(t, err)
	return &witness{next: next, router: router, seen: map[string]int{}}
}

func (w *witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		w.next.ServeHTTP(out, r) // OpenAPI 3.1 has no such operation
		return
	}
	var body bytes.Buffer // as much of it as the hub reads
	in, answer := r.Clone(r.Context()), httptest.NewRecorder()
	in.Body = io.NopCloser(io.TeeReader(r.Body, &body))
	w.next.ServeHTTP(answer, in)
	in.Body = io.NopCloser(&body)
	w.judge(in, answer)
	for name, values := range answer.Header() {
		out.Header()[name] = values
	}
	out.WriteHeader(answer.Code)
	_, _ = out.Write(answer.Body.Bytes())
}

func (w *witness) judge(r *http.Request, answer *httptest.ResponseRecorder) {
	route, params, err := w.router.FindRoute(r)
	if err != nil {
		if answer.Code < 400 || !strings.Contains(answer.Body.String(), "/problems/not-found") {
			w.note(r, answer.Code, fmt.Errorf("the document does not know it: %w", err))
		}
		return
	}
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		IncludeResponseStatus: true}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	if answer.Code < 400 {
		w.note(r, answer.Code, openapi3filter.ValidateRequest(r.Context(), input))
	}
	reply := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: answer.Code,
		Header: answer.Header(), Options: options}
	reply.SetBodyBytes(bytes.Clone(answer.Body.Bytes()))
	w.note(r, answer.Code, openapi3filter.ValidateResponse(r.Context(), reply))
	w.count(r, route.Operation, answer)
}

// count counts an answer, and its code, which must be one of the operation's.
func (w *witness) count(r *http.Request, operation *openapi3.Operation, answer *httptest.ResponseRecorder) {
	said := fmt.Sprint(answer.Code)
	if answer.Code >= 400 {
		_, said, _ = strings.Cut(answer.Body.String(), "/problems/")
		said, _, _ = strings.Cut(said, `"`)
		if !slices.Contains(codesOf(operation), said) {
			w.note(r, answer.Code, fmt.Errorf("the document lists no code %q", said))
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[operation.OperationID+" "+said]++
}

// codesOf are the codes that an operation may refuse with.
func codesOf(operation *openapi3.Operation) (codes []string) {
	listed, _ := operation.Extensions["x-codes"].([]any)
	for _, code := range listed {
		codes = append(codes, fmt.Sprint(code))
	}
	return codes
}

func (w *witness) note(r *http.Request, status int, err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, fmt.Sprintf("%s %s: %d: %v", r.Method, r.URL.Path, status, err))
}

// watch has a shop's hub watched, and fails the test where hub and document differ.
func (s *shop) watch(next http.Handler) http.Handler {
	w := newWitness(s.t, next)
	s.witnesses = append(s.witnesses, w)
	s.t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		assert.Empty(s.t, w.broken, "hub and document differ")
	})
	return w
}

// seen is what the hubs of a shop answered, each once.
func (s *shop) seen() (all []string) {
	for _, w := range s.witnesses {
		w.mu.Lock()
		for what := range w.seen {
			all = append(all, what)
		}
		w.mu.Unlock()
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestTheWitnessSeesWhatIsNotInTheDocument(t *testing.T) {
	name := strings.Repeat("0a", 16)
	good := `{"session":1,"claims":[{"attempt":1,"sale":"` + name + `","names":["` + name + `"],"uses":1,"allowed":1}]}`
	const problem, kind = "application/problem+json", "application/json"
	const ok, later = `{"epoch":1,"answers":[{"result":"taken"}]}`, `{"epoch":1,"x":1,"answers":[{"result":"taken"}]}`
	refused := func(code string) string { return `{"type":"https://offlane.example/problems/` + code + `"}` }
	for what, c := range map[string]struct {
		path, body, kind, answer string
		status                   int
		broken                   bool
	}{
		"good":             {"/v1/claims", good, kind, ok, 200, false},
		"a later field":    {"/v1/claims", good, kind, later, 200, false},
		"another result":   {"/v1/claims", good, kind, `{"epoch":1,"answers":[{"result":"x"}]}`, 200, true},
		"no epoch":         {"/v1/claims", good, kind, `{"answers":[{"result":"taken"}]}`, 200, true},
		"another type":     {"/v1/claims", good, "text/plain", `hello`, 200, true},
		"a taken mistake":  {"/v1/claims", `{"session":1}`, kind, ok, 200, true},
		"refused":          {"/v1/claims", good, problem, refused("stale-claim"), 409, false},
		"another code":     {"/v1/claims", good, problem, refused("expired"), 409, true},
		"no such call":     {"/v1/dance", good, problem, refused("not-found"), 404, false},
		"no such call, ok": {"/v1/dance", good, kind, `{}`, 200, true},
		"no problem":       {"/v1/claims", good, "text/plain", `no`, 404, true},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWitness(t, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				out.Header().Set("Content-Type", c.kind)
				out.WriteHeader(c.status)
				_, _ = io.WriteString(out, c.answer)
			}))
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, c.path, strings.NewReader(c.body))
			r.Header.Set("Content-Type", "application/json")
			w.ServeHTTP(httptest.NewRecorder(), r)
			assert.Equal(t, c.broken, len(w.broken) > 0, "%v", w.broken)
		})
	}
}
