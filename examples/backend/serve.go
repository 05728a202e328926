package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Times of a request: a report of the largest size over a slow line fits.
const (
	headerTime = 10 * time.Second
	bodyTime   = 2 * time.Minute
	idleTime   = 2 * time.Minute
	graceTime  = 20 * time.Second
)

// A site is what is served on one address.
type site struct {
	what, address string
	handler       http.Handler
}

// serve runs a server for each site until ctx ends, or until one of them fails; then all end their requests and stop.
func serve(ctx context.Context, log *slog.Logger, o options, sites []site) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var listeners []net.Listener
	for _, s := range sites {
		listener, err := net.Listen("tcp", s.address)
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
			return err
		}
		listeners = append(listeners, listener)
	}
	results := make(chan error, len(sites))
	for i, s := range sites {
		log.Warn("listening", "for", s.what, "address", listeners[i].Addr().String(), "tls", o.cert != "")
		go func() { results <- serveOne(ctx, o, listeners[i], s.handler) }()
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
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: bodyTime, IdleTimeout: idleTime,
		MaxHeaderBytes: 32 << 10}
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
