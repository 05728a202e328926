package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A Merchant redeems offers and may issue them.
type Merchant struct {
	// Name is 1 to offer.MaxName bytes.
	Name string
	// Key is the bearer token of its management requests, at least 16 bytes; empty: it has none.
	Key string
}

// Config is what a Server is made from. Only Store is required.
type Config struct {
	// Store keeps everything. The Server does not close it.
	Store Store
	// Merchants are the merchants that this backend serves.
	Merchants []Merchant
	// Issuer signs passes, Root signs trust bundles and the clock. Zero: made at the first start and kept in the Store.
	Issuer, Root offer.Issuer
	// Issuers are keys of other issuers whose passes the merchants' terminals may take; they go into the trust bundle.
	Issuers []offer.Key
	// SecureCookies sets cookies for HTTPS only also where the request came in over plain HTTP, as behind a proxy that ends TLS.
	SecureCookies bool
	// TokenLife is how long a terminal's token is good for, after which it fetches another with its key; 0: until it does.
	TokenLife time.Duration
	// Limits bound what strangers may ask for.
	Limits Limits
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Logger gets what happens, without identifiers in full; nil: nothing.
	Logger *slog.Logger
}

// A Server is the backend as an http.Handler for terminals and devices; Management is the one for merchants. It may be used by
// several goroutines, and several Servers, in several processes too, may share a Store that allows it.
type Server struct {
	store     Store
	merchants []Merchant
	issuer    offer.Issuer
	root      offer.Issuer
	issuers   []offer.Key
	secure    bool
	tokenLife time.Duration
	now       func() time.Time
	log       *slog.Logger
	closed    atomic.Bool
	bundles   bundles
	guard     *guard
	counters  counters
	packers   packers

	public     http.Handler
	management http.Handler
}

// New returns a Server. Errors: fault.InvalidRequest for a Config that cannot be, and those of the Store.
func New(cfg Config) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Server{
		store: cfg.Store, merchants: cfg.Merchants, issuer: cfg.Issuer, root: cfg.Root, issuers: cfg.Issuers,
		secure: cfg.SecureCookies, tokenLife: cfg.TokenLife, now: cfg.Now, log: cfg.Logger, guard: newGuard(cfg.Limits),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.loadKeys(context.Background()); err != nil {
		return nil, err
	}
	s.public, s.management = s.routes(), s.managementRoutes()
	return s, nil
}

const minKey = 16

func (c *Config) check() error {
	if c.Store == nil {
		return invalid("Config.Store is missing")
	}
	for _, m := range c.Merchants {
		if m.Name == "" || len(m.Name) > offer.MaxName || m.Key != "" && len(m.Key) < minKey {
			return invalid("merchant %q: a name has 1 to %d bytes, a management key at least %d", m.Name, offer.MaxName, minKey)
		}
	}
	return nil
}

// ServeHTTP answers terminals and devices.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.public.ServeHTTP(w, r) }

// Management returns the handler for merchants, which may be served on an address of its own. It asks for management keys.
func (s *Server) Management() http.Handler { return s.management }

// Close ends the server's work: from now on every request is answered with fault.Closed. It does not close the Store.
func (s *Server) Close() error {
	s.closed.Store(true)
	return nil
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	s.handle(mux, "GET "+wire.PathHealth, s.getHealth)
	s.handle(mux, "GET "+PathReady, s.getReady)
	s.handle(mux, "POST "+wire.PathTerminals, s.guard.strangers(s.postTerminal))
	s.handle(mux, "POST "+wire.PathReports, s.guard.failures(s.postReport))
	s.handle(mux, "GET "+wire.PathVerdicts, s.guard.failures(s.getVerdicts))
	s.handle(mux, "GET "+wire.PathBundle, s.guard.failures(s.getBundle))
	s.handle(mux, "GET "+PathOpenCampaigns, s.guard.strangers(s.getOpenCampaigns))
	s.handle(mux, "GET "+wire.PathDeviceOffers, s.guard.strangers(s.getDeviceOffers))
	s.handle(mux, "POST "+wire.PathDeviceOffers, s.guard.strangers(s.postDeviceOffer))
	s.handle(mux, "GET "+wire.PathDeviceOffers+"/{name}/{file}", s.guard.strangers(s.getPass))
	s.handle(mux, "GET "+wire.PathDeviceVisit, s.guard.strangers(s.getVisit))
	s.handle(mux, "PUT "+PathConsent, s.guard.strangers(s.putConsent))
	s.handle(mux, "DELETE "+PathDevice, s.guard.strangers(s.deleteDevice))
	s.handle(mux, "/", nothingHere)
	return mux
}

