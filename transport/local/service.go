package local

import (
	"context"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"regexp"
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
	// Calls are further calls by their names, such as those of package pictures; nil: none.
	Calls map[string]Call
	// Logger is told of every call that fails, without what was scanned; nil: silent.
	Logger *slog.Logger
}

// A Call answers a POST to /v1/ and its name. Where it returns an error it has written nothing, and the error becomes a
// problem.
type Call func(w http.ResponseWriter, r *http.Request) error

// A Service is a terminal over HTTP. It may be used by several goroutines at once.
type Service struct {
	terminal *redeem.Terminal
	events   *Events
	texts    cashier.Texts
	log      *slog.Logger
	calls    map[string]Call
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
	s := &Service{terminal: cfg.Terminal, events: cfg.Events, texts: cfg.Texts, log: cfg.Logger,
		calls: map[string]Call{}, mux: http.NewServeMux()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.ending, s.end = context.WithCancel(context.Background())
	for name, c := range calls() {
		s.calls[name] = s.serveJSON(c)
	}
	for name, c := range cfg.Calls {
		if s.calls[name] != nil || !callName.MatchString(name) {
			return nil, fault.New(fault.InvalidRequest, "local.New", "Config.Calls: %q is no name of a further call", name)
		}
		s.calls[name] = c
	}
	for name, c := range s.calls {
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

var callName = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// Close answers the calls that wait for verdicts. It returns at once; the terminal stays open.
func (s *Service) Close() { s.once.Do(s.end) }

// ServeHTTP answers one call.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// handler serves one call.
func (s *Service) handler(name string, c Call) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := c(w, r); err != nil {
			s.log.Warn("a call failed", "call", name, "error", err)
			s.Refuse(w, r, err)
		}
	})
}

func (s *Service) language(r *http.Request) string {
	return s.texts.Choose(r.Header.Get("Accept-Language"))
}

// serveJSON makes a Call of one of JSON.
func (s *Service) serveJSON(c call) Call {
	return func(w http.ResponseWriter, r *http.Request) error {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "application/json" {
			return errNotJSON
		}
		language := s.language(r)
		answer, err := c(s, r, language)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Language", language)
		write(w, http.StatusOK, "application/json", answer)
		return nil
	}
}

var errNotJSON = fault.New(fault.InvalidRequest, "local", "the body of a call has the type application/json")

// noSuchCall answers what is none of the calls.
func (s *Service) noSuchCall(w http.ResponseWriter, r *http.Request) {
	name, ours := strings.CutPrefix(r.URL.Path, base)
	if ours && s.calls[name] != nil {
		w.Header().Set("Allow", http.MethodPost)
		p := s.problem(s.language(r), fault.New(fault.InvalidRequest, "local", "%s is called by POST", name))
		p.Status = http.StatusMethodNotAllowed
		write(w, p.Status, problemType, p)
		return
	}
	s.Refuse(w, r, fault.New(fault.NotFound, "local", "%.80q is no call: openapi.yaml lists them", r.URL.Path))
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
