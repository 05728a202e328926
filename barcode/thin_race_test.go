//go:build race

package barcode

// The race detector makes each picture ten times as dear, and has nothing to find in a scan by one goroutine.
const atLong = usually
