package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/offlane/offlane/transport/local"
)

// graceTime is how long calls that have begun may take when the daemon stops.
const graceTime = 20 * time.Second

// A site is what is served on one listener.
type site struct {
	listener net.Listener
	handler  http.Handler
	ready    string // what is said when it listens
}

// serve listens and serves until ctx ends.
func (t *till) serve(ctx context.Context, o options, stdout io.Writer) error {
	sites, err := t.sites(o)
	defer func() {
		for _, s := range sites {
			s.listener.Close() // one that a server closed is not hurt
		}
	}()
	if err != nil {
		return err
	}
	if len(o.origins()) > 0 {
		t.pages.show()
	}
	for _, s := range sites {
		fmt.Fprintln(stdout, "tilld: listening on", s.ready)
	}
	return t.serveAll(ctx, sites)
}

// sites listen on the socket and the address.
func (t *till) sites(o options) (sites []site, err error) {
	if o.Socket != "none" {
		listener, err := listenSocket(o.Socket)
		if err != nil {
			return sites, err
		}
		sites = append(sites, site{listener, local.Access{}.Guard(t.service), "unix:" + o.Socket})
	}
	if o.Listen != "" {
		token, err := readToken(o.Token)
		if err != nil {
			return sites, err
		}
		listener, err := net.Listen("tcp", o.Listen)
		if err != nil {
			return sites, err
		}
		ready := fmt.Sprintf("http://%s, token in %s", listener.Addr(), o.Token)
		sites = append(sites, site{listener, t.guardedHandler(o, token), ready})
	}
	return sites, nil
}

// guardedHandler is what an address serves: everything for the bearer of a token, and pairing for the configured pages.
func (t *till) guardedHandler(o options, token string) http.Handler {
	admit := func(given, origin string) bool {
		if origin != "" {
			return t.pages.admits(given, origin)
		}
		return subtle.ConstantTimeCompare([]byte(given), []byte(token)) == 1
	}
	mux := http.NewServeMux()
	mux.Handle("/", local.Access{Admit: admit, Origins: o.origins()}.Guard(t.service))
	mux.Handle("/v1/pair", local.Access{Origins: o.origins()}.Guard(t.service))
	return mux
}

// serveAll serves until ctx ends or a server fails; then calls that have begun are finished.
func (t *till) serveAll(ctx context.Context, sites []site) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, len(sites))
	for _, s := range sites {
		go func() {
			err := t.serveOne(ctx, s)
			cancel()
			ended <- err
		}()
	}
	alive := make(chan struct{})
	go func() {
		defer close(alive)
		notifySystemd(ctx, t.log)
	}()
	var failed error
	for range sites {
		failed = errors.Join(failed, <-ended)
	}
	<-alive
	return failed
}

func (t *till) serveOne(ctx context.Context, s site) error {
	server := newServer(s.handler, t.log)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(s.listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		t.service.Close() // nobody waits for a verdict now
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
		defer cancel()
		err := server.Shutdown(grace)
		<-ended
		return err
	}
}

// newServer bounds what a connection may hold and how long it may take. The longest call takes ten minutes.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      11 * time.Minute,
		IdleTimeout:       5 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
