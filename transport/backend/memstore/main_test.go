package memstore_test

import (
	"os"
	"runtime/debug"
	"testing"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // the heaps of tests are small: at 100 the collector takes up to a third of their time
	os.Exit(m.Run())
}
