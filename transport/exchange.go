package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// worthCompressing is the size in bytes from which a request is compressed: below, it fits in one packet anyway.
const worthCompressing = 1400

// A reply is an answer whose body was read, within its limit.
type reply struct {
	status int
	header http.Header
	body   []byte
	long   bool // there was more than the limit
}

// post sends v as JSON. A report is compressed unless the backend said that it does not take that; nothing else ever
// is.
func (c *Client) post(ctx context.Context, op, path, token string, v any) (reply, error) {
	var body bytes.Buffer
	r, isReport := v.(wire.Report)
	if isReport {
		body.Grow(r.Size())
	}
	if err := wire.Write(&body, v); err != nil {
		return reply{}, fault.New(fault.InvalidRequest, op, "%w", err)
	}
	header := http.Header{"Content-Type": {wire.RequestType}}
	if isReport && body.Len() >= worthCompressing && !c.plain.Load() {
		packed := header.Clone()
		packed.Set("Content-Encoding", "gzip")
		got, err := c.exchange(ctx, op, http.MethodPost, path, token, nil, packed, c.compress(body.Bytes()))
		if got.status != http.StatusUnsupportedMediaType {
			return got, err
		}
		c.plain.Store(true) // RFC 9110 section 15.5.16: an older backend
	}
	return c.exchange(ctx, op, http.MethodPost, path, token, nil, header, body.Bytes())
}

// compress keeps a writer, which has more than a megabyte of tables: a sync.Pool would have it made anew after every
// other collection of garbage, in the middle of a long drain.
func (c *Client) compress(plain []byte) []byte {
	packed := bytes.NewBuffer(make([]byte, 0, len(plain)/2))
	var w *gzip.Writer
	select {
	case w = <-c.packer:
	default:
		// the level is one; what is left of base64 is hardly smaller at the others
		w, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed)
	}
	defer func() {
		select {
		case c.packer <- w:
		default: // another goroutine's is kept
		}
	}()
	w.Reset(packed)
	w.Write(plain) // a bytes.Buffer takes everything
	w.Close()
	return packed.Bytes()
}

func (c *Client) get(ctx context.Context, op, path, token string, query url.Values, header http.Header) (reply, error) {
	return c.exchange(ctx, op, http.MethodGet, path, token, query, header, nil)
}

// exchange sends one request and reads its answer. A status of 400 and above is an error; so is what the network does.
func (c *Client) exchange(ctx context.Context, op, method, path, token string, query url.Values, header http.Header,
	body []byte) (reply, error) {
	req, err := c.request(ctx, method, path, token, query, header, body)
	if err != nil {
		return reply{}, fault.New(fault.InvalidRequest, op, "%w", err)
	}
	resp, err := c.http.Do(req)
	if resp != nil { // also beside an error: the answer came as the caller gave up
		defer resp.Body.Close()
	}
	if err != nil {
		return reply{}, c.networkError(ctx, op, err)
	}
	got, err := read(resp)
	if err != nil {
		return reply{}, c.networkError(ctx, op, err)
	}
	c.log.DebugContext(ctx, "exchange", "operation", op, "status", got.status, "sent", len(body), "received",
		len(got.body))
	if got.status >= http.StatusBadRequest {
		return got, c.older(ctx, op, path, got.status, problem(op, got))
	}
	if got.status != http.StatusOK && got.status != http.StatusNotModified {
		return got, fault.New(fault.NotTheContract, op, "the answer has status %d", got.status)
	}
	return got, nil
}

func (c *Client) request(ctx context.Context, method, path, token string, query url.Values, header http.Header,
	body []byte) (*retryablehttp.Request, error) {
	address := *c.base
	address.Path += path
	address.RawQuery = query.Encode()
	var raw any // a nil []byte in an any is a body, a nil any is none
	if body != nil {
		raw = body
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, method, address.String(), raw)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Accept", wire.ContentType+", "+wire.BundleType+", "+wire.ProblemType)
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if c.cfg.Traceparent != nil {
		if parent := c.cfg.Traceparent(ctx); parent != "" {
			req.Header.Set("Traceparent", parent)
		}
	}
	return req, nil
}

// read takes in the body up to the limit of its type.
func read(resp *http.Response) (reply, error) {
	limit := int64(wire.MaxProblem)
	switch mediaType(resp.Header) {
	case wire.ContentType:
		limit = wire.MaxBody
	case wire.BundleType:
		limit = wire.MaxBundle
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if int64(len(body)) > limit {
		return reply{status: resp.StatusCode, header: resp.Header, body: body[:limit], long: true}, nil
	}
	return reply{status: resp.StatusCode, header: resp.Header, body: body}, err
}

func mediaType(h http.Header) string {
	name, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return name
}

// bytes returns the body if it has the media type that the contract asks for.
func (r reply) bytes(op, want string, limit int64) ([]byte, error) {
	if got := mediaType(r.header); got != want || r.status != http.StatusOK {
		return nil, fault.New(fault.NotTheContract, op,
			"status %d with type %q where %q belongs: something between here and the backend answers for it", r.status, got,
			want)
	}
	if r.long {
		return nil, fault.New(fault.NotTheContract, op, "the answer is longer than %d bytes", limit)
	}
	return r.body, nil
}

// understand reads an answer of the contract's own type and converts it.
func understand[W, R any](op string, got reply, convert func(W) (R, error)) (R, error) {
	var none R
	body, err := got.bytes(op, wire.ContentType, wire.MaxBody)
	if err != nil {
		return none, err
	}
	w, err := wire.Read[W](bytes.NewReader(body), wire.MaxBody)
	if err != nil {
		return none, fault.New(fault.NotTheContract, op, "%w", err)
	}
	r, err := convert(w)
	if err != nil {
		return none, fault.New(fault.NotTheContract, op, "%w", err)
	}
	return r, nil
}
