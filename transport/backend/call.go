package backend

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// A call is one request, with whose it is where its route asks, and what its answer is beside the body.
type call struct {
	*http.Request
	w        http.ResponseWriter // for headers; the answer is written when the handler is done
	terminal *store.Credentials  // whose token it bears
	merchant string              // whose management key it bears
	key      store.Hash          // of that
	origin   string              // of the page that sent it, where that is another one's
	in       *answer.Catalogue   // where origin is set
	share    *share              // what its body holds of the room
	status   int
}

// A handler returns the answer's body (nil: none), or the error that is answered as a problem.
type handler func(*call) (any, error)

// A file is a body that is not JSON.
type file struct {
	kind string
	data []byte
}

// requestTime is how long a request may take: the largest over a slow line comes through, a database that hangs is not
// waited for.
const requestTime = 2 * time.Minute

func (s *Server) handle(mux *http.ServeMux, pattern string, h handler) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		secureHeaders(w.Header())
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		start, c := time.Now(), &call{Request: r.WithContext(ctx), w: w, share: &share{room: s.room}, status: http.StatusOK}
		defer c.share.end()
		if r.ContentLength != 0 {
			c.setReadDeadline(smallTime)
		}
		body, err := s.run(c, h)
		if err != nil {
			body = s.problem(c, err)
		}
		s.write(c, body)
		s.metrics.request(pattern, c.status, time.Since(start))
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
			err = fault.New(fault.Internal, "", "a panic: %v", p)
		}
	}()
	return h(c)
}

// problem is the answer to a failure (RFC 9457). What the client must not know goes to the log alone.
func (s *Server) problem(c *call, err error) wire.Problem {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = fault.New(fault.Unavailable, "", "the request took too long or was given up: try again")
	}
	p := wire.NewProblem(err)
	if other, ok := errors.AsType[*statusError](err); ok {
		p.Status = other.status
	}
	log := s.log.InfoContext
	if p.Status >= http.StatusInternalServerError {
		log = s.log.ErrorContext
	}
	log(c.Context(), "refused", "method", c.Method, "path", c.URL.Path, "status", p.Status, "error", err)
	switch c.status = p.Status; {
	case p.Status == http.StatusUnauthorized:
		c.w.Header().Set("WWW-Authenticate", "Bearer")
	case fault.RetryAfter(err) > 0:
		c.retryAfter(fault.RetryAfter(err))
	case p.Status == http.StatusServiceUnavailable:
		c.retryAfter(randomWait())
	}
	return p
}

// retryAfter asks to be left alone for so long, in whole seconds.
func (c *call) retryAfter(wait time.Duration) {
	c.w.Header().Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
}

// A statusError is answered with another status than its code has.
type statusError struct {
	error
	status int
}

func withStatus(status int, err error) error { return &statusError{err, status} }

func (e *statusError) Unwrap() error { return e.error }

// write answers. JSON is compressed where that is worth it and the client takes it. A client that went away is its own
// affair.
func (s *Server) write(c *call, body any) {
	answer, isFile := body.(file)
	if !isFile && body != nil {
		var plain bytes.Buffer
		if err := wire.Write(&plain, body); err != nil {
			s.log.ErrorContext(c.Context(), "an answer cannot be written", "path", c.URL.Path, "error", err)
			c.status = http.StatusInternalServerError
		}
		answer = file{wire.ContentType, plain.Bytes()}
		c.w.Header().Set("Vary", "Accept-Encoding")
	}
	if _, isProblem := body.(wire.Problem); isProblem {
		answer.kind = wire.ProblemType
	}
	if body != nil {
		c.w.Header().Set("Content-Type", answer.kind)
	}
	if !isFile && len(answer.data) >= worthPacking && takesGzip(c.Request) {
		c.w.Header().Set("Content-Encoding", "gzip")
		answer.data = s.packers.pack(answer.data)
	}
	c.w.WriteHeader(c.status)
	c.w.Write(answer.data)
}

// view reads one consistent state of the store.
func view[T any](ctx context.Context, s *Server, read func(store.Tx) (T, error)) (v T, err error) {
	err = s.store.View(ctx, func(tx store.Tx) (err error) { v, err = read(tx); return err })
	return v, err
}

// update does one transaction, and does it again from the start where the store asks for that. What did not take place
// returns nothing.
func update[T any](ctx context.Context, s *Server, do func(store.Tx) (T, error)) (v T, err error) {
	if err = s.store.Update(ctx, func(tx store.Tx) (err error) { v, err = do(tx); return err }); err != nil {
		var nothing T
		return nothing, err
	}
	return v, nil
}

// setOp gives the error of an exported method its operation. What a request gets needs none: the log has its method
// and path.
func setOp(op string, err *error) { *err = fault.WithOp(op, *err) }

// secureHeaders are right for answers that no browser should run, frame or keep.
func secureHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// worthPacking is the size in bytes from which an answer is compressed: below, it fits in one packet anyway.
const worthPacking = 1400

// packers are gzip writers to be used again, each of which has 800 kB of tables.
type packers struct{ pool sync.Pool }

func (p *packers) pack(plain []byte) []byte {
	w, ok := p.pool.Get().(*gzip.Writer)
	if !ok {
		w, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one
	}
	defer p.pool.Put(w)
	var packed bytes.Buffer // which never fails
	w.Reset(&packed)
	w.Write(plain)
	w.Close()
	return packed.Bytes()
}

// takesGzip reads Accept-Encoding (RFC 9110 section 12.5.3) as far as it is about gzip by name.
func takesGzip(r *http.Request) bool {
	for one := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, weight, weighted := strings.Cut(strings.ReplaceAll(one, " ", ""), ";q=")
		if strings.EqualFold(coding, "gzip") {
			return !weighted || strings.Trim(weight, "0.") != ""
		}
	}
	return false
}
