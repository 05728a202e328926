//go:build !race

package barcode

// atLong is how many pictures of the long tests one stands for with -long.
const atLong = 1
