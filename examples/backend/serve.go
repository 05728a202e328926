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

// serve runs a server for each address until ctx ends, or until one of them fails; then all end their requests and stop.
func serve(ctx context.Context, log *slog.Logger, o options, handlers map[string]http.Handler) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, len(handlers))
	for address, handler := range handlers {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			cancel()
			return err
		}
		log.Warn("listening", "address", listener.Addr().String(), "tls", o.cert != "")
		go func() { results <- serveOne(ctx, o, listener, handler) }()
	}
	var failed error
	for range handlers {
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
