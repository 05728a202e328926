// Package pictures adds symbols in pictures to a local service: read-picture reads them, from a picture or from a frame
// of a camera, and draw draws them. It stands apart from package local so that a till with hand scanners links no image
// code.
//
//	service, err := local.New(local.Config{Terminal: terminal, Calls: pictures.Calls()})
package pictures

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/gif"  // pictures of any kind
	_ "image/jpeg" // pictures of cameras
	_ "image/png"  // pictures of screens
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/local"
	"github.com/offlane/offlane/transport/wire"
)

// Limits of what is read.
const (
	// maxBody is the greatest size of a picture in bytes.
	maxBody = 20_000_000
	// maxPixels is the greatest width times height of a picture.
	maxPixels = 16 << 20
)

// Calls are the calls for local.Config. They read every format, two pictures at a time: further ones wait.
func Calls() map[string]local.Call {
	r := &reader{slots: make(chan struct{}, 2)}
	r.still.MaxPixels, r.frame.MaxPixels = maxPixels, maxPixels
	r.frame.Frame = true
	return map[string]local.Call{"read-picture": r.read, "draw": draw}
}

// A reader reads symbols.
type reader struct {
	still barcode.Scanner
	frame barcode.Scanner
	slots chan struct{}
}

const op = "pictures"

// Symbols are those of a picture.
type symbols struct {
	Symbols []symbol `json:"symbols"`
}

// A symbol is a barcode.Symbol.
type symbol struct {
	Format  barcode.Format `json:"format"`
	Text    string         `json:"text"`
	Scanned string         `json:"scanned"`
	AddOn   string         `json:"addOn,omitempty"`
	Corners [4]point       `json:"corners"`
}

type point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// read answers with the symbols of the body.
func (p *reader) read(w http.ResponseWriter, r *http.Request) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-r.Context().Done():
		return fault.New(fault.Unavailable, op, "the call was given up: %w", r.Context().Err())
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return unreadError(err)
	}
	found, err := p.scan(r, body)
	if err != nil {
		return err
	}
	answer := symbols{Symbols: []symbol{}}
	for _, s := range found {
		answer.Symbols = append(answer.Symbols, symbolOf(s))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = wire.Write(w, answer) // whoever does not wait for it has gone
	return nil
}

func unreadError(err error) error {
	if fault.CodeOf(err) != "" {
		return err
	}
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return fault.New(fault.TooLarge, op, "a picture has at most %d bytes", maxBody)
	}
	return fault.New(fault.Malformed, op, "the body of the call did not come to its end: %w", err)
}

func symbolOf(s barcode.Symbol) symbol {
	answer := symbol{Format: s.Format, Text: s.Text, Scanned: s.Transmitted(), AddOn: s.AddOn}
	for i, c := range s.Corners {
		answer.Corners[i] = point(c)
	}
	return answer
}

// scan reads a picture or a frame, by the type of the body.
func (p *reader) scan(r *http.Request, body []byte) ([]barcode.Symbol, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && kind == "application/octet-stream" {
		return p.scanFrame(r.Context(), r.URL.Query(), body)
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(body)) // a small file can claim a huge picture
	if err != nil {
		return nil, fault.New(fault.Unreadable, op, "the body is no picture that can be read: %w", err)
	}
	if err := p.still.CheckSize(size.Width, size.Height); err != nil {
		return nil, fault.New(fault.TooLarge, op, "%w", err)
	}
	picture, _, err := image.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, fault.New(fault.Unreadable, op, "the body is no picture that can be read: %w", err)
	}
	return readable(p.still.Scan(r.Context(), picture))
}

func (p *reader) scanFrame(ctx context.Context, q url.Values, body []byte) ([]barcode.Symbol, error) {
	width, ok := number(q, "width")
	height, ok2 := number(q, "height")
	stride, ok3 := number(q, "stride")
	if !ok || !ok2 || !ok3 || width == 0 || height == 0 {
		return nil, fault.New(fault.InvalidRequest, op, "width, height: say in the query how many pixels a frame has")
	}
	if err := p.frame.CheckSize(width, height); err != nil {
		return nil, fault.New(fault.TooLarge, op, "%w", err)
	}
	plane := barcode.Plane{Pix: body, Width: width, Height: height, Stride: stride}
	return readable(p.frame.ScanPlane(ctx, plane))
}

// number reads a number of the query; 0 where it is absent.
func number(q url.Values, name string) (int, bool) {
	if !q.Has(name) {
		return 0, true
	}
	n, err := strconv.ParseUint(q.Get(name), 10, 24)
	return int(n), err == nil
}

// readable makes the error of a picture that cannot be scanned one of the contract.
func readable(found []barcode.Symbol, err error) ([]barcode.Symbol, error) {
	if err != nil {
		return nil, fault.New(fault.Unreadable, op, "%w", err)
	}
	return found, nil
}
