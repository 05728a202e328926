package local

import (
	"context"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/cashier"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// Config says what a Service serves. Only Terminal is required.
type Config struct {
	// Terminal is whom the calls go to. It stays the caller's, who closes it after the Service.
	Terminal *redeem.Terminal
	// Events are the terminal's; nil: nobody counts, and a call that waits for verdicts is answered at once.
	Events *Events
	// Texts are those for the cashier; zero: the built-in ones.
	Texts cashier.Texts
	// Logger is told of every call that fails, without what was scanned; nil: silent.
	Logger *slog.Logger
}

// A Service is a terminal over HTTP. It may be used by several goroutines at once.
type Service struct {
	terminal *redeem.Terminal
	events   *Events
	texts    cashier.Texts
	log      *slog.Logger
	mux      *http.ServeMux
	ending   context.Context // of the calls that wait
	end      func()
	once     sync.Once
}

// New makes a service. Its error is fault.InvalidRequest.
func New(cfg Config) (*Service, error) {
	if cfg.Terminal == nil {
		return nil, fault.New(fault.InvalidRequest, "local.New", "Config.Terminal is missing")
	}
	s := &Service{terminal: cfg.Terminal, events: cfg.Events, texts: cfg.Texts, log: cfg.Logger, mux: http.NewServeMux()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.ending, s.end = context.WithCancel(context.Background())
	for name, c := range calls() {
		s.mux.Handle("POST "+base+name, s.handler(name, c))
	}
	s.mux.HandleFunc("GET "+base+"health", s.getHealth)
	s.mux.HandleFunc("GET "+base+"metrics", s.getMetrics)
	s.mux.HandleFunc("GET "+base+"openapi.yaml", getDocument)
	s.mux.HandleFunc("/", s.noSuchCall)
	return s, nil
}

// base is where the calls of this version of the contract are.
const base = "/v1/"

// Close answers the calls that wait for verdicts. It returns at once; the terminal stays open.
func (s *Service) Close() { s.once.Do(s.end) }

// ServeHTTP answers one call.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// handler serves one call.
func (s *Service) handler(name string, c call) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		language := s.texts.Choose(r.Header.Get("Accept-Language"))
		answer, err := s.answer(r, c, language)
		if err != nil {
			s.log.Warn("a call failed", "call", name, "error", err)
			s.refuse(w, language, answer, err)
			return
		}
		w.Header().Set("Content-Language", language)
		write(w, http.StatusOK, "application/json", answer)
	})
}

func (s *Service) answer(r *http.Request, c call, language string) (any, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, errNotJSON
	}
	return c.do(s, r.Context(), r, language)
}

var errNotJSON = fault.New(fault.InvalidRequest, "local", "the body of a call has the type application/json")

// noSuchCall answers what is none of the calls.
func (s *Service) noSuchCall(w http.ResponseWriter, r *http.Request) {
	language := s.texts.Choose(r.Header.Get("Accept-Language"))
	name, ours := strings.CutPrefix(r.URL.Path, base)
	if _, known := calls()[name]; ours && known {
		w.Header().Set("Allow", http.MethodPost)
		p := s.problem(language, nil, fault.New(fault.InvalidRequest, "local", "%s is called by POST", name))
		p.Status = http.StatusMethodNotAllowed
		write(w, p.Status, problemType, p)
		return
	}
	s.refuse(w, language, nil, fault.New(fault.NotFound, "local", "%.80q is no call: openapi.yaml lists them", r.URL.Path))
}

// write writes an answer. The caller may have gone, which it finds out by itself.
func write(w http.ResponseWriter, status int, kind string, v any) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = wire.Write(w, v)
}

// whyEnded says in the contract's words that a call took longer than it may.
func whyEnded(err error) error {
	if fault.CodeOf(err) == "" && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) {
		return fault.New(fault.Unavailable, "local", "the call was given up before it was finished: %w", err)
	}
	return err
}
