// Package pdf417 reads PDF417 symbols (ISO/IEC 15438), also truncated ones, at any angle.
//
// A symbol is found by its start or stop pattern, which stand in every row. The row indicators beside them tell how
// many rows and columns there are and which row is where, so that one of the two sides is enough. Lines are then laid
// along the rows, every symbol character on them votes for the codeword of its place, and what stays unclear is an
// erasure for the error correction.
package pdf417
