package transporttest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// ManagementKey is the key of the reference backend's merchant Merchant, and PartnerKey that of another, Partner.
const (
	ManagementKey = "management-key-for-tests-only"
	Merchant      = "m-test"
	PartnerKey    = "management-key-of-the-partner"
	Partner       = "m-partner"
)

// Options say what NewServer starts. The zero value is a reference backend in memory's store, on loopback.
type Options struct {
	// InMemory serves over net.Pipe, so that it works in a testing/synctest bubble; use the server's RoundTripper.
	InMemory bool
	// TLS serves with a certificate that only the server's RoundTripper trusts.
	TLS bool
	// Store is the reference backend's; nil: one in memory.
	Store store.Store
	// Handler is served instead of a reference backend.
	Handler http.Handler
	// Middleware stands between the gate and the backend; nil: none.
	Middleware func(http.Handler) http.Handler
}

// A Server is a backend for tests behind a Gate. Its methods may be called from several goroutines at once.
type Server struct {
	*Gate
	// URL is its base address.
	URL string

	opts    Options
	network *network

	mu        sync.Mutex
	restored  backend.Period   // what the store does not have
	withdrawn []backend.Period // what the clock said wrong
	store     store.Store
	issuer    offer.Issuer
	root      offer.Issuer
	keys      int // how many pairs of keys there were
	running   *backend.Server
	ahead     atomic.Int64
	handler   atomic.Pointer[http.Handler] // nil while it is stopped
}

// NewServer starts a server that ends with the test.
func NewServer(t testing.TB, opts Options) *Server {
	t.Helper()
	s := &Server{opts: opts, store: opts.Store}
	s.newKeys()
	if s.store == nil {
		s.store = memstore.New()
	}
	s.Gate = NewGate(http.HandlerFunc(s.serve))
	if err := s.Restart(Change{}); err != nil {
		t.Fatalf("transporttest: starting a backend: %v", err)
	}
	s.network = serve(t, s.Gate, opts.InMemory, opts.TLS)
	s.URL = s.network.url
	t.Cleanup(func() {
		s.network.stop()
		s.Stop()
	})
	return s
}

// RoundTripper reaches the server: for transport.Config, or for the http.Client of a device.
func (s *Server) RoundTripper() http.RoundTripper { return s.network.round }

// Handler is the backend behind the gate, without any fault.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	handler := s.handler.Load()
	if handler == nil {
		panic(http.ErrAbortHandler) // stopped: nobody is there to answer
	}
	(*handler).ServeHTTP(w, r)
}

// whole is everything that a backend answers, under one address.
func whole(server *backend.Server) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", server)
	mux.Handle(wire.PathManagement, server.Management())
	return mux
}

// Ahead sets how far the reference backend's clock is ahead from now on, beside what a ClockSkew adds to it.
func (s *Server) Ahead(d time.Duration) { s.ahead.Store(int64(d)) }

// now is the backend's clock.
func (s *Server) now() time.Time {
	return time.Now().Add(s.clockSkew() + time.Duration(s.ahead.Load()))
}

// Code makes an enrolment code for a store and a number of terminals.
func (s *Server) Code(t testing.TB, shop string, terminals int) string {
	t.Helper()
	var code wire.Code
	s.manage(t, wire.PathCodes, wire.NewCode{Store: shop, Terminals: terminals}, &code)
	return code.Code
}

// Block blocks a terminal, or lets it work again, past the gate.
func (s *Server) Block(t testing.TB, terminal record.TerminalID, blocked bool) {
	t.Helper()
	if err := s.direct().block(t.Context(), ManagementKey, terminal, blocked); err != nil {
		t.Fatalf("transporttest: blocking: %v", err)
	}
}

// MayHost lets a terminal host the hub of its store, past the gate: the next bundle names the store's lanes.
func (s *Server) MayHost(t testing.TB, terminal record.TerminalID) {
	t.Helper()
	path := strings.Replace(wire.PathHubRole, "{id}", terminal.String(), 1)
	_, err := good[wire.Lane](s.direct().send(t.Context(), http.MethodPut, path, ManagementKey,
		wire.NewHubRole{MayHost: true}))
	if err != nil {
		t.Fatalf("transporttest: saying that a terminal may host: %v", err)
	}
}

// CodeFor makes an enrolment code for a terminal that is known, with which it changes its key or moves to the store.
func (s *Server) CodeFor(t testing.TB, shop string, terminal record.TerminalID) string {
	t.Helper()
	var code wire.Code
	s.manage(t, wire.PathCodes, wire.NewCode{Store: shop, Terminal: terminal}, &code)
	return code.Code
}

// Campaign creates a campaign.
func (s *Server) Campaign(t testing.TB, campaign wire.Campaign) {
	t.Helper()
	var created wire.Campaign
	s.manage(t, wire.PathCampaigns, campaign, &created)
}

// manage posts something to the management side, past the gate.
func (s *Server) manage(t testing.TB, path string, body, answer any) {
	t.Helper()
	resp, err := s.direct().post(t.Context(), path, ManagementKey, body)
	if err != nil {
		t.Fatalf("transporttest: %s: %v", path, err)
	}
	if resp.status != http.StatusCreated {
		t.Fatalf("transporttest: %s: status %d: %s", path, resp.status, resp.body)
	}
	if err := json.Unmarshal(resp.body, answer); err != nil {
		t.Fatalf("transporttest: %s: %v", path, err)
	}
}

// Keys are the keys with which the reference backend signs passes, for terminals that have no trust bundle yet.
func (s *Server) Keys() []offer.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []offer.Key{s.issuer.Key()}
}

func (s *Server) newKeys() {
	s.keys++
	s.issuer = offer.Issuer{Name: "issuer-test", KeyID: fmt.Sprint("i", s.keys), Private: newKey()}
	s.root = offer.Issuer{Name: "backend-test", KeyID: fmt.Sprint("r", s.keys), Private: newKey()}
}

// Accept accepts n offers of a campaign, each as a device of its own, and returns their passes as QR codes hold them.
func (s *Server) Accept(t testing.TB, campaign string, n int) []string {
	t.Helper()
	accept := acceptFrom(s.direct(), campaign)
	passes := make([]string, n)
	for i := range passes {
		var err error
		if passes[i], err = accept(t.Context()); err != nil {
			t.Fatalf("transporttest: %v", err)
		}
	}
	return passes
}

// direct returns what speaks with the backend past the gate and the network.
func (s *Server) direct() *suite {
	return &suite{Target{URL: "http://127.0.0.1", Client: &http.Client{Transport: direct{s}}}}
}

// direct calls the backend's handler.
type direct struct{ server *Server }

// RoundTrip serves the request in this goroutine.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	handler := d.server.handler.Load()
	if handler == nil {
		return nil, fault.New(fault.Closed, "transporttest", "the server is stopped")
	}
	in := r.Clone(r.Context())
	in.URL.Scheme, in.URL.Host, in.RemoteAddr = "", "", "127.0.0.1:1" // as a server sees it
	if in.Body == nil {
		in.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	(*handler).ServeHTTP(answer, in)
	return answer.Result(), nil
}

func newKey() ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed) // never fails (crypto/rand)
	return ed25519.NewKeyFromSeed(seed)
}
