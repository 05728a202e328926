package barcode

import (
	"github.com/offlane/offlane/barcode/internal/pdf417"
	"github.com/offlane/offlane/barcode/internal/pix"
)

// glancePDF417 is what every picture gets.
var glancePDF417 = pdf417.Effort{Step: 4, Columns: 12, Lines: []int{3, 5}, Hard: true, Work: 24 << 20}

// narrow is the longer side below which a symbol of a module a pixel may be three rows of two pixels high, so that no
// row of the picture is left out, in pixels.
const narrow = 500

// readPDF417 has the reader of PDF417 look at a level.
func (x *search) readPDF417(name string, l *level, binary func(*level) *pix.Binary, effort pdf417.Effort) {
	if !x.wants(PDF417) || l.tiny {
		return
	}
	switch {
	case longer(l.gray) < narrow:
		effort.Step = 1
	case longer(l.gray) < wide:
		effort.Step = min(effort.Step, 2)
	}
	x.add(name, x.pdf417.Read(l.gray, binary(l), effort, quads(x.all, l.scale)), l.scale)
}
