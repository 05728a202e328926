//go:build !race

package barcode

// usually is how many pictures of the long tests one stands for, and atLong how many with -long.
const usually, atLong = 8, 1
