package datamatrix

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

const (
	// smallData is up to how many data codewords a symbol is small. Of symbols of three codewords one of 600,000 patterns
	// of modules by lot is within the correction, and noise and circles offer as many.
	smallData = 5
	// smallPatterns is the share of its patterns that must be right. Of five small symbols that were read in pictures
	// without one it was 0.76 to 0.89; of the real ones in the pictures in hand it is 1.
	smallPatterns = 0.9
	// smallSkew is the cosine of the angles that its corners must have at least, of 60 degrees: those five had angles of
	// 36 to 59 degrees, the drawn symbols that are read, of every size, 60 and more.
	smallSkew = 0.5
)

// isSure says whether what a grid reads is believed, with so much of its correction unused: a small symbol has little
// else than its patterns and its shape to tell it from chance. One that uses any of its correction has all patterns
// right: bars over a whole side of one of three codewords, and the edge of a fabric over another, made two others with
// one and two wrong codewords and 0.94 of the patterns right.
func (f *fit) isSure(unused float64) bool {
	least := smallPatterns
	if unused < 1 {
		least = 1
	}
	return f.size.Data > smallData || f.right >= least && skew(f.grid.Corners()) <= smallSkew
}

// skew is the largest cosine at the corners of a quadrangle, whichever its sign: zero of a rectangle.
func skew(c [4]pix.Point) (most float64) {
	for i := range c {
		a, b := sub(c[(i+1)%4], c[i]), sub(c[(i+3)%4], c[i])
		along := math.Abs(a.X*b.X+a.Y*b.Y) / (math.Hypot(a.X, a.Y) * math.Hypot(b.X, b.Y))
		most = max(most, along)
	}
	return most
}
