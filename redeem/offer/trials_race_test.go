//go:build race

package offer_test

// trials is how many texts are tried: fewer with the race detector, which makes each of them ten times as dear.
const trials = 50_000
