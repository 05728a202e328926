package pdf417

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A column is start or stop patterns of one symbol, line by line.
type column struct {
	kind
	hits          []hit
	centre, inner curve     // where the middle of the pattern and the row indicator's side are on a line
	module        float64   // across the bars, in pixels
	from, to      float64   // its lines
	direction     pix.Point // of the rows, where another column tells it
	rows          rowFit
}

// steepest is how far a column may move from line to line, in pixels: at 45 degrees and a little beyond, from where on
// the lines of the other direction see it better.
const steepest = 1.3

// A hit goes on with a column where its module differs from that of the last hit by at most a share of it and a part of
// a pixel, and its place by aside modules and a pixel. From straightHits hits on it is expected on their line, but for
// a bend from line to line.
const (
	modulesDiffer, pixelsDiffer = 0.3, 0.1
	aside                       = 1.5
	straightHits, bendsBy       = 4, 0.2
)

// goesOn says whether a hit is of the column.
func (c *column) goesOn(h *hit) bool {
	last := &c.hits[len(c.hits)-1]
	d := h.at - last.at
	if d <= 0 || math.Abs(h.module-last.module) > modulesDiffer*last.module+pixelsDiffer {
		return false
	}
	slack := aside*last.module + 1
	if n := len(c.hits); n >= straightHits {
		before := &c.hits[max(0, n-12)]
		slope := (last.inner - before.inner) / (last.at - before.at)
		return math.Abs(h.inner-last.inner-slope*d) <= slack+bendsBy*d
	}
	return math.Abs(h.inner-last.inner) <= steepest*d+slack
}

const (
	leastHits   = 3
	leastHeight = 5 // modules: three rows of less than two
	// seenHeight is the share of the height over which hits are seen at least: rows at both ends may be damaged.
	seenHeight = 0.6
)

// fit lays curves through the hits; not ok where they are no column.
func (c *column) fit() bool {
	n := len(c.hits)
	if n < leastHits {
		return false
	}
	c.from, c.to = c.hits[0].at, c.hits[n-1].at
	var at, centre, inner, module []float64
	for _, h := range c.hits {
		at, centre = append(at, h.at), append(centre, (h.outer+h.inner)/2)
		inner, module = append(inner, h.inner), append(module, h.module)
	}
	m := median(module)
	if c.to-c.from < leastHeight*m*seenHeight {
		return false
	}
	c.inner, c.centre = robust(at, inner, 0.7*m+0.5), robust(at, centre, 0.7*m+0.5)
	slope := c.inner.slope((c.from + c.to) / 2)
	if math.Abs(slope) > steepest {
		return false
	}
	c.module = m / math.Hypot(1, slope)
	return true
}

// point returns a place of the picture from those on and of a line.
func (c *column) point(at, along float64) pix.Point {
	if c.columnwise {
		return pix.Point{X: at + 0.5, Y: along}
	}
	return pix.Point{X: along, Y: at + 0.5}
}

// innerAt is where the row indicator begins on a line.
func (c *column) innerAt(at float64) pix.Point { return c.point(at, c.inner.at(at)) }

// middle is that of the pattern. A line that slants meets the side of the row indicator at another row than the other
// side, and only those that meet all of the pattern are hits: the middle alone is at the same row on all columns.
func (c *column) middle() pix.Point {
	at := (c.from + c.to) / 2
	return c.point(at, c.centre.at(at))
}

// normal is the direction in which a symbol is read if its rows are upright to the column, at a line.
func (c *column) normal(at float64) pix.Point {
	slope := c.inner.slope(at)
	n := math.Hypot(1, slope)
	if c.backwards {
		n = -n
	}
	if c.columnwise {
		return pix.Point{X: -slope / n, Y: 1 / n}
	}
	return pix.Point{X: 1 / n, Y: -slope / n}
}
