// Package collector sets the garbage collector of test programs.
package collector

import (
	"flag"
	"runtime/debug"
)

// Relax has it run less often: the heaps of tests are small, and by default it takes up to a third of their time. A
// program that measures keeps it as it is. TestMain calls it once, before it runs the tests.
func Relax() {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		debug.SetGCPercent(400)
	}
}
