package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/offlane/offlane/transport/backend"
)

// graceTime is how long requests that have begun may take when the program stops.
const graceTime = 20 * time.Second

// A site is what is served on one address.
type site struct {
	what     string
	listener net.Listener
	handler  http.Handler
}

// listen takes all addresses, or none and says why.
func listen(addresses ...string) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, address := range addresses {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			leave(listeners)
			return nil, err
		}
		listeners = append(listeners, listener)
	}
	return listeners, nil
}

// leave gives the addresses back. A listener that a server has closed is not hurt.
func leave(listeners []net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}

// serve runs a server for each site until ctx ends, or until one of them fails; then all end their requests and stop.
func serve(ctx context.Context, log *slog.Logger, o options, sites []site) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, len(sites))
	for _, s := range sites {
		log.Warn("listening", "for", s.what, "address", s.listener.Addr().String(), "tls", o.cert != "")
		go func() { results <- serveOne(ctx, o, s.listener, s.handler) }()
	}
	var failed error
	for range sites {
		err := <-results
		cancel()
		failed = errors.Join(failed, err)
	}
	return failed
}

func serveOne(ctx context.Context, o options, listener net.Listener, handler http.Handler) error {
	server := backend.NewHTTPServer(handler)
	ended := make(chan error, 1)
	go func() {
		if o.cert != "" {
			ended <- server.ServeTLS(listener, o.cert, o.key)
			return
		}
		ended <- server.Serve(listener)
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
		defer cancel()
		return server.Shutdown(grace)
	}
}
