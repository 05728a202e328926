package aztec

import (
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// IsLikely says whether a bull's-eye stands in the middle of a bitmap, however it is turned.
func IsLikely(b *modules.Bitmap) bool {
	c, ok := middleCore(b, true)
	return ok && c.hasRings()
}

// ReadModules reads an upright symbol whose modules somebody else found; not ok where it has no bull's-eye in its
// middle or is none.
func (r *Reader) ReadModules(b *modules.Bitmap) (s symbol.Symbol, ok bool) {
	for _, compact := range [2]bool{true, false} {
		c, ok := middleCore(b, compact)
		if !ok || !c.hasRings() || c.misfit() > mostMisfit {
			continue
		}
		if m, ok := c.mode(); ok && m.size() == b.Columns {
			s, ok = r.decode(m, b.Dark)
			s.Corners = b.Corners
			b.Grade(&s.Quality)
			return s, ok
		}
	}
	return s, false
}

// middleCore is the core in the middle of a bitmap; not ok where that is no square, has no module in the middle or no
// room for a core.
func middleCore(b *modules.Bitmap, compact bool) (c core, ok bool) {
	off := (b.Columns - coreOf(compact)) / 2
	if b.Columns != b.Rows || b.Columns%2 == 0 || off < 0 {
		return c, false
	}
	return core{compact, func(x, y int) bool { return b.Dark[(off+y)*b.Columns+off+x] }}, true
}

// hasRings says whether all rings within the orientation marks are as they must be.
func (c *core) hasRings() bool {
	size := coreOf(c.compact) - 2
	for _, m := range bullseye(size, false) {
		if c.dark(int(m.Column)+1, int(m.Row)+1) != m.Dark {
			return false
		}
	}
	return true
}
