package bars

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
)

// framed is a symbol of 200 by 50 pixels whose bars are half of it, four pixels a module. Above it stands a bearer bar
// that is dark in such a share and reaches so many modules beyond the left and the right end; between both lie five
// rows that are dark in a share of their own.
func framed(bearer, between, left, right float64) (sheet, edge) {
	g := pix.NewGray(400, 150)
	row := func(y int, from, to float64, share float64) {
		for x := range g.W {
			if u := float64(x - 100); u >= from && u < to && float64((x*37)%100) < 100*share {
				g.Row(y)[x] = 0
			}
		}
	}
	for i := range g.Pix {
		g.Pix[i] = 200
	}
	for y := range 50 {
		row(80+y, 0, 200, 0.5)
	}
	for y := range 5 {
		row(75+y, 0, 200, between)
	}
	for y := range 15 {
		row(60+y, 0, 200, bearer)
		row(60+y, -4*left, 0, 1)
		row(60+y, 200, 200+4*right, 1)
	}
	up := pix.Point{Y: -1}
	return sheet{plane: g, scale: 1}, edge{pix.Point{X: 100, Y: 100}, pix.Point{X: 300, Y: 100}, up, up}
}

func TestBeyondWhichEndsABearerBarReaches(t *testing.T) {
	for name, c := range map[string]struct {
		bearer, between, left, right float64
		one, both                    bool
	}{
		"beyond both ends":               {1, 0.5, 6, 6, false, true},
		"by four and a half at both":     {1, 0.5, 4.5, 4.5, false, true},
		"by three and a half at one":     {1, 0.5, 4.5, 3.5, false, false},
		"beyond none":                    {1, 0.5, 0, 0, false, false},
		"beyond the left one":            {1, 0.5, 6, 0, true, false},
		"beyond the right one":           {1, 0.5, 0, 6, true, false},
		"by four and a half modules":     {1, 0.5, 4.5, 0, true, false},
		"by three and a half modules":    {1, 0.5, 3.5, 0, false, false},
		"a little beyond the other":      {1, 0.5, 6, 1.5, true, false},
		"a little more beyond it":        {1, 0.5, 6, 2.75, false, false},
		"dark in 94 of 100":              {0.94, 0.5, 6, 0, true, false},
		"dark in 85 of 100":              {0.85, 0.5, 6, 0, false, false},
		"behind rows dark in 15 of 100":  {1, 0.15, 6, 0, true, false},
		"behind rows dark in six of 100": {1, 0.06, 6, 0, false, false},
	} {
		s, e := framed(c.bearer, c.between, c.left, c.right)
		want := [2]bool{c.one, c.both}
		one, both := s.bearerEnds(e, 4, 100)
		assert.Equal(t, want, [2]bool{one, both}, name)
		e.left.Y, e.right.Y = 108, 93
		one, both = s.bearerEnds(e, 4, 100)
		assert.Equal(t, want, [2]bool{one, both}, "%s, on a line that falls", name)
	}
}

// ofLines is a group that so many lines read, 100 pixels long and two apart.
func ofLines(lines int, text string) *group {
	g := rowOf(1, lines, 10, false)
	g.format, g.text = symbol.Code128, text
	return g
}

func TestReadingsDisputeEachOther(t *testing.T) {
	for _, c := range []struct {
		lines, others int
		want          bool
	}{{6, 2, true}, {7, 2, false}, {3, 1, false}, {6, 1, false}, {9, 3, true}, {10, 3, false}} {
		got := isDisputed([]*group{ofLines(c.lines, "one"), ofLines(c.others, "other")}, 0, sheet{})
		assert.Equal(t, c.want, got, "%d lines read one text and %d another", c.lines, c.others)
	}
}

func TestLinesSideBySideCountOnce(t *testing.T) {
	for apart, want := range map[float64]int{0.5: 1, 1.4: 1, 1.6: 2, 4: 2} {
		g := &group{}
		for k := range 2 {
			y := apart * float64(k)
			g.add(vote{line: k, from: pix.Point{Y: y}, to: pix.Point{X: 100, Y: y}})
		}
		assert.Equal(t, want, g.lines, "lines that lie %v pixels apart", apart)
	}
	for apart, want := range map[float64]int{3.5: 0, 4: 1} { // five lines, three pixels a module
		got := readRowsApart(symbolOf(t, symbol.ITF, 14), nil, 5, apart)
		assert.Len(t, got, want, "five lines over %v modules", apart*4/3)
	}
}

