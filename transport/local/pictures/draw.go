package pictures

import (
	"bytes"
	"net/http"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// A drawing is what to draw.
type drawing struct {
	Text   string `json:"text"`
	Format string `json:"format"`
	As     string `json:"as,omitempty"`
	Scale  int    `json:"scale,omitempty"`
}

// The bounds of a drawing.
const (
	maxRequest = 64 << 10
	maxScale   = 64
	usualScale = 8
)

// draw answers with a picture.
func draw(w http.ResponseWriter, r *http.Request) error {
	d, err := wire.ReadStrict[drawing](r.Body, maxRequest)
	if err != nil {
		return unreadError(err)
	}
	picture, kind, err := d.draw()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(picture) // whoever does not wait for it has gone
	return nil
}

func (d drawing) draw() (picture []byte, kind string, err error) {
	format, err := barcode.ParseFormat(d.Format)
	if err != nil {
		return nil, "", fault.New(fault.InvalidRequest, op, "format: %w", err)
	}
	if d.Scale < 0 || d.Scale > maxScale {
		return nil, "", fault.New(fault.InvalidRequest, op, "scale: at most %d pixels a module", maxScale)
	}
	if d.Scale == 0 {
		d.Scale = usualScale
	}
	symbol, err := barcode.Encode(format, d.Text, barcode.Encoding{})
	if err != nil {
		return nil, "", fault.New(fault.InvalidRequest, op, "text: %w", err)
	}
	var out bytes.Buffer
	switch d.As {
	case "", "png":
		err = symbol.PNG(&out, d.Scale)
		return out.Bytes(), "image/png", err
	case "svg":
		err = symbol.SVG(&out, d.Scale)
		return out.Bytes(), "image/svg+xml", err
	}
	return nil, "", fault.New(fault.InvalidRequest, op, "as: png or svg, not %.20q", d.As)
}
