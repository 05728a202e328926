// Package format is the journal's format as bytes: a segment's header, its frames, their contents, the encryption of
// these, and the blocks of a snapshot. It has no files, no state and no clock. Everything in it may be used by several
// goroutines at once, except a BlockWriter and a BlockReader.
package format