// trailOf is a trail of 100 steps on which the first, a middle and the last of nine elements are astray so often, and
// the looks into the zones.
func trailOf(first, middle, last int, zones [2]int) *trail {
	off := make([]int, 9+2*zoneLooks)
	off[zoneLooks], off[zoneLooks+4], off[zoneLooks+8] = first, middle, last
	return &trail{off: off, lumas: make([][]byte, len(off)), limit: 50, zones: zones, steps: 100}
}

func TestElementsGoOnAlongTheBars(t *testing.T) {
	for name, c := range map[string]struct {
		*trail
		ends, want bool
	}{
		"none astray":                           {trailOf(0, 0, 0, [2]int{}), true, false},
		"three astray in 45 of 100 steps":       {trailOf(45, 45, 45, [2]int{}), false, true},
		"three astray in 35":                    {trailOf(35, 35, 35, [2]int{}), false, false},
		"two astray in all":                     {trailOf(0, 100, 100, [2]int{}), false, false},
		"an unchecked one, its first in 25":     {trailOf(25, 0, 0, [2]int{}), true, true},
		"an unchecked one, its last in 25":      {trailOf(0, 0, 25, [2]int{}), true, true},
		"an unchecked one, its first in 15":     {trailOf(15, 0, 0, [2]int{}), true, false},
		"an unchecked one, its middle in all":   {trailOf(0, 100, 0, [2]int{}), true, false},
		"an unchecked one, a zone in 40":        {trailOf(0, 0, 0, [2]int{40, 0}), true, true},
		"an unchecked one, the other in 40":     {trailOf(0, 0, 0, [2]int{0, 40}), true, true},
		"an unchecked one, a zone in 30":        {trailOf(0, 0, 0, [2]int{30, 30}), true, false},
		"one with a check, its first in 35":     {trailOf(35, 0, 0, [2]int{}), false, false},
		"one with a check, its zones in all":    {trailOf(0, 0, 0, [2]int{100, 100}), false, false},
		"an unchecked one, as much as it may":   {trailOf(20, 0, 20, [2]int{35, 35}), true, false},
		"an unchecked one, a step more of each": {trailOf(21, 0, 0, [2]int{35, 35}), true, true},
	} {
		assert.Equal(t, c.want, c.breaks(c.ends), name)
	}
	for _, c := range []struct {
		between, astray int
		ends, want      bool
	}{
		{30, 27, true, true}, {30, 24, true, false}, {36, 27, true, false}, {36, 41, true, true}, {30, 27, false, false},
	} {
		tr := trailOf(0, 0, 0, [2]int{})
		tr.between = c.between
		for _, i := range []int{2, 4, 5} {
			tr.off[zoneLooks+i] = c.astray
		}
		assert.Equal(t, c.want, tr.breaks(c.ends), "three within are astray in %d of 100 steps, %d between the lines, %t",
			c.astray, c.between, c.ends)
	}
	for times, want := range map[int]bool{4: false, 5: true} {
		tr := trailOf(0, 0, 0, [2]int{})
		flicker := bytes.Repeat([]byte{20, 20, 75}, times)
		tr.lumas[zoneLooks+3] = append(flicker, 20)
		assert.Equal(t, want, tr.breaks(false), "an element changes %d times, no other does", times)
		for i := range tr.lumas {
			tr.lumas[i] = append(tr.lumas[i], 20, 75, 20)
		}
		assert.Equal(t, want, tr.breaks(false), "an element changes %d times more than the others", times)
	}
}

func TestTheZonesOfAnITFAreAlike(t *testing.T) {
	for zones, want := range map[[2]int]bool{
		{0, 10}: false, {0, 11}: true, {11, 0}: true, {10, 20}: false, {10, 21}: true, {30, 30}: false,
	} {
		assert.Equal(t, want, trailOf(0, 0, 0, zones).zonesDiffer(), "astray in %v of 100 steps", zones)
	}
}

