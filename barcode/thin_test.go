//go:build !race

package barcode

// thin is how many pictures of the long tests one stands for.
const thin = 1
