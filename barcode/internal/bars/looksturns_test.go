package bars

import (
	"math"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestALineWithOneEdgeHasWidths(t *testing.T) {
	var s widths
	s.measure([]byte{200, 200, 200, 100, 100}, 20, crossing)
	assert.Equal(t, []float32{3, 2, 0}, s.w, "widths of a line that goes dark once")
	got := crossing([]byte{100, 100, 110, 110}, pivot{0, 100}, pivot{3, 110})
	assert.InDelta(t, 2, got, 1e-6, "the edge of a bar that is nearly as light as the space behind it")
}

func TestALineIsOfSomeLength(t *testing.T) {
	for width, want := range map[int]bool{27: false, 29: false, 31: true} {
		r := NewReader(everyFormat, nil)
		r.Read(pix.NewGray(width, 3), 1, Effort{Lines: 1, Angles: []float64{0}, Edges: 1})
		assert.Equal(t, want, r.Work() > 0, "a line of %d pixels is looked at", width)
	}
}

// The doubled angles of a cell and of a region differ by 45 degrees at most.
func TestWhereACellPointsElsewhere(t *testing.T) {
	for degrees, want := range map[float64]bool{0: true, 43: true, -43: true, 47: false, -47: false, 180: false} {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		c := cell{along: int32(10_000 * cos), slant: int32(10_000 * sin)}
		assert.Equal(t, want, c.points([2]float64{1, 0}), "%v degrees", degrees)
	}
}

func TestWhichLengthsOfAnITFAreRead(t *testing.T) {
	for text, c := range map[string]struct {
		want bool
		aim  string
	}{
		"12345678901231":       {true, "]I1"}, // with a right check digit
		"12345678901232":       {false, "]I0"},
		"123456789012":         {false, "]I0"},
		"1234567890":           {true, "]I0"},
		"12345678":             {false, "]I0"},
		"12345678901234567894": {false, "]I0"},
	} {
		got := reading{format: symbol.ITF, text: text, aim: "]I0"}
		assert.Equal(t, c.want, Rules{}.allow(&got), "%s is read", text)
		assert.Equal(t, c.aim, got.aim, "the identifier of %s", text)
	}
	for zone, want := range map[float32]bool{23.5: false, 24.5: true} {
		got := reading{format: symbol.ITF, text: "1234567890", zones: [2]float32{10, zone}}
		require.True(t, Rules{}.allow(&got), "ten digits are read")
		assert.Equal(t, want, got.doubtful, "a quiet zone of %v modules makes it doubtful", zone)
	}
	for zones, want := range map[[2]float32]bool{
		{16, 31}: true, {31, 16}: true, {12.5, 24}: false, {11.5, 24.5}: true, {13, 24.5}: false, {40, 29}: false,
	} {
		got := reading{format: symbol.ITF, text: "12345678901231", zones: zones}
		require.True(t, Rules{}.allow(&got), "an ITF-14 is read")
		assert.Equal(t, want, got.uneven, "quiet zones of %v modules of an ITF-14 are uneven", zones)
		rules := Rules{symbol.ITF: {Lengths: []int{itf14}, Check: true}}
		require.True(t, rules.allow(&got), "an ITF-14 is read by a rule")
		assert.False(t, got.uneven, "quiet zones of %v modules where the length is named", zones)
	}
}

// Of nine rows a share is flipped for good: lines three rows apart differ by a third of that.
func TestWhereFarLinesAreLessAlike(t *testing.T) {
	for share, want := range map[float64]bool{0.125: true, 0.19: false} {
		g := rowsOf(func(y int) float64 { return min(1, share*float64(y)/9) })
		assert.Equal(t, want, new(Reader).isStriped(g, across(-47, -7)), "lines far apart of which %v are flipped", share)
	}
	for shift, want := range map[int]bool{2: true, 3: false} {
		g := rowsOf(func(int) float64 { return 0 })
		for y := 52; y < g.H; y++ {
			copy(g.Row(y)[shift:], g.Row(48)[:g.W-shift])
		}
		var r Reader
		r.line = across(-50, 50).sample(nil, g, -1.5)
		assert.Equal(t, want, r.alikeFar(g, across(-50, 50), 0, 0.85), "lines shifted by %d pixels", shift)
	}
}

// Seven places of a region are looked at, at eighths of its height; one that is alike is not enough.
func TestWhereARegionIsLookedAt(t *testing.T) {
	for name, c := range map[string]struct {
		bands [][2]int // rows that are alike, of 80
		want  bool
	}{
		"at two eighths and six": {[][2]int{{18, 28}, {58, 61}}, true},
		"at two eighths alone":   {[][2]int{{18, 28}}, false},
		"between the eighths":    {[][2]int{{23, 28}, {63, 67}}, false},
	} {
		g := rowsOf(func(y int) float64 {
			for _, b := range c.bands {
				if y >= b[0] && y <= b[1] {
					return 0
				}
			}
			return 2
		})
		assert.Equal(t, c.want, new(Reader).isStriped(g, across(-50, 30)), "rows are alike %s", name)
	}
}

func TestATrailGoesOnInHalvesOfAPixel(t *testing.T) {
	for apart, want := range map[float64]int{0.45: 0, 0.55: 1} {
		tr := &trail{sheet: sheet{plane: pix.NewGray(120, 60), scale: 1}, limit: 50}
		line := func(y float64) *vote {
			return &vote{from: pix.Point{X: 10, Y: y}, to: pix.Point{X: 110, Y: y}, length: 100, middles: []float32{0.5}}
		}
		tr.walk(line(30), line(30+apart))
		assert.Equal(t, want, tr.steps, "steps between lines that lie %v pixels apart", apart)
	}
	g := pix.NewGray(120, 9)
	for i := range g.Pix {
		g.Pix[i] = byte(2 * (i % g.W))
	}
	from, to := pix.Point{X: 10, Y: 4}, pix.Point{X: 110, Y: 4}
	for by, want := range map[float64]float64{0: 0, 6: 0.5, -6: -0.5} {
		tr := &trail{sheet: sheet{plane: g, scale: 1}, limit: 5.5}
		shares, expected := make([]float64, 10+2*zoneLooks), make([]float64, 10+2*zoneLooks)
		for i := range shares {
			shares[i] = float64(i) / float64(len(shares))
			expected[i] = float64(tr.luma(interpolate(from, to, shares[i]))) + by
		}
		tr.ready(len(shares))
		found, ok := tr.step(from, to, pix.Point{X: 1}, shares, expected, 0, make([]bool, len(shares)))
		assert.True(t, ok, "a line that lies %v pixels farther goes on", by/2)
		assert.InDelta(t, want, found, 1e-9, "the shift of a line that lies %v pixels farther", by/2)
	}
}

func TestHowFarBarsGoOn(t *testing.T) {
	g := pix.NewGray(120, 100)
	for i := range g.Pix {
		g.Pix[i] = 200
		if x, y := i%g.W, i/g.W; x >= 10 && x < 110 && y < 60 && x/10%2 == 1 {
			g.Pix[i] = 20
		}
	}
	line := func(y float64) *vote {
		v := &vote{from: pix.Point{X: 20, Y: 2 * y}, to: pix.Point{X: 220, Y: 2 * y}, length: 200}
		for k := range 10 {
			v.middles = append(v.middles, (float32(k)+0.5)/10)
		}
		return v
	}
	for first, want := range map[float64]float64{10.5: 2 * 39, 20.5: 0, 20.1: 0} {
		tr := &trail{sheet: sheet{plane: g, scale: 2}, limit: 60}
		assert.InDelta(t, want, tr.extend(line(first), line(20.5)), 2, "bars go on from %v beyond 20.5 to 60", first)
	}
	a := &group{vote: *line(20)}
	for by, want := range map[float64]bool{-101: false, -99: true, 0: true, 99: true, 101: false} {
		v := *line(40)
		v.from.X, v.to.X = v.from.X+by, v.to.X+by
		assert.Equal(t, want, a.isAbreast(v), "a line of 200 pixels that lies %v pixels to the right of another", by)
	}
}