// Of a hundred looks at a bar so many are light.
func TestTheBarsAtTheEndsAreNotFaint(t *testing.T) {
	for name, c := range map[string]struct {
		end, others int
		want        bool
	}{
		"as dark as the others":      {10, 10, false},
		"light in 29 looks":          {29, 0, false},
		"light in 32":                {32, 0, true},
		"light in 50, the others 22": {50, 22, false},
		"light in 55, the others 22": {55, 22, true},
	} {
		for _, end := range []int{0, 8} {
			tr := trailOf(0, 0, 0, [2]int{})
			for i := range tr.lumas[zoneLooks : len(tr.lumas)-zoneLooks] {
				light := c.others
				if i == end {
					light = c.end
				}
				tr.lumas[zoneLooks+i] = append(bytes.Repeat([]byte{20}, 100-light), bytes.Repeat([]byte{75}, light)...)
			}
			assert.Equal(t, c.want, tr.breaks(true), "bar %d is %s", end, name)
			assert.False(t, tr.breaks(false), "bar %d is %s, with a check digit", end, name)
		}
	}
	tr := trailOf(0, 0, 0, [2]int{})
	for light, want := range map[byte]bool{69: false, 71: true} {
		for i := range tr.lumas {
			tr.lumas[i] = bytes.Repeat([]byte{20}, 100)
		}
		tr.lumas[zoneLooks] = append(bytes.Repeat([]byte{20}, 60), bytes.Repeat([]byte{light}, 40)...)
		assert.Equal(t, want, tr.breaks(true), "40 looks are lighter by %d", light-20)
	}
}

// The luma of a look may differ by a third of the contrast; of the elements on a line a quarter may be astray.
func TestALineGoesOnWhereMostElementsAreAsTheyWere(t *testing.T) {
	g := rowOf(1, 4, 10, false)
	for i := range g.all {
		g.all[i].figure, g.all[i].middles, g.all[i].length = figure{2, 0.5, 1}, []float32{0.2, 0.5, 0.8}, 100
	}
	plane := pix.NewGray(120, 60)
	assert.InDelta(t, 0.35*0.5*255, g.trail(sheet{plane: plane, scale: 1}).limit, 1e-6, "of a contrast of a half")
	v := g.all[0]
	shares := v.shares()
	assert.Len(t, shares, 3+10, "the looks on a line of three elements")
	assert.InDelta(t, -7.5*2.0/100, shares[0], 1e-6, "the first look lies seven and a half modules before the symbol")
	assert.InDelta(t, 1+7.5*2.0/100, shares[12], 1e-6, "and the last as many behind")

	for astray, want := range map[int]bool{0: true, 4: true, 5: true, 6: false, 12: false} {
		shares, expected := make([]float64, 20+2*zoneLooks), make([]float64, 20+2*zoneLooks)
		for i := range shares {
			shares[i] = float64(i) / float64(len(shares))
			if k := i - zoneLooks; k >= 0 && k < astray {
				expected[i] = 200
			}
		}
		tr := &trail{sheet: sheet{plane: plane, scale: 1}, limit: 50}
		tr.ready(len(shares))
		_, ok := tr.step(pix.Point{X: 10, Y: 30}, pix.Point{X: 110, Y: 30}, pix.Point{X: 1}, shares, expected, 0,
			make([]bool, len(shares)))
		assert.Equal(t, want, ok, "%d of 20 elements are astray", astray)
	}
}

// ofWidths are widths with something dark before them and behind.
func ofWidths(l line) *widths { return slices.Concat(line{5, 3}, l, line{3, 5}).widths() }

func TestTheStartOfACodabarIsTold(t *testing.T) {
	l := symbolOf(t, symbol.Codabar, 14)
	size := total(l[1:8])
	for name, c := range map[string]struct {
		l    line
		want bool
	}{
		"as printed":                             {l, true},
		"two fifths of a character of light":     {l.with(0, 0.4*size), true},
		"less light":                             {l.with(0, 0.3*size), false},
		"a wide bar that is hardly wider":        {start(l, 1.15, 2, 2), false},
		"a wide bar that is wider":               {start(l, 1.35, 2, 2), true},
		"a wide space that is hardly wider":      {start(l, 2, 1.1, 1.1), false},
		"a wide space that is wider":             {start(l, 2, 1.3, 1.3), true},
		"one that is much wider than the other":  {start(l, 2, 1.5, 3.6), false},
		"one that is not twice as wide":          {start(l, 2, 1.5, 2.8), true},
		"the next character a third larger":      {l.scaled(9, 16, 1.4), true},
		"the next character larger by much more": {l.scaled(9, 16, 2), false},
	} {
		assert.Equal(t, c.want, startsCodabar(ofWidths(c.l), 3), name)
	}
	for gap, want := range map[float32]string{4.7: "12345-67", 5.3: ""} {
		assert.Equal(t, want, l.with(16, gap).reads(t, readCodabar), "a gap of %v modules", gap)
	}
	text := strings.Repeat("1234567890", 4)
	long := elements(t, oned.NewCodaBarWriter(), gozxing.BarcodeFormat_CODABAR, text, 14)
	assert.Equal(t, text, long.reads(t, readCodabar), "forty digits")
}

