package bars

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// readOf is what a line with quiet zones says, which a change does not alter.
func readOf(t *testing.T, f symbol.Format, l line) reading {
	t.Helper()
	got, ok := samples[f].decode(l.widths(), 1)
	require.True(t, ok, "%v is read", f)
	return got
}

// groupOf is lines at some heights that say the same, of the widths of another.
func groupOf(got reading, l line, pixels float64, heights ...float64) *group {
	s, n := l.widths(), len(l)
	from, to := float64(s.at[1])*pixels, float64(s.at[n-1])*pixels
	g := &group{}
	for k, y := range heights {
		v := vote{reading: got, line: k, length: float32(to - from), from: pix.Point{X: from, Y: y},
			to: pix.Point{X: to, Y: y}, figure: figure{module: float32(pixels), contrast: 1},
			middles: s.middles(1, n-1), edges: s.edges(1, n-1)}
		if k == 0 {
			g.vote = v
		}
		g.add(v)
	}
	return g
}

// What a text looks like in print is known of each symbology.
func TestEveryReadingCanBePrinted(t *testing.T) {
	for f := range samples {
		l := symbolOf(t, f, 14)
		got := readOf(t, f, l)
		printed := got.print()
		require.Len(t, printed, len(l)-2, "elements of %v", f)
		for i, w := range printed {
			want := l[1+i]
			if unchecked.Has(f) && w == printedGap {
				want = w
			} else if unchecked.Has(f) {
				want = min(want, printedWide)
			}
			require.Equal(t, want, w, "element %d of %v", i, f)
		}
	}
	long := reading{format: symbol.Code93, raw: make([]byte, 21)}
	assert.Len(t, long.print(), 6*25+1, "elements of a Code 93 of 21 characters")
	assert.Nil(t, (&reading{format: symbol.DataBar}).print(), "widths of a DataBar")
}

// The halves of EAN and UPC-A and the characters of the others are parts that may be of two symbols.
func TestWhereAPartBegins(t *testing.T) {
	for f, want := range map[symbol.Format][]int{
		symbol.EAN13: {32}, symbol.UPCA: {32}, symbol.EAN8: {24}, symbol.UPCE: {7, 11, 15, 19, 23},
		symbol.Code128: {6, 12, 18}, symbol.Code93: {6, 12, 18}, symbol.Code39: {10, 20, 30},
		symbol.Codabar: {8, 16, 24}, symbol.ITF: {4, 14, 24},
	} {
		l := symbolOf(t, f, 14)
		g := groupOf(readOf(t, f, l), l, 1, 0)
		var begins []int
		last := -1
		for i := range len(l) - 2 {
			part := g.part(i)
			if part >= 0 && last >= 0 && part != last {
				begins = append(begins, i)
			}
			if part >= 0 {
				last = part
			}
		}
		require.GreaterOrEqual(t, len(begins), len(want), "parts of %v", f)
		assert.Equal(t, want, begins[:len(want)], "where the parts of %v begin", f)
	}
	for _, guard := range []int{0, 2, 28, 30, 56, 58} {
		g := &group{vote: vote{reading: reading{format: symbol.EAN13}, middles: make([]float32, 59)}}
		assert.Negative(t, g.part(guard), "element %d of an EAN-13", guard)
	}
}

// joinedAt is the widths of a line whose elements behind one are so many times longer, and this one a part of a module.
func (l line) joinedAt(i int, gap, times float32) line {
	return l.scaled(i+1, len(l)-1, times).with(i, l[i]+gap)
}

