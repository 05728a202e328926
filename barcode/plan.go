package barcode

import (
	"time"

	"github.com/offlane/offlane/barcode/internal/bars"
	"github.com/offlane/offlane/barcode/internal/qr"
)

// A plan is what a setting tries on each level of the pyramid.
type plan struct {
	// largest is the longer side of the largest level looked at, in pixels; smallest that below which there is none.
	largest, smallest int
	// budget is after how long no further level is begun; zero: no end.
	budget time.Duration
	// stubborn tries a second binarizer, and gozxing with its own.
	stubborn bool
	qr       qr.Effort
	lines    bars.Effort
}

var plans = [...]plan{
	Still: {
		largest: 1 << 20, smallest: 400, stubborn: true,
		qr:    qr.Effort{Triples: 40, Finders: 40, Step: 1, Both: true},
		lines: bars.Effort{Lines: 300, Angles: []float64{0, 90, 45, 135}, Inverted: true, Edges: 4},
	},
	Frame: {
		largest: 1500, smallest: 700, budget: 30 * time.Millisecond,
		qr:    qr.Effort{Triples: 12, Finders: 24, Step: 3},
		lines: bars.Effort{Lines: 24, Angles: []float64{0, 90}, Edges: 2},
	},
}
