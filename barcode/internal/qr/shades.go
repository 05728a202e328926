package qr

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// besideShade is how far from its middle a module is sampled for its shade, in modules.
const besideShade = 0.15

// takeShades samples the modules of a grid. Of a light symbol on dark it takes the negative.
func (r *Reader) takeShades(g *grid, negative bool) {
	r.shades.Take(r.gray, g.at, g.size, g.size, besideShade, negative)
	r.modules.size = g.size
}

// classify says which modules are dark, each first pushed away from its neighbours by so much.
func (r *Reader) classify(push float32) {
	r.modules.dark = r.shades.Classify(r.modules.dark, push)
}

// module is the length of a module: the mean side of a symbol parted by how many it has.
func module(corners [4]pix.Point, size int) float64 {
	around := 0.0
	for i, c := range corners {
		around += math.Hypot(c.X-corners[(i+1)%4].X, c.Y-corners[(i+1)%4].Y)
	}
	return around / float64(4*size)
}