func TestPartsThatLieAsideAreOfTwoSymbols(t *testing.T) {
	for _, f := range []symbol.Format{symbol.EAN13, symbol.UPCA, symbol.EAN8, symbol.Code128, symbol.Code93, symbol.ITF} {
		l := symbolOf(t, f, 14)
		got, middle := readOf(t, f, l), len(l)/2
		stretched := func(l line) bool { return groupOf(got, l, 1, 0, 5).isStretched() }
		assert.False(t, stretched(l), "%v as printed", f)
		assert.False(t, stretched(l.spread(0.3)), "%v, bars 0.3 modules wider", f)
		assert.False(t, stretched(l.bent(0.002)), "%v, bent", f)
		assert.False(t, stretched(l.joinedAt(middle, 0.1, 1)), "%v, a half 0.1 modules aside", f)
		assert.True(t, stretched(l.joinedAt(middle, 0.5, 1)), "%v, a half 0.5 modules aside", f)
		assert.True(t, stretched(l.joinedAt(1+8, 0.5, 1)), "%v, all behind the eighth element aside", f)
		assert.False(t, stretched(l.joinedAt(1+7, 0.5, 1)), "%v, all behind the seventh", f)
		assert.True(t, stretched(l.joinedAt(middle, -0.5, 1)), "%v, a half 0.5 modules nearer", f)
		assert.False(t, stretched(l.joinedAt(middle, 0, 1.01)), "%v, a half 1.01 times as long", f)
		assert.True(t, stretched(l.joinedAt(middle, 0, 1.2)), "%v, a half 1.2 times as long", f)
		assert.True(t, stretched(l.joinedAt(middle, 0, 0.83)), "%v, a half 0.83 times as long", f)
	}
	for f, between := range map[symbol.Format]int{symbol.Code39: 40, symbol.Codabar: 32} {
		l := symbolOf(t, f, 14)
		got := readOf(t, f, l)
		assert.True(t, groupOf(got, l.joinedAt(between, 0.5, 1), 1, 0).isStretched(), "%v, a gap longer than others", f)
		assert.False(t, groupOf(got, l.joinedAt(between+4, 0.5, 1), 1, 0).isStretched(), "%v, a character longer", f)
	}
	fitted := readOf(t, symbol.EAN13, symbolOf(t, symbol.EAN13, 14))
	fitted.fitted = true
	assert.False(t, groupOf(fitted, symbolOf(t, symbol.EAN13, 14).joinedAt(29, 0.5, 1), 1, 0).isStretched(),
		"what no line has found the edges of")
}

// bent makes elements longer by a share with each one towards the end.
func (l line) bent(by float32) line {
	out := l
	for i := range l {
		out = out.with(i, l[i]*(1+by*float32(i)))
	}
	return out
}

func TestHowFarAPartMayLieAside(t *testing.T) {
	l := symbolOf(t, symbol.EAN13, 14)
	got := readOf(t, symbol.EAN13, l)
	noisy := func(l line, by float32) line {
		for i := 3; i < len(l)-3; i += 5 {
			l = l.moved(i, by)
		}
		return l
	}
	holdTurns(t, []turn{
		{"a half aside", 0.24, 0.26, func(x float32) bool {
			return !groupOf(got, l.joinedAt(30, x, 1), 1, 0).isStretched()
		}},
		{"a half aside where edges are off", 0.56, 0.62, func(x float32) bool {
			return !groupOf(got, noisy(l.joinedAt(30, x, 1), 0.2), 1, 0).isStretched()
		}},
		{"a longer half", 1.06, 1.09, func(x float32) bool {
			return !groupOf(got, l.joinedAt(30, 0, x), 1, 0).isStretched()
		}},
	})
}

// A drawing has rows of its own for each element: its luma in each row.
func (l line) drawing(pixels, high int, luma func(element, y int) byte) *pix.Gray {
	g := pix.NewGray(int(total(l))*pixels, high)
	for y := range high {
		x := 0
		for i, w := range l {
			for range int(w) * pixels {
				g.Row(y)[x] = luma(i-1, y)
				x++
			}
		}
	}
	return g
}

func TestPartsInOtherInkAreOfTwoSymbols(t *testing.T) {
	const black, white = 20, 220
	for f := range samples {
		l := symbolOf(t, f, 14)
		g := groupOf(readOf(t, f, l), l, 3, 2, 8)
		patched := func(kind, from, to, by int) bool {
			return g.isPatched(sheet{scale: 1, plane: l.drawing(3, 10, func(i, _ int) byte {
				v := black + i%2*(white-black)
				if i < 0 || i%2 == 1 {
					v = white
				}
				if i%2 == kind && i >= from && i < to {
					v += by
				}
				return byte(v)
			})})
		}
		n := len(l) - 2
		for kind, sign := range [2]int{1, -1} {
			assert.False(t, patched(kind, 0, 0, 0), "%v in one ink", f)
			assert.False(t, patched(kind, n/2, n, 38*sign), "%v, kind %d of one half off by 0.19", f, kind)
			assert.True(t, patched(kind, n/2, n, 50*sign), "%v, kind %d of one half off by 0.25", f, kind)
			assert.True(t, patched(kind, 0, n/2, 50*sign), "%v, kind %d of the first half off by 0.25", f, kind)
			assert.True(t, patched(kind, n-13, n, 50*sign), "%v, the last six elements of kind %d off by 0.25", f, kind)
			assert.False(t, patched(kind, n/2, n/2+10, 50*sign), "%v, five elements of kind %d off by 0.25", f, kind)
		}
	}
}

