//go:build !race

package offer_test

// trials is how many texts are tried.
const trials = 1_000_000
