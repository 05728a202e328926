package backend

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// A passFile is one dress of an offer as a file.
type passFile struct {
	kind string
	text func(*Offer) string
	draw func(*barcode.Drawing, io.Writer, int) error // nil: the text itself
}

func passText(o *Offer) string { return o.Pass }

// digitalLink is the GS1 Digital Link URI of an offer's coupon number, empty where it has none.
func digitalLink(o *Offer) string {
	number, ok := strings.CutPrefix(o.Alias, wire.CouponPrefix)
	if !ok {
		return ""
	}
	return "https://id.gs1.org/255/" + number
}

func passFileOf(name string) passFile {
	switch name {
	case "pass.txt":
		return passFile{"text/plain; charset=utf-8", passText, nil}
	case "pass.png":
		return passFile{"image/png", passText, (*barcode.Drawing).PNG}
	case "pass.svg":
		return passFile{"image/svg+xml", passText, (*barcode.Drawing).SVG}
	case "link.txt":
		return passFile{"text/plain; charset=utf-8", digitalLink, nil}
	case "link.svg":
		return passFile{"image/svg+xml", digitalLink, (*barcode.Drawing).SVG}
	}
	return passFile{}
}

// getPass answers with the pass of an offer that the device holds, as text or picture. A picture without a size of its own, SVG,
// is for printing as well. The GS1 Digital Link is there for offers with a coupon number.
func (s *Server) getPass(c *call) (any, error) {
	held, err := view(c.Context(), s, deviceOf(c.Request).held)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(held, func(o Offer) bool { return publicName(o.ID) == c.PathValue("name") })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "", "this device holds no such offer")
	}
	file := passFileOf(c.PathValue("file"))
	if file.text == nil || file.text(&held[i]) == "" {
		return nil, fault.New(fault.NotFound, "", "an offer has pass.txt, pass.png and pass.svg, and with a coupon number link.txt and link.svg")
	}
	content := bytes.NewBufferString(file.text(&held[i]))
	if file.draw != nil {
		drawing, err := barcode.Encode(barcode.QRCode, content.String(), barcode.Encoding{})
		if err != nil {
			return nil, err
		}
		content.Reset()
		if err := file.draw(drawing, content, 0); err != nil {
			return nil, err
		}
	}
	c.w.Header().Set("Content-Type", file.kind)
	_, err = c.w.Write(content.Bytes())
	return nil, err
}