// start returns the line with a start character whose wide bar, second and longest space are of these widths.
func start(l line, bar, middle, longest float32) line {
	out := slices.Clone(l)
	for i, w := range []float32{1, 1, bar, middle, 1, longest, 1} {
		out[1+i] = w
	}
	return out
}

// Where bars and spaces have widths of their own a character is told by both, each among themselves.
func TestACodabarCharacterHasTwoWidths(t *testing.T) {
	for name, c := range map[string]struct {
		narrowBar, wideBar, narrowSpace, wideSpace float32
		want                                       byte
	}{
		"as printed":                       {1, 2, 1, 2, '0'},
		"spaces twice as wide":             {1, 2, 2, 4, '0'},
		"wide ones a third wider":          {1, 1.35, 2, 2.7, '0'},
		"wide ones a quarter wider":        {1, 1.25, 2, 2.5, 0},
		"wide ones a quarter wider, alike": {1, 1.25, 1, 1.25, 0},
	} {
		var w []float32
		bits := codabar[0]
		for k := range 7 {
			narrow, wide := c.narrowBar, c.wideBar
			if k%2 == 1 {
				narrow, wide = c.narrowSpace, c.wideSpace
			}
			if bits>>(6-k)&1 == 1 {
				narrow = wide
			}
			w = append(w, narrow)
		}
		assert.Equal(t, string(c.want), string(charCodabar(w)), name)
	}
}

func TestPairsOfAnITFAreOfItsSize(t *testing.T) {
	l := symbolOf(t, symbol.ITF, 14)
	for scale, want := range map[float32]string{0.55: "", 0.65: "1234567890", 1.1: "1234567890", 1.3: ""} {
		assert.Equal(t, want, l.scaled(15, 25, scale).reads(t, readITF), "a pair that is %v times as large", scale)
	}
}

// An add-on stands where it may, and its start is of its size.
func TestTheStartOfAnAddOnIsOfItsSize(t *testing.T) {
	assert.Equal(t, "34", readAddOn(addOnOf(5.5, 3, 4).widths(), 0, 1), "five and a half modules behind its symbol")
	l := addOnOf(9, 3, 4)
	wide := l.with(1, 1.7).with(2, 1.7).with(3, 1.3)
	assert.Empty(t, readAddOn(wide.widths(), 0, 1), "two elements of 3.4 modules that are two as printed")
}

// Most lines of a part of an ITF have one quiet zone that is much longer than the other.
func TestUnevenQuietZonesRefuteAnITFWithoutBearerBars(t *testing.T) {
	for _, c := range []struct {
		uneven     int // lines of ten
		beyond     float64
		one, wants bool
	}{
		{uneven: 5, wants: false}, {uneven: 6, wants: true}, {uneven: 10, beyond: 6, wants: false},
		{uneven: 5, beyond: 6, one: true, wants: true},
	} {
		left := c.beyond
		if c.one {
			left = 0
		}
		s, e := framed(1, 0.5, left, c.beyond)
		g := &group{}
		for k := range 10 {
			v := vote{line: k, from: e.left, to: e.right}
			v.from.Y, v.to.Y = e.left.Y+float64(2*k), e.right.Y+float64(2*k)
			v.format, v.length, v.figure.module, v.uneven = symbol.ITF, 200, 4, k < c.uneven
			g.vote = v
			g.add(v)
		}
		assert.Equal(t, c.wants, g.isRefuted([]*group{g}, s),
			"%d of ten lines are uneven, and a bearer bar reaches %v and %v modules beyond the ends", c.uneven, left, c.beyond)
	}
}
