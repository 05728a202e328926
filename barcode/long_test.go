package barcode

import "flag"

var long = flag.Bool("long", false, "show every picture of the long tests to the scanner, not one in sixteen")

// usually is how many pictures of the long tests one stands for without -long.
const usually = 16

// thin is how many pictures of the long tests one stands for. Only where it is 1 is the share that is read judged; a
// wrong reading fails any run.
func thin() int {
	if *long {
		return atLong
	}
	return usually
}
