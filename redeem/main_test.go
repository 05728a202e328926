package redeem_test

import (
	"flag"
	"os"
	"runtime/debug"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" { // what is measured has the collector as it is
		debug.SetGCPercent(400) // the heaps of tests are small: at 100 the collector takes up to a third of their time
	}
	os.Exit(m.Run())
}
