package barcode

import (
	"math"
	"time"

	"github.com/offlane/offlane/barcode/internal/bars"
	"github.com/offlane/offlane/barcode/internal/qr"
)

// A plan is what a setting tries on each level of the pyramid.
type plan struct {
	// largest is the longer side of the largest level looked at, in pixels; smallest that below which there is none.
	largest, smallest int
	// small is the longer side of levels too small for anything but a QR code that fills the picture.
	small int
	// wide is the longer side from which on a level has rows enough to leave two of three out. In a smaller one whether a
	// finder pattern is seen would depend on which rows these are, and so on how the picture is turned.
	wide int
	// budget bounds a scan by the clock where the scanner has none of its own; zero: no bound.
	budget time.Duration
	// stubborn tries a second binarizer, gozxing with its own, and every level even where symbols were found.
	stubborn bool
	qr       qr.Effort
	lines    bars.Effort
}

var plans = [...]plan{
	Still: {
		largest: 1 << 20, smallest: 200, small: 400, stubborn: true,
		qr:    qr.Effort{Triples: 40, Finders: 40, Pairs: 60, Curves: true, Step: 1, Both: true, Work: math.MaxInt},
		lines: bars.Effort{Lines: 300, Angles: []float64{0, 90, 45, 135}, Inverted: true, Edges: 4},
	},
	Frame: {
		largest: 1500, smallest: 350, small: 700, wide: 1000, budget: FrameBudget,
		qr:    qr.Effort{Triples: 12, Finders: 24, Step: 3, Work: 2 << 20, Seen: 0.4, Round: 0.7, Cost: 2, Fit: 0.84},
		lines: bars.Effort{Lines: 24, Angles: []float64{0, 90}, Edges: 2},
	},
}
