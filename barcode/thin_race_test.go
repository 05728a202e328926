//go:build race

package barcode

// thin is how many pictures of the long tests one stands for: more with the race detector, which makes each of them ten times as
// dear and has nothing to find in a scan by one goroutine.
const thin = 4
