package memstore_test

import (
	"os"
	"testing"

	"github.com/offlane/offlane/internal/collector"
)

func TestMain(m *testing.M) {
	collector.Relax()
	os.Exit(m.Run())
}