// joint is the bar with which a part of a symbol begins near its middle, and within one behind another of its part.
func (g *group) joint() (joint, within int) {
	joint = len(g.middles) / 4 * 2
	for g.part(joint) < 0 || g.part(joint) == g.part(joint-2) {
		joint += 2
	}
	for within = joint + 2; g.part(within) != g.part(within-2); within += 2 {
	}
	return joint, within
}

// fromEnd is the bar of a part that has so many of them from it to the end.
func (g *group) fromEnd(n int) int {
	for i := (len(g.middles) - 1) / 2 * 2; ; i -= 2 {
		if g.part(i) >= 0 {
			n--
		}
		if n == 0 {
			return i
		}
	}
}

func TestPartsOfOtherHeightAreOfTwoSymbols(t *testing.T) {
	const pixels, high = 10, 180
	from := func(i int, by float32) func(int) float32 {
		return func(element int) float32 {
			if element >= i {
				return by
			}
			return 0
		}
	}
	none, slope := from(0, 0), func(element int) float32 { return 0.02 * float32(element) }
	for _, f := range []symbol.Format{symbol.EAN13, symbol.UPCA, symbol.Code39, symbol.ITF} {
		l := symbolOf(t, f, 12)
		g := groupOf(readOf(t, f, l), l, pixels, 70, 80)
		joint, within := g.joint()
		if halved.Has(f) {
			joint -= 2 // a bar of the guard goes with the half
		}
		ends := func(top, bottom func(element int) float32) (up, down []float64) {
			up, down, ok := g.elementEnds(sheet{scale: 1, plane: l.drawing(pixels, high, func(i, y int) byte {
				if i < 0 || i%2 == 1 || float32(y) < 30+pixels*top(i) || float32(y) >= 150+pixels*bottom(i) {
					return 220
				}
				return 20
			})})
			require.True(t, ok, "the elements of all lines are known")
			return up, down
		}
		stepped := func(top, bottom func(element int) float32) bool { return g.isStepped(ends(top, bottom)) }
		uneven := func(by float32) func(int) float32 {
			return func(element int) float32 { return from(joint, -5)(element) - by*float32(element/2%2) }
		}
		assert.False(t, stepped(none, none), "%v of one height", f)
		assert.False(t, stepped(slope, slope), "%v at a slope", f)
		assert.False(t, stepped(from(within, 1.8), from(within, 1.8)), "%v, a part lower by 1.8 modules", f)
		assert.True(t, stepped(from(within, 2.3), from(within, 2.3)), "%v, a part lower by 2.3 modules", f)
		assert.True(t, stepped(from(within, -2.3), from(within, -2.3)), "%v, a part higher by 2.3 modules", f)
		five := g.fromEnd(5)
		assert.True(t, stepped(from(five, 2.3), from(five, 2.3)), "%v, five bars lower by 2.3 modules", f)
		assert.False(t, stepped(from(five+2, 2.3), from(five+2, 2.3)), "%v, four bars lower by 2.3 modules", f)
		assert.False(t, stepped(from(within, 2.3), none), "%v, a part that begins 2.3 modules later", f)
		assert.False(t, stepped(none, from(joint, -2.8)), "%v, a part that ends 2.8 modules earlier", f)
		assert.True(t, stepped(none, from(joint, -3.4)), "%v, a part that ends 3.4 modules earlier", f)
		assert.True(t, stepped(from(joint, 3.4), none), "%v, a part that begins 3.4 modules later", f)
		assert.True(t, stepped(none, uneven(1.2)), "%v, a part whose ends differ by 1.2 modules", f)
		assert.False(t, stepped(none, uneven(1.8)), "%v, a part whose ends differ by 1.8 modules", f)
		assert.False(t, stepped(none, from(within, -3.4)), "%v, a part that ends earlier from within a character on", f)
		if halved.Has(f) {
			assert.False(t, stepped(none, from(joint+2, -3.4)), "%v, digits that end earlier beside the guard", f)
		}
	}
}

// Bars that end in a bearer bar tell nothing: a sticker covers both.
func TestBarsThatEndInABearerBar(t *testing.T) {
	for framed, want := range map[int]bool{30: false, 36: true} {
		ends := make([]float64, 201)
		for i := range ends {
			ends[i] = 10
			if i%2 == 1 && i/2 < framed {
				ends[i] = 5
			}
		}
		require.Equal(t, want, isFramed(ends), "%d of 100 spaces that end before bars", framed)
	}
}
