// Package barcode reads the symbols in a picture and draws symbols of its own.
//
// [Scanner] takes an [image.Image] or a bare luminance plane and gives back every [Symbol] it found: its format, its
// text, its corners and the AIM symbology identifier. [Encode] makes a [Drawing] of a text: a picture, PNG or SVG with
// the quiet zone that the format's standard asks for.
//
// The text of a symbol is what a hand scanner transmits for it: FNC1 as a separator is GS (0x1D), and
// [Symbol.Transmitted] puts the AIM identifier before it. A reader of such text needs nothing else of this package.
//
// A wrong read is worse than no read. Symbologies with error correction are believed when it succeeds;
// one-dimensional symbols only when separate lines across the symbol agree.
package barcode
