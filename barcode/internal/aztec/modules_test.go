package aztec

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/stretchr/testify/assert"
)

// Modules that somebody else found are those of a symbol only around a bull's-eye.
func TestModulesNeedTheirRings(t *testing.T) {
	for kind, layers := range map[string]int{"compact": -3, "full": 5} {
		d := drawn(t, offer, 33, layers)
		read := func(spoilt int) (text string, ok bool) {
			b := modules.Bitmap{Columns: d.Columns, Rows: d.Rows, Dark: append([]bool(nil), d.Dark...)}
			if spoilt >= 0 {
				middle := d.Rows/2*d.Columns + d.Columns/2
				b.Dark[middle+spoilt] = !b.Dark[middle+spoilt]
			}
			var r Reader
			s, ok := r.ReadModules(&b)
			return s.Text, ok
		}
		whole := modules.Bitmap{Columns: d.Columns, Rows: d.Rows, Dark: d.Dark}
		for i, pose := range whole.Poses() {
			assert.True(t, IsLikely(&pose), "%s, pose %d: a bull's-eye is in the middle", kind, i)
		}
		text, ok := read(-1)
		assert.True(t, ok, "%s: the symbol is read", kind)
		assert.Equal(t, offer, text, "%s: its text", kind)
		rings := map[string]int{"compact": 4, "full": 6}[kind]
		for ring := range rings + 1 {
			_, ok = read(ring)
			assert.False(t, ok, "%s: ring %d is broken", kind, ring)
		}
	}
	var r Reader
	_, ok := r.ReadModules(&modules.Bitmap{Columns: 10, Rows: 12, Dark: make([]bool, 120)})
	assert.False(t, ok, "an oblong")
	assert.False(t, IsLikely(&modules.Bitmap{Columns: 9, Rows: 9, Dark: make([]bool, 81)}), "no room for a core")
	assert.False(t, IsLikely(&modules.Bitmap{Columns: 19, Rows: 19, Dark: make([]bool, 361)}), "no rings")
	_, ok = r.ReadModules(&modules.Bitmap{Columns: 9, Rows: 9, Dark: make([]bool, 81)})
	assert.False(t, ok, "no room for a core")
}