func (s *Server) managementRoutes() http.Handler {
	mux := http.NewServeMux()
	for pattern, m := range map[string]manager{
		"GET " + wire.PathCampaigns:  s.getCampaigns,
		"POST " + wire.PathCampaigns: s.postCampaign,
		"PUT " + PathCampaignState:   s.putState,
		"POST " + PathRevocations:    s.postRevocations,
		"GET " + wire.PathCodes:      s.getCodes,
		"POST " + wire.PathCodes:     s.postCode,
		"GET " + wire.PathGaps:       s.getGaps,
		"POST " + wire.PathUploads:   s.postUploads,
		"GET " + PathFigures:         s.getFigures,
		"GET " + PathTerminalList:    s.getTerminals,
	} {
		s.handle(mux, pattern, s.guard.failures(s.managed(m)))
	}
	s.handle(mux, "GET "+PathMetrics, s.getMetrics)
	s.handle(mux, "/", nothingHere)
	return mux
}

func nothingHere(_ http.ResponseWriter, r *http.Request) error {
	return fault.New(fault.NotFound, "", "there is nothing at %s %s", r.Method, r.URL.Path)
}

// A handler answers a request, or returns the error that is answered as a problem.
type handler func(w http.ResponseWriter, r *http.Request) error

func (s *Server) handle(mux *http.ServeMux, pattern string, h handler) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		secureHeaders(w.Header())
		start, seen := time.Now(), &statusWriter{ResponseWriter: w, packs: takesGzip(r)}
		err := s.run(seen, r, h)
		if err != nil {
			s.problem(seen, r, err)
		}
		s.counters.request(pattern, seen.status, time.Since(start))
	})
}

// run calls the handler; a panic in it becomes an error, except the one with which net/http is asked to hang up.
func (s *Server) run(w http.ResponseWriter, r *http.Request, h handler) (err error) {
	if s.closed.Load() {
		return fault.New(fault.Closed, "", "this backend is shutting down: try again")
	}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err = fault.New(fault.Internal, "backend", "a panic: %v", p)
		}
	}()
	return h(w, r)
}

// problem answers with a problem (RFC 9457). What the client must not know goes to the log alone.
func (s *Server) problem(w *statusWriter, r *http.Request, err error) {
	if w.status != 0 {
		return // the answer had begun; the client sees that it breaks off
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = fault.New(fault.Unavailable, "", "the request took too long or was given up: try again")
	}
	p := wire.NewProblem(err)
	level := slog.LevelInfo
	if p.Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.log.Log(r.Context(), level, "refused", "method", r.Method, "path", r.URL.Path, "status", p.Status, "error", err)
	header := w.Header()
	header.Set("Content-Type", wire.ProblemType)
	switch p.Status {
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if header.Get("Retry-After") == "" {
			header.Set("Retry-After", "1")
		}
	}
	w.WriteHeader(p.Status)
	wire.Write(w, p) // a client that went away is its own affair
}

// answer writes a body in the contract's own type, compressed where that is worth it and the client takes it.
func (s *Server) answer(w http.ResponseWriter, status int, body any) error {
	var plain bytes.Buffer
	if err := wire.Write(&plain, body); err != nil {
		return err
	}
	w.Header().Set("Content-Type", wire.ContentType)
	w.Header().Set("Vary", "Accept-Encoding")
	if seen, ok := w.(*statusWriter); ok && seen.packs && plain.Len() >= worthPacking {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(status)
		return s.packers.pack(w, plain.Bytes())
	}
	w.WriteHeader(status)
	_, err := w.Write(plain.Bytes())
	return err
}

// signedTime is the clock, signed by the root.
func (s *Server) signedTime() (record.ServerTime, error) {
	return record.SignTime(s.now(), s.root.KeyID, s.root.Private)
}

// A statusWriter remembers with which status an answer began.
type statusWriter struct {
	http.ResponseWriter
	status int
	packs  bool // the client takes gzip
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the writer underneath.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// secureHeaders are right for answers that no browser should run, frame or keep.
func secureHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

func campaignOf(tx Tx, id string) (*Campaign, error) {
	c, err := tx.Campaign(id)
	if err == nil && c == nil {
		err = fmt.Errorf("backend: the campaign %q is not in the store", id)
	}
	return c, err
}

// detailOf is what a person is told of an error.
func detailOf(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Detail[:min(len(f.Detail), maxDetail)]
	}
	return ""
}

const maxDetail = 400
