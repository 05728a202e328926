// Package found is what every detector hands up: a symbol that was read.
package found

import "github.com/offlane/offlane/barcode/internal/pix"

// A Symbol is one that was read, in the coordinates of the plane that it was read from.
type Symbol struct {
	// Format is the format's name, as package barcode prints it.
	Format string
	// Text is what it says, FNC1 in first place left out and FNC1 as a separator as GS.
	Text string
	// AIM is the symbology identifier.
	AIM string
	// Raw is the data codewords.
	Raw []byte
	// Corners are clockwise as the symbol is read.
	Corners [4]pix.Point
}
