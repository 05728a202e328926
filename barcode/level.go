package barcode

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/bars"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qr"
)

// A level is the picture at one size. It is made binary once for all readers.
type level struct {
	gray  *pix.Gray
	scale float64 // how many times larger the picture is
	// tiny says that it is too small for anything but a large QR code.
	tiny    bool
	half    *pix.Gray // the buffer of gray
	regions []bars.Region
	looked  bool        // for regions
	likely  []qr.Likely // finder patterns of QR codes that were seen at last
	corners int         // of what may be a Data Matrix that were seen at last

	binarizers [2]pix.Binarizer
	binary     [2]*pix.Binary // by the local and by one level, once made
}

// local is the level made binary by the levels around each pixel.
func (l *level) local() *pix.Binary {
	if l.binary[0] == nil {
		l.binary[0] = l.binarizers[0].Local(l.gray)
	}
	return l.binary[0]
}

// global is the level made binary by one level for all pixels.
func (l *level) global() *pix.Binary {
	if l.binary[1] == nil {
		l.binary[1] = l.binarizers[1].Global(l.gray)
	}
	return l.binary[1]
}

// pyramid halves the picture until its longer side is less than twice the smallest.
func (d *scratch) pyramid(g *pix.Gray, p *plan) {
	d.levels = d.levels[:0]
	for i := 0; ; i++ {
		if i == len(d.kept) {
			d.kept = append(d.kept, new(level))
		}
		l := d.kept[i]
		if i > 0 {
			l.half = pix.Half(l.half, g)
			g = l.half
		}
		l.gray, l.scale, l.tiny = g, math.Ldexp(1, i), i > 0 && longer(g) < p.small
		l.regions, l.looked, l.likely, l.corners, l.binary = nil, false, l.likely[:0], 0, [2]*pix.Binary{}
		d.levels = append(d.levels, l)
		if longer(g) < 2*p.smallest || min(g.W, g.H) < 2 {
			return
		}
	}
}

func longer(g *pix.Gray) int { return max(g.W, g.H) }
