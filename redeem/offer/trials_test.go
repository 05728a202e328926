package offer_test

import "flag"

var long = flag.Bool("long", false, "try a million random texts and codes, not fifty thousand")

// trials is how many texts are tried.
func trials() int {
	if *long {
		return 1_000_000
	}
	return 50_000
}
