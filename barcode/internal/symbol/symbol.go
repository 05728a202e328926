// Package symbol is what every reader hands up: a symbol that was read, its format, corners and quality.
package symbol

import "github.com/offlane/offlane/barcode/internal/pix"

// A Symbol is one that was read, in the coordinates of the plane that it was read from.
type Symbol struct {
	// Format is the symbology.
	Format Format
	// Text is what it says, FNC1 in first place left out and FNC1 as a separator as GS.
	Text string
	// AIM is the symbology identifier.
	AIM string
	// Raw is the data codewords.
	Raw []byte
	// AddOn is the digits of an add-on symbol beside it.
	AddOn string
	// Corners are clockwise as the symbol is read.
	Corners [4]pix.Point
	// Quality tells how well it could be read; its Module is in pixels of the plane.
	Quality Quality
	// Part is its place among several that are one message.
	Part Part
}

// A Part is a symbol's place in a structured append; Total is 0 where it stands alone.
type Part struct {
	Index, Total int
	Parity       byte
	// ID is what the parts have in common, where the symbology names it.
	ID string
}

// Quality has the figures that package barcode documents; zero was not measured.
type Quality struct {
	Module, Contrast, Modulation, UnusedCorrection float64
	Lines                                          int
}
