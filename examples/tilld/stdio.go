package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync"

	"github.com/offlane/offlane/transport/local"
	"github.com/offlane/offlane/transport/wire"
)

// A line is a call on standard input.
type line struct {
	// ID comes back with the answer: answers come in the order in which they are ready.
	ID json.RawMessage `json:"id,omitempty"`
	// Call is its name, and Body its object; none: an empty one.
	Call string          `json:"call"`
	Body json.RawMessage `json:"body,omitempty"`
	// Language is the cashier's, as in Accept-Language.
	Language string `json:"language,omitempty"`
	// Data is a body that is no JSON, in base64, of the media type Type; Query is that of a frame.
	Data  []byte `json:"data,omitempty"`
	Type  string `json:"type,omitempty"`
	Query string `json:"query,omitempty"`
}

// An answer is one on standard output.
type answer struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body,omitempty"`
	// Data is a body that is no JSON.
	Data []byte `json:"data,omitempty"`
	Type string `json:"type,omitempty"`
}

// The bounds of lines.
const (
	maxLine  = 64 << 20 // bytes, with a bundle in it
	maxCalls = 16       // at once
	jsonType = "application/json"
)

// serveLines answers calls until there are no more, or ctx ends. Each line has a goroutine of its own, all of which end
// before it returns.
func serveLines(ctx context.Context, service *local.Service, in io.Reader, out io.Writer) error {
	lines := make(chan []byte)
	var failed error
	go func() { // ends with the input, or is left at a read that nothing ends when the process does
		defer close(lines)
		scanner := bufio.NewScanner(in)
		scanner.Buffer(nil, maxLine)
		for scanner.Scan() {
			select {
			case lines <- bytes.Clone(scanner.Bytes()):
			case <-ctx.Done():
				return
			}
		}
		failed = scanner.Err()
	}()
	w := &lineWriter{out: out}
	slots, calls := make(chan struct{}, maxCalls), sync.WaitGroup{}
	defer calls.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case text, more := <-lines:
			if !more {
				calls.Wait()
				return failed
			}
			slots <- struct{}{}
			calls.Go(func() {
				w.write(answerLine(ctx, service, text))
				<-slots
			})
		}
	}
}

// A lineWriter writes whole lines.
type lineWriter struct {
	mu  sync.Mutex
	out io.Writer
}

func (w *lineWriter) write(a answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = wire.Write(w.out, a) // whoever does not read has gone, and the input ends as well
}

// answerLine makes a request of a line and has the service answer it.
func answerLine(ctx context.Context, service *local.Service, text []byte) answer {
	l, err := wire.ReadStrict[line](bytes.NewReader(text), maxLine)
	w, r := &recorder{header: http.Header{}, status: http.StatusOK}, l.request(ctx)
	if err != nil {
		service.Refuse(w, r, err)
	} else {
		service.ServeHTTP(w, r)
	}
	return w.answer(l.ID)
}

func (l line) request(ctx context.Context) *http.Request {
	body, kind := []byte(l.Body), jsonType
	switch {
	case l.Type != "":
		body, kind = l.Data, l.Type
	case len(body) == 0:
		body = []byte("{}")
	}
	at := &url.URL{Path: "/v1/" + url.PathEscape(l.Call), RawQuery: l.Query}
	header := http.Header{"Content-Type": {kind}, "Accept-Language": {l.Language}}
	r := &http.Request{Method: http.MethodPost, URL: at, Header: header, Body: io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), Host: "localhost"}
	return r.WithContext(ctx)
}

// A recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is that of the answer.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader keeps the status.
func (r *recorder) WriteHeader(status int) { r.status = status }

// Write keeps a part of the body.
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

// answer is what was kept, for the caller's own name of the call.
func (r *recorder) answer(id json.RawMessage) answer {
	if body := bytes.TrimSpace(r.body.Bytes()); json.Valid(body) {
		return answer{ID: id, Status: r.status, Body: body}
	}
	return answer{ID: id, Status: r.status, Data: r.body.Bytes(), Type: r.header.Get("Content-Type")}
}
