// Package store is what a backend keeps: the rows, the Store that must not lose them, and what stores share, which is
// how the rows are written as bytes, what they count for, and a Store on any ordered key-value database. Package
// boltstore is one on bbolt, package memstore one in memory; package pgstore uses the bytes and has tables of its own.
//
// The format is drawn in code.go. Every row has a version, and so has the database: one of another version is refused.
package store
