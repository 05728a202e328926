package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// graceTime is how long requests for metrics may take when the program stops.
const graceTime = 5 * time.Second

// A site is what people and monitoring see of a hub.
type site struct {
	host     *hub.Host
	terminal *redeem.Terminal
}

// A standing is how the hub stands.
type standing struct {
	Hub hub.Status `json:"hub"`
	// Terminal is the hub's own identity: the merchant lets it host.
	Terminal record.TerminalID `json:"terminal"`
	// Peers is how many terminals of the store the trust bundle names, this one among them, MayHost whether it lets this
	// one be the hub, and Bundle the sequence of the bundle; 0: it has none yet.
	Peers   int    `json:"peers"`
	MayHost bool   `json:"mayHost"`
	Bundle  uint64 `json:"bundle"`
}

// serve makes the hub known, and serves what people see, until ctx ends.
func (s *site) serve(ctx context.Context, o options, log *slog.Logger, out io.Writer) error {
	listener, err := net.Listen("tcp", o.manage)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s.routes(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 10 * time.Second, MaxHeaderBytes: 8 << 10}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	status := s.terminal.Status()
	fmt.Fprintf(out, "lanes:    %s\nmetrics:  http://%s/metrics\nterminal: %s\n", s.host.Addr(), listener.Addr(),
		status.Terminal)
	if err := s.terminal.ReportNow(ctx); err != nil && ctx.Err() == nil {
		log.Warn("the backend is not reached; what the hub knows of its lanes is used", "error", err)
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer cancel()
	err = server.Shutdown(grace)
	if end := <-ended; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.standing()) // whoever asked is gone
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		writeMetrics(w, s.standing())
	})
	return mux
}

func (s *site) standing() standing {
	status := s.terminal.Status()
	now := standing{Hub: s.host.Server().Status(), Terminal: status.Terminal, Bundle: status.Bundle}
	for _, peer := range s.host.Peers() {
		now.Peers++
		now.MayHost = now.MayHost || peer.MayHost && peer.Terminal == status.Terminal
	}
	return now
}
