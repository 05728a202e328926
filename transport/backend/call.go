package backend

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// A call is one request, with whose it is where its route asks, and its answer.
type call struct {
	*http.Request
	w        *statusWriter
	terminal *Terminal // whose token it bears
	merchant string    // whose management key it bears
	status   int       // of the answer; 0: 200
}

// A handler returns the answer's body, or nil where it wrote the answer itself, or the error that is answered as a problem.
type handler func(*call) (any, error)

func (s *Server) handle(mux *http.ServeMux, pattern string, h handler) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		secureHeaders(w.Header())
		start, c := time.Now(), &call{Request: r, w: &statusWriter{ResponseWriter: w}, status: http.StatusOK}
		body, err := s.run(c, h)
		switch {
		case err != nil:
			s.problem(c, err)
		case body != nil:
			s.write(c, wire.ContentType, c.status, body)
		}
		s.counters.request(pattern, c.w.status, time.Since(start))
	})
}

// run calls the handler; a panic in it becomes an error, except the one with which net/http is asked to hang up.
func (s *Server) run(c *call, h handler) (body any, err error) {
	if s.closed.Load() {
		return nil, fault.New(fault.Closed, "", "this backend is shutting down: try again")
	}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err = fault.New(fault.Internal, "backend", "a panic: %v", p)
		}
	}()
	return h(c)
}

// problem answers with a problem (RFC 9457). What the client must not know goes to the log alone.
func (s *Server) problem(c *call, err error) {
	if c.w.status != 0 {
		return // the answer had begun; the client sees that it breaks off
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = fault.New(fault.Unavailable, "", "the request took too long or was given up: try again")
	}
	p := wire.NewProblem(err)
	log := s.log.InfoContext
	if p.Status >= http.StatusInternalServerError {
		log = s.log.ErrorContext
	}
	log(c.Context(), "refused", "method", c.Method, "path", c.URL.Path, "status", p.Status, "error", err)
	header := c.w.Header()
	switch p.Status {
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if header.Get("Retry-After") == "" {
			header.Set("Retry-After", "1")
		}
	}
	s.write(c, wire.ProblemType, p.Status, p)
}

// write answers with a body, compressed where that is worth it and the client takes it. A client that went away is its own affair.
func (s *Server) write(c *call, kind string, status int, body any) {
	var plain bytes.Buffer
	if err := wire.Write(&plain, body); err != nil {
		s.log.ErrorContext(c.Context(), "an answer cannot be written", "path", c.URL.Path, "error", err)
		status = http.StatusInternalServerError
	}
	c.w.Header().Set("Content-Type", kind)
	c.w.Header().Set("Vary", "Accept-Encoding")
	if plain.Len() < worthPacking || !takesGzip(c.Request) {
		c.w.WriteHeader(status)
		c.w.Write(plain.Bytes())
		return
	}
	c.w.Header().Set("Content-Encoding", "gzip")
	c.w.WriteHeader(status)
	s.packers.pack(c.w, plain.Bytes())
}

// bodyOf reads a JSON body of at most wire.MaxBody bytes, before and after decompression.
func bodyOf[T any](c *call) (v T, err error) {
	var from io.Reader = http.MaxBytesReader(c.w, c.Body, wire.MaxBody)
	switch encoding := c.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		if from, err = gzip.NewReader(from); err != nil {
			return v, fault.New(fault.Malformed, "", "the body is not gzip: %w", err)
		}
	default:
		return v, invalid("the content encoding %q is not known here", encoding)
	}
	v, err = wire.Read[T](from, wire.MaxBody)
	switch _, tooLarge := errors.AsType[*http.MaxBytesError](err); {
	case tooLarge:
		return v, fault.New(fault.TooLarge, "", "the body is longer than %d bytes", int64(wire.MaxBody))
	case err != nil && fault.CodeOf(err) == "":
		return v, fault.New(fault.Malformed, "", "the body cannot be read: %w", err)
	}
	return v, err
}

// view reads one consistent state of the store.
func view[T any](ctx context.Context, s *Server, read func(Tx) (T, error)) (v T, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		v, err = read(tx)
		return err
	})
	return v, err
}

// update does one transaction, and does it again from the start where the store asks for that.
func update[T any](ctx context.Context, s *Server, do func(Tx) (T, error)) (v T, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		v, err = do(tx)
		return err
	})
	return v, err
}

// A statusWriter remembers with which status an answer began.
type statusWriter struct {
	http.ResponseWriter
	status int
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
