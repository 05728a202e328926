//go:build race

package barcode

// thin is how many pictures of the long tests one stands for: many with the race detector, which makes each of them ten times as
// dear and has nothing to find in a scan by one goroutine. How large a share is read is then not judged.
const thin = 16
