package modules

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chequered draws modules of eight pixels by lot, and returns them as marks.
func chequered(columns, rows int) (*pix.Gray, []Mark) {
	const scale, quiet = 8, 16
	random := rand.New(rand.NewPCG(1, 2))
	g := pix.NewGray(columns*scale+2*quiet, rows*scale+2*quiet)
	for i := range g.Pix {
		g.Pix[i] = 200
	}
	var marks []Mark
	for i := range columns * rows {
		m := Mark{int16(i % columns), int16(i / columns), random.IntN(2) == 0}
		marks = append(marks, m)
		for k := 0; m.Dark && k < scale*scale; k++ {
			x, y := int(m.Column)*scale+quiet+k%scale, int(m.Row)*scale+quiet+k/scale
			g.Pix[y*g.Stride+x] = 40
		}
	}
	return g, marks
}

func TestAGridIsTunedToWhereItLiesRight(t *testing.T) {
	const columns, rows = 14, 10
	p, marks := chequered(columns, rows)
	want := [4]pix.Point{{X: 16, Y: 16}, {X: 128, Y: 16}, {X: 128, Y: 96}, {X: 16, Y: 96}}
	for name, off := range map[string][4]pix.Point{
		"nowhere":     {},
		"moved":       {{X: 4, Y: 3}, {X: 4, Y: 3}, {X: 4, Y: 3}, {X: 4, Y: 3}},
		"one corner":  {{X: 0, Y: 0}, {X: 5, Y: -4}},
		"one side":    {{X: 0, Y: -4}, {X: 0, Y: -4}},
		"perspective": {{X: 3, Y: 3}, {X: -3, Y: 3}, {X: 3, Y: -3}, {X: -3, Y: -3}},
	} {
		for way, score := range map[string]func(*Grid) float64{
			"marks":   func(g *Grid) float64 { dark, light := g.Levels(p, marks); return light - dark },
			"clarity": func(g *Grid) float64 { return g.Clarity(p, 120) },
		} {
			start, share := want, 1.0
			if way == "clarity" {
				share = 0.5 // half a module off it may come to lie on the next ones
			}
			for i := range start {
				start[i].X, start[i].Y = start[i].X+share*off[i].X, start[i].Y+share*off[i].Y
			}
			g := NewGrid(columns, rows, &start)
			g.Tune(0.5, score)
			for i, c := range g.Corners() {
				assert.InDelta(t, 0, pix.Distance(c, want[i]), 2, "%s, by %s: corner %d", name, way, i)
			}
			assert.InDelta(t, 1, g.Right(p, marks, 120), 0, "%s, by %s: all marks are right", name, way)
		}
	}
}

func TestAGridGrowsOnEverySide(t *testing.T) {
	g := NewGrid(10, 8, &[4]pix.Point{{X: 20, Y: 10}, {X: 40, Y: 10}, {X: 40, Y: 26}, {X: 20, Y: 26}})
	grown := g.Grow(2)
	for i, want := range [4]pix.Point{{X: 16, Y: 6}, {X: 44, Y: 6}, {X: 44, Y: 30}, {X: 16, Y: 30}} {
		assert.InDelta(t, 0, pix.Distance(want, grown.Corners()[i]), 1e-9, "corner %d", i)
	}
	assert.InDelta(t, 2, grown.Module(), 1e-9, "the side of a module")
	assert.True(t, grown.Sound(), "the grid is sound")
	crossed := NewGrid(10, 8, &[4]pix.Point{{X: 20, Y: 10}, {X: 40, Y: 26}, {X: 40, Y: 10}, {X: 20, Y: 26}})
	assert.False(t, crossed.Sound(), "a grid whose sides cross is not")
}

func TestShadesTellDarkFromLight(t *testing.T) {
	p, marks := chequered(14, 10)
	g := NewGrid(14, 10, &[4]pix.Point{{X: 16, Y: 16}, {X: 128, Y: 16}, {X: 128, Y: 96}, {X: 16, Y: 96}})
	for _, negative := range []bool{false, true} {
		var s Shades
		s.Take(p, g.Map, g.Columns, g.Rows, Beside, negative)
		dark := s.Classify(nil, 0)
		for i, m := range marks {
			require.Equal(t, m.Dark != negative, dark[i], "module %d, negative %v", i, negative)
		}
		var q symbol.Quality
		s.Quality(dark, &q)
		assert.InDelta(t, 160.0/255, q.Contrast, 0.01, "the contrast, negative %v", negative)
		assert.Greater(t, q.Modulation, 0.6, "the modulation, negative %v", negative)
	}
}

