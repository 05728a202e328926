package transporttest

import (
	"bytes"
	"context"
	"io"
	"mime"
	"net/http"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// A response is an answer as it came.
type response struct {
	status int
	header http.Header
	body   []byte
}

func (r response) mediaType() string {
	name, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return name
}

// call sends one request. Its error is the network's.
func (s *suite) call(ctx context.Context, method, path, token string, header http.Header, body []byte) (response,
	error) {
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return response{}, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := s.Client.Do(req)
	if err != nil {
		return response{}, breach("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxBody+1))
	if err != nil {
		return response{}, breach("%s %s: reading the answer: %w", method, path, err)
	}
	return response{resp.StatusCode, resp.Header, got}, nil
}

// post sends v as JSON.
func (s *suite) post(ctx context.Context, path, token string, v any) (response, error) {
	return s.send(ctx, http.MethodPost, path, token, v)
}

func (s *suite) send(ctx context.Context, method, path, token string, v any) (response, error) {
	var body bytes.Buffer
	if err := wire.Write(&body, v); err != nil {
		return response{}, err
	}
	return s.call(ctx, method, path, token, http.Header{"Content-Type": {wire.RequestType}}, body.Bytes())
}

// good reads an answer of status 200 and the contract's own type, created one of status 201.
func good[T any](r response, err error) (T, error) { return wantAnswer[T](http.StatusOK, r, err) }

func wantCreated[T any](r response, err error) (T, error) {
	return wantAnswer[T](http.StatusCreated, r, err)
}

func wantAnswer[T any](status int, r response, err error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if p := r.problem(); p != nil {
		return none, breach("refused: %w", p)
	}
	if r.status != status || r.mediaType() != wire.ContentType {
		return none, breach("status %d with type %q, not %d with %q", r.status, r.header.Get("Content-Type"), status,
			wire.ContentType)
	}
	v, err := wire.Read[T](bytes.NewReader(r.body), wire.MaxBody)
	if err != nil {
		return none, breach("%w", err)
	}
	return v, nil
}

// problem returns the problem that the answer is, or nil.
func (r response) problem() error {
	if r.mediaType() != wire.ProblemType {
		return nil
	}
	p, err := wire.Read[wire.Problem](bytes.NewReader(r.body), wire.MaxProblem)
	if err != nil || p.Code() == "" {
		return nil
	}
	return fault.New(p.Code(), "", "%s", p.Detail)
}

// wantClientError returns nil if the answer is a problem of the contract with a status from 400 to 499, and one of the
// codes if any are given.
func wantClientError(r response, err error, codes ...fault.Code) error {
	if err != nil {
		return err
	}
	p := r.problem()
	if p == nil {
		return breach("status %d with type %q, not a problem with a code", r.status, r.header.Get("Content-Type"))
	}
	if r.status < 400 || r.status > 499 {
		return breach("status %d for what the client did wrong: %w", r.status, p)
	}
	for _, code := range codes {
		if fault.CodeOf(p) == code {
			return nil
		}
	}
	if len(codes) > 0 {
		return breach("code %q, not one of %q", fault.CodeOf(p), codes)
	}
	return nil
}
