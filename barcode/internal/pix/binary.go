package pix

// A Binary is a plane of pixels that are dark (1) or light (0).
type Binary struct {
	Bits []byte
	W, H int
}

// Dark says whether the pixel at x, y is dark; beyond the border all is light.
func (b *Binary) Dark(x, y int) bool {
	return uint(x) < uint(b.W) && uint(y) < uint(b.H) && b.Bits[y*b.W+x] == 1
}

// Invert swaps dark and light in place.
func (b *Binary) Invert() {
	for i := range b.Bits {
		b.Bits[i] ^= 1
	}
}

// A Binarizer makes planes binary and keeps its buffers from one to the next; it is for one goroutine.
type Binarizer struct {
	out  Binary
	mean []int32
}

func (z *Binarizer) prepare(g *Gray) {
	z.out.W, z.out.H = g.W, g.H
	if cap(z.out.Bits) < g.W*g.H {
		z.out.Bits = make([]byte, g.W*g.H)
	}
	z.out.Bits = z.out.Bits[:g.W*g.H]
}

// Local compares every pixel with the mean of the blocks around its own. A block without contrast inherits the level
// of those before it, or is taken as light where they tell nothing: the inside of a large dark area must not become
// speckled. The result is valid until the next call.
func (z *Binarizer) Local(g *Gray, block, least int) *Binary {
	z.prepare(g)
	bw, bh := (g.W+block-1)/block, (g.H+block-1)/block
	if cap(z.mean) < bw*bh {
		z.mean = make([]int32, bw*bh)
	}
	z.mean = z.mean[:bw*bh]
	for by := range bh {
		for bx := range bw {
			z.mean[by*bw+bx] = z.level(g, bx, by, bw, block, least)
		}
	}
	for by := range bh {
		for bx := range bw {
			level := z.around(bx, by, bw, bh)
			for y := by * block; y < min((by+1)*block, g.H); y++ {
				from, to := bx*block, min((bx+1)*block, g.W)
				row, out := g.Row(y)[from:to], z.out.Bits[y*g.W+from:y*g.W+to]
				for x, v := range row {
					out[x] = byte(uint32(int32(v)-level-1) >> 31)
				}
			}
		}
	}
	return &z.out
}

// level is the level of one block.
func (z *Binarizer) level(g *Gray, bx, by, bw, block, least int) int32 {
	var sum, n int32
	low, high := byte(255), byte(0)
	for y := by * block; y < min((by+1)*block, g.H); y++ {
		row := g.Row(y)[bx*block : min((bx+1)*block, g.W)]
		for _, v := range row {
			sum += int32(v)
			low, high = min(low, v), max(high, v)
		}
		n += int32(len(row))
	}
	if int(high)-int(low) > least {
		return sum / n
	}
	level := int32(low) / 2
	if bx > 0 && by > 0 {
		i := by*bw + bx
		if before := (z.mean[i-bw] + 2*z.mean[i-1] + z.mean[i-bw-1]) / 4; int32(low) < before {
			return before
		}
	}
	return level
}

// around is the mean level of five by five blocks.
func (z *Binarizer) around(bx, by, bw, bh int) int32 {
	x0, x1 := max(0, min(bx-2, bw-5)), min(bw, max(bx+3, 5))
	y0, y1 := max(0, min(by-2, bh-5)), min(bh, max(by+3, 5))
	var sum, n int32
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			sum += z.mean[y*bw+x]
			n++
		}
	}
	return sum / n
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
	level := otsu(&histogram, g.W*g.H)
	for y := range g.H {
		out := z.out.Bits[y*g.W : (y+1)*g.W]
		for x, v := range g.Row(y) {
			out[x] = 0
			if v <= level {
				out[x] = 1
			}
		}
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