func TestFewCheckCodewordsAreKeptBack(t *testing.T) {
	for _, c := range []struct{ n, check, width, want int }{
		{8, 5, 8, 2},     // the smallest Data Matrix
		{12, 7, 8, 3},    // the next
		{17, 5, 6, 1},    // an Aztec code of one layer with few
		{17, 10, 6, 4},   // with many
		{40, 3, 8, 0},    // three check codewords correct nothing
		{218, 62, 8, 31}, // a block of the largest Data Matrix
	} {
		assert.Equal(t, c.want, Capacity(c.n, c.check, c.width), "%d of %d codewords of %d bits", c.check, c.n, c.width)
	}
}

func TestBlocksAreCorrectedUpToWhatTheyMay(t *testing.T) {
	field := reedsolomon.GenericGF_DATA_MATRIX_FIELD_256
	words := make([]int, 12)
	copy(words, []int{1, 2, 3, 4, 5})
	require.NoError(t, reedsolomon.NewReedSolomonEncoder(field).Encode(words, 7))
	for n := range 6 {
		spoilt := append([]int(nil), words...)
		for i := range n {
			spoilt[2*i] ^= 0x55
		}
		wrong, can, ok := Correct(field, spoilt, 7)
		assert.Equal(t, 3, can, "how many may be wrong")
		assert.Equal(t, n <= 3, ok, "%d wrong codewords", n)
		if ok {
			assert.Equal(t, n, wrong, "how many were wrong")
			assert.Equal(t, words, spoilt, "the codewords with %d wrong ones corrected", n)
		}
	}
}

func TestTheWorkOfAPictureIsSpent(t *testing.T) {
	var m Meter
	m.Add(100)
	m.Start()
	assert.False(t, m.IsSpent(&Effort{Work: 50}), "the work of the picture before does not count")
	m.AddGrid(13)
	assert.True(t, m.IsSpent(&Effort{Work: 50}), "four looks at each of 13 marks are more than 50")
	assert.False(t, m.IsSpent(&Effort{}), "without a bound nothing ends it")
	assert.True(t, m.IsSpent(&Effort{Late: func() bool { return true }}), "the clock does")
	assert.Equal(t, 152, m.Work(), "the looks at both pictures")
	m.Begin()
	assert.Zero(t, m.Work(), "all is forgotten")
}

func TestMarksAreThinnedEvenly(t *testing.T) {
	marks := make([]Mark, 100)
	for i := range marks {
		marks[i] = Mark{Column: int16(i), Dark: i%2 == 0}
	}
	few := Thin(marks, 40)
	assert.LessOrEqual(t, len(few), 40, "as many as are asked for")
	dark := 0
	for _, m := range few {
		if m.Dark {
			dark++
		}
	}
	assert.InDelta(t, len(few)/2, dark, 1, "half of those that alternate are dark")
	assert.Len(t, Thin(marks[:30], 40), 30, "few are kept")
}

func TestTheNthValueIsThatOfASortedList(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for n := 1; n < 200; n++ {
		all := make([]float32, n)
		for i := range all {
			all[i] = float32(random.IntN(1 + n/2)) // many are alike
		}
		sorted := slices.Clone(all)
		slices.Sort(sorted)
		for _, k := range []int{0, n / 10, n / 2, n - 1} {
			assert.Equal(t, sorted[k], nth(slices.Clone(all), k), "number %d of %v", k, all)
		}
	}
}

func TestABlockIsRightWhereTheDecoderChangesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for name, field := range map[string]*reedsolomon.GenericGF{
		"16": reedsolomon.GenericGF_AZTEC_PARAM, "64": reedsolomon.GenericGF_AZTEC_DATA_6,
		"256": reedsolomon.GenericGF_DATA_MATRIX_FIELD_256, "1024": reedsolomon.GenericGF_AZTEC_DATA_10,
		"4096": reedsolomon.GenericGF_AZTEC_DATA_12, "256 from 0": reedsolomon.GenericGF_QR_CODE_FIELD_256,
	} {
		for check := 1; check <= 11; check++ {
			words := make([]int, min(field.GetSize()-1, 60))
			for i := range words[:len(words)-check] {
				words[i] = random.IntN(field.GetSize())
			}
			require.NoError(t, reedsolomon.NewReedSolomonEncoder(field).Encode(words, check), "field of %s", name)
			assert.True(t, isRight(field, words, check), "field of %s, %d check codewords: as encoded", name, check)
			for i := range words {
				by := 1 + random.IntN(field.GetSize()-1)
				words[i] ^= by
				assert.False(t, isRight(field, words, check), "field of %s, %d check codewords: word %d", name, check, i)
				words[i] ^= by
			}
		}
	}
}
