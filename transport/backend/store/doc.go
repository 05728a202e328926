// Package store is what a backend keeps: the rows, and the Store that must not lose them. Package boltstore is one on
// bbolt, package pgstore one on PostgreSQL, package memstore one in memory; package storetest tests one of your own.
//
// A Store keeps the rows as they are: what they mean is the backend's business.
package store
