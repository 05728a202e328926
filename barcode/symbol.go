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
	// Raw is the symbol's codewords after error correction, data only; nil where the format has none. Those of PDF417 take
	// two bytes each, the higher first, and begin with the length descriptor.
	Raw []byte
	// AddOn is the two or five digits of the add-on symbol behind an EAN-13, a UPC-A or a UPC-E, as magazines and books
	// have it; "" where there is none or it could not be read, which is no failure. It is no part of Text, nor of what
	// Transmitted returns: a till that wants it treats it as a message of its own, whose identifier is "]E1" for two and
	// "]E2" for five digits (ISO/IEC 15424).
	AddOn string
	// Corners are the symbol's corners, clockwise as it is read: upper left, upper right, lower right, lower left.
	// Those of a one-dimensional symbol span the lines that agreed.
	Corners [4]Point
	// Quality tells how well it could be read.
	Quality Quality
	// Part is the symbol's place in a structured append, where it is one of several that hold one message.
	Part Part
}

// A Part is a symbol's place in a structured append (ISO/IEC 18004, 8; ISO/IEC 24778, 8; ISO/IEC 16022, 5.6; ISO/IEC
// 15438, annex H). The zero value is a symbol that stands alone.
type Part struct {
	// Index counts from 0; Total is how many symbols there are, 2 to 16 as a rule. A part of a PDF417 that is not the last
	// need not tell it: it is zero then.
	Index, Total int
	// Parity is the same in each symbol of a message: the exclusive or of all bytes of the message, in an Aztec code and a
	// Data Matrix that of the message's identifier.
	Parity byte
	// ID is what the symbols of one message have in common, where the symbology names it: of PDF417 the file ID, three
	// digits for each of its codewords.
	ID string
}

// Quality tells how well a symbol could be read, so that a till can say "hold it nearer" or "wipe the glass" before a
// worse one fails. The figures follow those of ISO/IEC 15415 and 15416 but are measured by a camera of unknown light:
// they compare symbols seen by one camera and are no verification of a print. A figure of zero was not measured.
type Quality struct {
	// Module is the size of a module, or the width of the narrowest bar, in pixels of the picture. Below 1.5 the
	// symbol is too far away to be read surely.
	Module float64
	// Contrast is the difference between light and dark modules as a share of black to white: 0 to 1.
	Contrast float64
	// Modulation is how clearly the weakest modules (the tenth part with the least) are light or dark, as a share of the
	// contrast: 1 is as clearly as the mean one, 0 not at all. Blur, glare and moiré lower it.
	Modulation float64
	// UnusedCorrection is the share of the error correction that was left: 1 nothing was wrong, 0 one more wrong
	// codeword would have been too many. Formats without error correction have 0.
	UnusedCorrection float64
	// Lines is how many separate lines across a one-dimensional symbol agreed; 0 for the two-dimensional ones.
	Lines int
}

// Transmitted returns the text as a hand scanner with AIM identifiers switched on transmits it: the identifier, then
// the text; UPC-A and UPC-E as the 13 digits of the EAN that they stand for (ISO/IEC 15424, table of ]E), the GTIN of a
// DataBar behind its AI 01 (ISO/IEC 24724, 4.2).
func (s Symbol) Transmitted() string {
	switch s.Format {
	case UPCA:
		return s.AIM + "0" + s.Text
	case UPCE:
		return s.AIM + "0" + bars.ExpandUPCE(s.Text)
	case DataBar, DataBarLimited:
		return s.AIM + "01" + s.Text
	}
	return s.AIM + s.Text
}
