package qr

import (
	"math"
	"math/bits"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// leastVersion is the size of the smallest symbol with version information, version 7.
const leastVersion = 45

// versionWord returns the 18 bits of version information, whose first six are the version (ISO/IEC 18004, annex D).
func versionWord(version uint32) uint32 {
	rest := version << 12
	for i := 17; i >= 12; i-- {
		if rest>>i&1 != 0 {
			rest ^= 0x1f25 << (i - 12)
		}
	}
	return version<<12 | rest
}

// versionOf returns the version that a word stands for, at most three of its bits wrong; 0 where there is none.
func versionOf(word uint32) int {
	for version := uint32(7); version <= 40; version++ {
		if bits.OnesCount32(versionWord(version)^word) <= 3 {
			return int(version)
		}
	}
	return 0
}

// versionSizes puts the sizes that the version information of a triple says before those that were measured, and notes
// them. Noise passes for version information in one of eight copies: it must be near what the finder patterns measure.
func (r *Reader) versionSizes(b *pix.Binary, t *triple, pins []pin, sizes []int) []int {
	r.told = r.told[:0]
	measured := (pix.Distance(t.corner.at, t.right.at)/(t.corner.module+t.right.module) +
		pix.Distance(t.corner.at, t.below.at)/(t.corner.module+t.below.module)) + 7
	if measured < 0.75*leastVersion {
		return sizes
	}
	for k := 1; k <= 2; k++ {
		size, ok := versionAt(b, t, pins, k)
		if ok && math.Abs(float64(size)-measured) < 4+0.15*measured && !slices.Contains(r.told, size) {
			r.told = append(r.told, size)
		}
	}
	if len(r.told) == 0 {
		return sizes
	}
	others := slices.DeleteFunc(sizes, func(s int) bool { return slices.Contains(r.told, s) })
	return append(slices.Clone(r.told), others...)
}

// versionAt returns the size that the copy of the version information beside finder 1 or 2 says. In a mirrored symbol
// both copies are mirrored, too, and change places: they are read as in any other.
func versionAt(b *pix.Binary, t *triple, pins []pin, k int) (size int, ok bool) {
	c, ok := cornersOf(pins, k)
	if !ok {
		return 0, false
	}
	u, v := axes(c)
	middle := t.right.at
	if k == 2 {
		u, v, middle = v, u, t.below.at
	}
	version := versionOf(versionBits(b, middle, u, v))
	return 17 + 4*version, version > 0
}

// versionBits reads the copy left of the finder pattern to the right; of the one below, u and v are to be swapped.
func versionBits(b *pix.Binary, middle, u, v pix.Point) (word uint32) {
	for i := range 18 {
		x, y := float64(i%3-7), float64(i/3-3)
		if dark(b, pix.Point{X: middle.X + x*u.X + y*v.X, Y: middle.Y + x*u.Y + y*v.Y}) {
			word |= 1 << i
		}
	}
	return word
}

// cornersOf returns the corners of finder k, clockwise from the upper left, if the pins have them.
func cornersOf(pins []pin, k int) (c [4]pix.Point, ok bool) {
	n := 0
	for _, p := range pins {
		if p.finder == k && p.u != 3.5 && n < len(c) {
			c[n] = p.at
			n++
		}
	}
	return c, n == len(c)
}

// axes are the ways of a module along and down a finder pattern of these corners.
func axes(c [4]pix.Point) (u, v pix.Point) {
	u = pix.Point{X: (c[1].X - c[0].X + c[2].X - c[3].X) / 14, Y: (c[1].Y - c[0].Y + c[2].Y - c[3].Y) / 14}
	v = pix.Point{X: (c[3].X - c[0].X + c[2].X - c[1].X) / 14, Y: (c[3].Y - c[0].Y + c[2].Y - c[1].Y) / 14}
	return u, v
}
