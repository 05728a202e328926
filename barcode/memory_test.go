package barcode_test

import (
	"runtime"
	"testing"

	"github.com/offlane/offlane/barcode"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allocated is how many bytes a scanner's first scan of an empty picture allocates, and its second one behind two
// garbage collections, which empty a pool.
func allocated(t *testing.T, width, height int) (bytes [2]float64) {
	t.Helper()
	p := barcode.Plane{Pix: make([]byte, width*height), Width: width, Height: height}
	var s barcode.Scanner
	var before, after runtime.MemStats
	for i := range bytes {
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err := s.ScanPlane(t.Context(), p)
		require.NoError(t, err)
		runtime.ReadMemStats(&after)
		bytes[i] = float64(after.TotalAlloc - before.TotalAlloc)
	}
	return bytes
}

func TestScannerKeepsTheBuffersOfFramesAlone(t *testing.T) {
	frame := allocated(t, 1280, 720)
	assert.Less(t, frame[1], frame[0]/4, "bytes of a second frame: its buffers are not kept")
	large := allocated(t, 4*1280, 720)
	assert.Greater(t, large[1], large[0]*3/4, "bytes of a second large picture: its buffers are kept")
}
