package hub

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

// A Server is the hub of a store. Its methods may be called by several goroutines at once.
type Server struct {
	cfg     Config
	log     *slog.Logger
	keeper  *keeper
	epochs  *epochs
	tls     *tls.Config
	http    *http.Server
	tunnels tunnels
	calls   calls

	results counts
	open    atomic.Int64 // connections

	mu       sync.Mutex                   // guards what follows
	sessions map[record.TerminalID]uint64 // of the lanes that said hello to this process

	stop    context.CancelFunc
	stopped chan struct{}
	grace   time.Duration // of requests that have begun, when it closes
	closing sync.Once
	err     error
}

// margin is how much longer than a lane's own reservation the hub holds an offer: the lane counts by another clock.
const margin = 5 * time.Minute

// memory is how long a claim that was given up is remembered.
const memory = 10 * time.Minute

// Open opens the hub whose folder is dir, making it at the first start. Serve takes its lanes' connections.
//
// Errors: fault.InvalidRequest for a Config that cannot be; those of journal.Open.
func Open(ctx context.Context, dir string, cfg Config) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg, log: cfg.Logger, stopped: make(chan struct{}), grace: graceTime,
		sessions: map[record.TerminalID]uint64{}}
	var err error
	if s.tls, err = serverTLS(cfg.Key, cfg.Lanes); err != nil {
		return nil, err
	}
	log, err := journal.Open(ctx, dir, journal.Config{SegmentSize: cfg.SegmentSize, KeepReported: time.Second,
		Logger: cfg.Logger})
	if err != nil {
		return nil, err
	}
	if err := s.recall(log); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.tunnels.max = cfg.Connections / 2
	s.tunnels.ended, s.tunnels.end = context.WithCancel(background)
	s.http = s.newHTTP()
	go s.tidy(background)
	return s, nil
}

// recall takes up what the journal knows. What belongs to an epoch that ended counts no more: its lanes tell anew.
func (s *Server) recall(log *journal.Log) error {
	s.epochs = &epochs{key: s.cfg.Key.Public().(ed25519.PublicKey), wait: s.cfg.Wait}
	if err := s.epochs.recall(log, s.cfg.TakeOver); err != nil {
		return err
	}
	s.keeper = &keeper{
		log: log, sinceBoot: s.cfg.SinceBoot, unsaved: map[subject]revision{}, stored: map[subject]place{},
		arbiter: s.newArbiter(), epoch: func() uint64 { return s.epochs.current().Number },
	}
	return s.keeper.recall()
}

func (s *Server) newArbiter() *arbiter.Arbiter {
	return arbiter.New(arbiter.Limits{Lease: s.cfg.Lease, Margin: margin, Memory: memory})
}

func (s *Server) newHTTP() *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true) // a tunnel takes its connection over
	return &http.Server{
		Protocols: &protocols,
		Handler:   s.routes(), TLSConfig: s.tls, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 8 << 10,
	}
}

// Serve takes connections of lanes until Close, or an error of l. Its error after Close is fault.Closed.
func (s *Server) Serve(l net.Listener) error {
	err := s.http.ServeTLS(newBounded(l, s.cfg.Connections, s.cfg.PerAddress, &s.open), "", "")
	if errors.Is(err, http.ErrServerClosed) {
		return fault.New(fault.Closed, "hub.Serve", "the hub was closed")
	}
	return err
}

// Close ends tunnels, answers what lanes asked, for at most half a second, ends connections, and closes the journal.
// When it returns, nothing of the server runs any more. What was acknowledged stays on disk. Calling it again does
// nothing.
func (s *Server) Close() error {
	s.closing.Do(func() {
		s.stop()
		<-s.stopped
		s.tunnels.close()
		s.err = s.closeHTTP()
		s.calls.close()
		s.err = errors.Join(s.err, s.keeper.log.Close())
	})
	return s.err
}

// graceTime is how long requests that have begun may take when the server closes.
const graceTime = 500 * time.Millisecond

func (s *Server) closeHTTP() error {
	ctx, cancel := context.WithTimeout(context.Background(), s.grace)
	defer cancel()
	if s.http.Shutdown(ctx) == nil {
		return nil
	}
	return s.http.Close()
}

// tidy gives the journal's space back and drops claims that are past.
func (s *Server) tidy(ctx context.Context) {
	defer close(s.stopped)
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := s.tidyOnce(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "the hub's journal was not tidied", "error", err)
		}
	}
}

// tidyEvery is how often the journal is tidied.
const tidyEvery = 10 * time.Second

func (s *Server) tidyOnce(ctx context.Context) error {
	earliest := s.cfg.Earliest()
	err := s.keeper.apply(ctx, func(a *arbiter.Arbiter, now time.Duration) { a.Sweep(now, earliest) })
	if err != nil {
		return err
	}
	if err := s.keeper.settle(ctx); err != nil {
		return err
	}
	if err := s.keeper.carry(ctx, s.segmentSize()); err != nil {
		return err
	}
	return s.keeper.log.Tidy(ctx)
}

func (s *Server) segmentSize() int64 {
	if s.cfg.SegmentSize > 0 {
		return s.cfg.SegmentSize
	}
	return 1 << 20
}

// expect tells the arbiter which lanes there are.
func (s *Server) expect(a *arbiter.Arbiter) {
	var ids []record.TerminalID
	for _, lane := range s.cfg.Lanes() {
		if !lane.OutOfService {
			ids = append(ids, lane.Terminal)
		}
	}
	a.Expect(ids...)
}

// nameOf is how people know a lane.
func (s *Server) nameOf(id record.TerminalID) string {
	if id.IsZero() {
		return ""
	}
	lanes := s.cfg.Lanes()
	i := slices.IndexFunc(lanes, func(l record.HubPeer) bool { return l.Terminal == id })
	if i >= 0 && lanes[i].Name != "" {
		return lanes[i].Name
	}
	return id.String()[:8]
}

// A Status is how a hub stands.
type Status struct {
	// Epoch is the number of its epoch; 0: it still hears which epochs its lanes know.
	Epoch uint64 `json:"epoch"`
	// PassedBy is a higher epoch of another hub that a lane knows; 0: none. That lane refuses this hub.
	PassedBy uint64 `json:"passedBy,omitempty"`
	// Claims is how many claims it has, Connections how many are open, and Tunnels how many of them lead to the backend.
	Claims      int `json:"claims"`
	Connections int `json:"connections"`
	Tunnels     int `json:"tunnels"`
	// Results counts what claims came to since it was opened.
	Results map[record.ClaimResult]uint64 `json:"results"`
	// Missing are the lanes that have not told in this epoch what they hold, by their names.
	Missing []string `json:"missing,omitempty"`
	// Flushes counts the flushes of its journal since it was opened.
	Flushes uint64 `json:"flushes"`
}

// Status tells how the hub stands.
func (s *Server) Status() Status {
	status := Status{Epoch: s.epochs.current().Number, PassedBy: s.epochs.higherEpoch(), Tunnels: s.tunnels.count(),
		Connections: int(s.open.Load()), Results: s.results.all(), Flushes: s.keeper.log.Stats().Flushes}
	var missing []record.TerminalID
	s.keeper.look(func(a *arbiter.Arbiter) {
		s.expect(a)
		status.Claims, missing = a.Len(), a.MissingLanes()
	})
	for _, id := range missing {
		status.Missing = append(status.Missing, s.nameOf(id))
	}
	return status
}
