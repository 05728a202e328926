// Package cddltest checks items of CBOR against CDDL (RFC 8610) in tests, so that what the files *.cddl beside the
// golden files say of a format is what the program writes.
//
// It knows the part of CDDL that those files use: rules and groups, maps and arrays with ?, * and +, choices of types
// (/), numbers and texts as values, ranges (..), .size and .cbor, tags (#6.n), and of the prelude any, uint, nint,
// int, bstr, bytes, tstr, text, bool, true, false and null. Anything else is an error when a file is read. Maps are
// closed: a key that the file does not name is an error. What is checked must be in the deterministic encoding.
package cddltest
