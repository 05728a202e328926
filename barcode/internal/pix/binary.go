package pix

import (
	"encoding/binary"
	"math/bits"
)

// A Binary is a plane of pixels that are dark or light, one bit each: pixel x of row y is bit x%64 of word
// y*Stride + x/64.
type Binary struct {
	Words        []uint64
	W, H, Stride int
	// negative is all ones where dark and light are swapped as they are read.
	negative uint64
}

// Dark says whether the pixel at x, y is dark; beyond the border all is light.
func (b *Binary) Dark(x, y int) bool {
	return uint(x) < uint(b.W) && uint(y) < uint(b.H) && b.DarkWithin(x, y)
}

// DarkWithin is Dark for a pixel within the picture, the sooner for it.
func (b *Binary) DarkWithin(x, y int) bool {
	return (b.Words[y*b.Stride+x>>6]^b.negative)>>(uint(x)&63)&1 != 0
}

// DarkIs is what the bit of a dark pixel is in Words.
func (b *Binary) DarkIs() uint64 { return ^b.negative & 1 }

// Word returns pixels 64*i to 64*i+63 of row y, the first in the lowest bit; those beyond the border are light.
func (b *Binary) Word(i, y int) uint64 {
	w := b.Words[y*b.Stride+i] ^ b.negative
	if beyond := 64*(i+1) - b.W; beyond > 0 {
		w &= 1<<(64-beyond) - 1
	}
	return w
}

// Run returns how many pixels from x, y on along dx, dy, one of which is 0 and the other 1 or -1, are as dark as asked,
// at most limit, which must not go beyond the border.
func (b *Binary) Run(x, y, dx, dy, limit int, dark bool) (n int) {
	flip := b.negative
	if !dark {
		flip = ^flip
	}
	if dx != 0 {
		return runInRow(b.Words[y*b.Stride:(y+1)*b.Stride], x, dx, limit, flip)
	}
	bit := uint64(1) << (uint(x) & 63)
	for i := y*b.Stride + x>>6; n < limit && (b.Words[i]^flip)&bit != 0; i += dy * b.Stride {
		n++
	}
	return n
}

// runInRow is Run in a row, a word at a time.
func runInRow(row []uint64, x, dx, limit int, flip uint64) (n int) {
	for n < limit {
		word, most, run := row[x>>6]^flip, 0, 0
		if dx > 0 {
			most = 64 - x&63
			run = min(most, bits.TrailingZeros64(^(word >> (uint(x) & 63))))
		} else {
			most = x&63 + 1
			run = min(most, bits.LeadingZeros64(^(word << (63 - uint(x)&63))))
		}
		n, x = n+run, x+dx*run
		if run < most {
			break
		}
	}
	return min(n, limit)
}

// Negative says whether dark and light are swapped.
func (b *Binary) Negative() bool { return b.negative != 0 }

// Invert swaps dark and light.
func (b *Binary) Invert() { b.negative = ^b.negative }

// Edges appends where row y changes: first the beginning of its first dark run, then the end of that, and so on. A dark
// run at the right border ends there.
func (b *Binary) Edges(out []int32, y int) []int32 {
	row := b.Words[y*b.Stride : (y+1)*b.Stride]
	before := uint64(0)
	for i, w := range row {
		w ^= b.negative
		for t := w ^ (w<<1 | before); t != 0; t &= t - 1 {
			out = append(out, int32(i<<6+bits.TrailingZeros64(t)))
		}
		before = w >> 63
	}
	for len(out) > 0 && out[len(out)-1] >= int32(b.W) {
		out = out[:len(out)-1] // the bits beyond the border
	}
	if len(out)%2 == 1 {
		out = append(out, int32(b.W))
	}
	return out
}

// A Binarizer makes planes binary and keeps its buffers from one to the next; it is for one goroutine.
type Binarizer struct {
	out    Binary
	mean   []uint8 // by block
	levels []uint64
	// column has the sums of mean from row top to before row bottom.
	column      []int32
	top, bottom int
}

// block is the side of the squares whose levels the local binarizer takes, in pixels.
const block = 8

// least is the contrast above which a block has a level of its own, in steps of two.
const least = 12

func (z *Binarizer) prepare(g *Gray) {
	z.out.W, z.out.H, z.out.Stride, z.out.negative = g.W, g.H, (g.W+63)/64, 0
	z.out.Words = Resize(z.out.Words, z.out.Stride*g.H)
}

// Local compares every pixel with the mean of the blocks around its own. A block without contrast inherits the level
// of those before it, or is taken as light where they tell nothing: the inside of a large dark area must not become
// speckled. The result is valid until the next call.
func (z *Binarizer) Local(g *Gray) *Binary {
	z.prepare(g)
	bw, bh := (g.W+block-1)/block, (g.H+block-1)/block
	z.mean, z.column = Resize(z.mean, bw*bh), Resize(z.column, bw)
	z.levels = Resize(z.levels, bw)
	for by := range bh {
		z.means(g, by, bw)
	}
	for by := range bh {
		z.setThresholds(by, bw, bh)
		for y := by * block; y < min((by+1)*block, g.H); y++ {
			z.threshold(g, y)
		}
	}
	return &z.out
}

