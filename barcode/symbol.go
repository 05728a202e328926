package barcode

import "github.com/offlane/offlane/barcode/internal/bars"

// A Point is a place in the picture, in pixels from the upper left corner of its upper left pixel.
type Point struct{ X, Y float64 }

// A Symbol is one that was read.
type Symbol struct {
	// Format is the symbology.
	Format Format
	// Text is what the symbol says. FNC1 as a separator is GS (0x1D); FNC1 in first place is told by AIM alone.
	Text string
	// AIM is the symbology identifier of ISO/IEC 15424, such as "]Q1".
	AIM string
	// Raw is the symbol's codewords after error correction, data only; nil where the format has none.
	Raw []byte
	// Corners are the symbol's corners, clockwise as it is read: upper left, upper right, lower right, lower left.
	// Those of a one-dimensional symbol span the lines that agreed.
	Corners [4]Point
}

// Transmitted returns the text as a hand scanner with AIM identifiers switched on transmits it: the identifier, then
// the text; UPC-A and UPC-E as the 13 digits of the EAN that they stand for (ISO/IEC 15424, table of ]E).
func (s Symbol) Transmitted() string {
	switch s.Format {
	case UPCA:
		return s.AIM + "0" + s.Text
	case UPCE:
		return s.AIM + "0" + bars.ExpandUPCE(s.Text)
	}
	return s.AIM + s.Text
}
