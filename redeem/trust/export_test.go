package trust

import (
	"flag"
	"testing"
)

// Long is the flag -long.
var Long = flag.Bool("long", false, "flip every bit of a bundle, not one in five, and make bundles of a million offers")

// inLongTests skips a test without the flag -long.
func inLongTests(t *testing.T) {
	t.Helper()
	if !*Long {
		t.Skip("it is played with the flag -long")
	}
}

// Limits of a bundle, for tests.
const (
	MaxSize        = maxSize
	MaxWithdrawals = maxWithdrawals
)
