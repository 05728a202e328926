//go:build race

package storesuite

// shortened is what part of a history's steps is taken without -long. The race detector makes each of them ten times
// as dear, and a history has one goroutine.
const shortened = 100
