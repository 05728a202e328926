// Package bars reads one-dimensional symbols from lines across a picture.
//
// A line becomes edges with sub-pixel places, the edges become widths, and each symbology matches widths to its
// patterns. What one line says is a reading; only readings of separate lines that agree become a symbol.
package bars