// means takes the levels of a row of blocks.
func (z *Binarizer) means(g *Gray, by, bw int) {
	n := 0 // of whole blocks
	if (by+1)*block <= g.H {
		n = g.W / block
	}
	for bx := range bw {
		var s statistics
		if bx < n {
			s = whole(g.Pix[by*block*g.Stride+bx*block:], g.Stride)
		} else {
			s = part(g, bx, by)
		}
		if s.high-s.low > least {
			z.mean[by*bw+bx] = uint8(s.mean)
		} else {
			z.mean[by*bw+bx] = uint8(z.flat(&s, bx, by, bw))
		}
	}
}

// flat is the level of a block without contrast.
func (z *Binarizer) flat(s *statistics, bx, by, bw int) int32 {
	if bx > 0 && by > 0 {
		i := by*bw + bx
		if before := (int32(z.mean[i-bw]) + 2*int32(z.mean[i-1]) + int32(z.mean[i-bw-1])) / 4; 2*s.low < before {
			return before
		}
	}
	return s.low // half its darkest pixel, below which nothing is dark
}

// setThresholds sets the thresholds of a row of blocks: for each the mean level of five by five blocks, in every byte.
func (z *Binarizer) setThresholds(by, bw, bh int) {
	y0, y1 := max(0, min(by-2, bh-5)), min(bh, max(by+3, 5))
	if by == 0 {
		clear(z.column)
		z.top, z.bottom = 0, 0
	}
	for ; z.bottom < y1; z.bottom++ {
		for bx, m := range z.mean[z.bottom*bw : (z.bottom+1)*bw] {
			z.column[bx] += int32(m)
		}
	}
	for ; z.top < y0; z.top++ {
		for bx, m := range z.mean[z.top*bw : (z.top+1)*bw] {
			z.column[bx] -= int32(m)
		}
	}
	sum, x0, x1 := int32(0), 0, 0
	const full = 25 // blocks, by which a compiler divides faster than by what it does not know
	for bx := range bw {
		for ; x1 < min(bw, max(bx+3, 5)); x1++ {
			sum += z.column[x1]
		}
		for ; x0 < max(0, min(bx-2, bw-5)); x0++ {
			sum -= z.column[x0]
		}
		if n := int32((x1 - x0) * (y1 - y0)); n == full {
			z.levels[bx] = uint64(sum/full) * ones
		} else {
			z.levels[bx] = uint64(sum/n) * ones
		}
	}
}

// threshold makes a row binary with the levels of its blocks.
func (z *Binarizer) threshold(g *Gray, y int) {
	row, out := g.Row(y), z.out.Words[y*z.out.Stride:(y+1)*z.out.Stride]
	n := 0
	for ; n+8 <= len(row)/block; n += 8 {
		pixels, levels := row[n*block:n*block+64:n*block+64], z.levels[n:n+8:n+8]
		out[n/8] = notAbove(binary.LittleEndian.Uint64(pixels), levels[0]) |
			notAbove(binary.LittleEndian.Uint64(pixels[8:]), levels[1])<<8 |
			notAbove(binary.LittleEndian.Uint64(pixels[16:]), levels[2])<<16 |
			notAbove(binary.LittleEndian.Uint64(pixels[24:]), levels[3])<<24 |
			notAbove(binary.LittleEndian.Uint64(pixels[32:]), levels[4])<<32 |
			notAbove(binary.LittleEndian.Uint64(pixels[40:]), levels[5])<<40 |
			notAbove(binary.LittleEndian.Uint64(pixels[48:]), levels[6])<<48 |
			notAbove(binary.LittleEndian.Uint64(pixels[56:]), levels[7])<<56
	}
	for i := n / 8; i < len(out); i++ {
		out[i] = 0
	}
	for x := n * block; x < len(row); x++ {
		if row[x] <= byte(z.levels[x/block]) {
			out[x>>6] |= 1 << (uint(x) & 63)
		}
	}
}

// Global compares every pixel with the level that parts the histogram best (Otsu). The result is valid until the next
// call.
func (z *Binarizer) Global(g *Gray) *Binary {
	z.prepare(g)
	var histogram [256]int
	for y := range g.H {
		for _, v := range g.Row(y) {
			histogram[v]++
		}
	}
	z.levels = Resize(z.levels, (g.W+block-1)/block)
	for i := range z.levels {
		z.levels[i] = uint64(otsu(&histogram, g.W*g.H)) * ones
	}
	for y := range g.H {
		z.threshold(g, y)
	}
	return &z.out
}

func otsu(histogram *[256]int, n int) byte {
	var sum, below, sumBelow float64
	for v, c := range histogram {
		sum += float64(v) * float64(c)
	}
	best, level := -1.0, 0
	for v, c := range histogram {
		below += float64(c)
		sumBelow += float64(v) * float64(c)
		above := float64(n) - below
		if below == 0 || above == 0 {
			continue
		}
		d := sumBelow/below - (sum-sumBelow)/above
		if between := below * above * d * d; between > best {
			best, level = between, v
		}
	}
	return byte(level)
}
