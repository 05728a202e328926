// Package cbor reads, checks and writes the core deterministic encoding of CBOR (RFC 8949, section 4.2.1), in which
// everything is that Offlane signs. It has no state: everything in it but a Reader and a Writer may be used by
// several goroutines at once.
//
// There are two ways to do each. [Marshal] and a [Decoder] go by the fields of Go types, whose tags are those of
// github.com/fxamacker/cbor. A [Writer] and a [Reader] go item by item and allocate nothing of their own: they are
// for what a till does in every sale. The two ways agree on every byte, to which the tests of each format hold them.
//
// [IsDeterministic] checks the form of what came from somebody else. A Reader takes no other form. A Decoder takes
// longer forms too, since a program reads what it can before it says that the form is wrong.
package cbor
