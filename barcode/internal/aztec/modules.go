package aztec

import (
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// IsLikely says whether a bull's-eye stands in the middle of a bitmap, however it is turned.
func IsLikely(b *modules.Bitmap) bool {
	off := (b.Columns - coreOf(true)) / 2
	if b.Columns != b.Rows || b.Columns%2 == 0 || off < 0 {
		return false
	}
	c := core{true, func(x, y int) bool { return b.Dark[(off+y)*b.Columns+off+x] }}
	return c.hasRings()
}

// ReadModules reads an upright symbol whose modules somebody else found; not ok where it has no bull's-eye in its
// middle or is none.
func (r *Reader) ReadModules(b *modules.Bitmap) (s symbol.Symbol, ok bool) {
	if b.Columns != b.Rows {
		return s, false
	}
	for _, compact := range [2]bool{true, false} {
		off := (b.Columns - coreOf(compact)) / 2
		if off < 0 {
			continue
		}
		c := core{compact, func(x, y int) bool { return b.Dark[(off+y)*b.Columns+off+x] }}
		if !c.hasRings() || c.misfit() > mostMisfit {
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
