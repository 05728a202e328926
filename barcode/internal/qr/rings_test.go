package qr

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// turned draws a code turned by an angle and tilted, so many pixels a module, and returns where its finder patterns
// are.
func turned(t *testing.T, scale, angle, tilt float64) (*pix.Gray, [3]pix.Point) {
	t.Helper()
	c := code(t, 3, 'M')
	side := int(scale*float64(c.Size)*1.6) + 20
	g := pix.NewGray(side, side)
	sin, cos := math.Sincos(angle)
	middle := float64(side) / 2
	for i := range g.Pix {
		x, y := float64(i%side)+0.5-middle, float64(i/side)+0.5-middle
		w := scale * (1 + tilt*y/middle)
		u, v := (x*cos+y*sin)/w+float64(c.Size)/2, (y*cos-x*sin)/w+float64(c.Size)/2
		if !c.Dark(int(math.Floor(u)), int(math.Floor(v))) {
			g.Pix[i] = 255
		}
	}
	off := float64(c.Size)/2 - 3.5
	var at [3]pix.Point
	for i, m := range [3]pix.Point{{X: -off, Y: -off}, {X: off, Y: -off}, {X: -off, Y: off}} {
		x, y := scale*(m.X*cos-m.Y*sin), scale*(m.X*sin+m.Y*cos)
		w := 1 / (1 - tilt*y/middle)
		at[i] = pix.Point{X: middle + x*w, Y: middle + y*w}
	}
	return g, at
}

// judged returns the candidates of a plane once their rings were looked at.
func judged(g *pix.Gray) (all []finder) {
	var r Reader
	var z pix.Binarizer
	b := z.Global(g)
	r.findAll(b, 1)
	for i := range r.finders[0] {
		f := &r.finders[0][i]
		f.judge(b, 0)
		all = append(all, *f)
	}
	return all
}

func TestFinderPatternsHaveFineRings(t *testing.T) {
	for _, scale := range []float64{2, 3.3, 7} {
		for _, angle := range []float64{0, 0.2, math.Pi / 4, 1.2} {
			for _, tilt := range []float64{0, 0.25} {
				name := fmt.Sprintf("%.1f pixels a module, turned by %.1f, tilted by %.2f", scale, angle, tilt)
				g, at := turned(t, scale, angle, tilt)
				all := judged(g)
				for i, p := range at {
					k := slices.IndexFunc(all, func(f finder) bool { return pix.Distance(f.at, p) < 1.5*scale })
					require.GreaterOrEqual(t, k, 0, "finder pattern %d is seen: %s", i, name)
					assert.True(t, all[k].fine, "finder pattern %d is fine: %s", i, name)
					assert.GreaterOrEqual(t, all[k].round, 0.9, "rim of finder pattern %d: %s", i, name)
				}
			}
		}
	}
}

func TestFewOfTheCandidatesInRandomSquaresAreFine(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	g := pix.NewGray(1000, 1000)
	for y := range g.H / 4 {
		for x := range g.W / 4 {
			v := byte(255 * random.IntN(2))
			for k := range 16 {
				g.Pix[(4*y+k/4)*g.W+4*x+k%4] = v
			}
		}
	}
	fine, all := 0, judged(g)
	for i := range all {
		if all[i].fine {
			fine++
		}
	}
	require.Greater(t, len(all), 100, "candidates")
	assert.Less(t, 4*fine, len(all), "%d of %d candidates are fine: not one in four may be", fine, len(all))
}

func TestTwoFinderPatternsPromiseASymbol(t *testing.T) {
	at := func(x, y, module float64, light bool) Likely {
		return Likely{At: pix.Point{X: x, Y: y}, Module: module, Light: light}
	}
	slight := func(x float64) Likely { return Likely{At: pix.Point{X: x, Y: 50}, Module: 1.9, Slight: true} }
	square := [4]pix.Point{{X: 0, Y: 0}, {X: 200, Y: 0}, {X: 200, Y: 200}, {X: 0, Y: 200}}
	for name, c := range map[string]struct {
		all   []Likely
		known [][4]pix.Point
		want  bool
	}{
		"none":               {nil, nil, false},
		"one":                {[]Likely{at(50, 50, 3, false)}, nil, false},
		"two of one":         {[]Likely{at(50, 50, 3, false), at(104, 50, 3.2, false)}, nil, true},
		"of two colours":     {[]Likely{at(50, 50, 3, false), at(104, 50, 3.2, true)}, nil, false},
		"of two sizes":       {[]Likely{at(50, 50, 3, false), at(104, 50, 8, false)}, nil, false},
		"too near":           {[]Likely{at(50, 50, 3, false), at(70, 50, 3, false)}, nil, false},
		"too far":            {[]Likely{at(50, 50, 3, false), at(850, 50, 3, false)}, nil, false},
		"of a known one":     {[]Likely{at(50, 50, 3, false), at(104, 50, 3, false)}, [][4]pix.Point{square}, false},
		"one of a known":     {[]Likely{at(50, 50, 3, false), at(230, 50, 3, false)}, [][4]pix.Point{square}, false},
		"slight ones":        {[]Likely{slight(250), slight(290)}, nil, true},
		"slight, beside it":  {[]Likely{slight(250), slight(290)}, [][4]pix.Point{square}, false},
		"one of them slight": {[]Likely{slight(250), at(290, 50, 1.9, false)}, [][4]pix.Point{square}, false},
		"beside the known":   {[]Likely{at(250, 50, 3, false), at(304, 50, 3, false)}, [][4]pix.Point{square}, true},
	} {
		assert.Equal(t, c.want, IsPromising(c.all, c.known), "%s", name)
	}
}

func TestNoiseHasSlightFinderPatterns(t *testing.T) {
	for f, want := range map[finder]bool{
		{module: 1.3, hits: 1, seen: 0.75}: true,
		{module: 1.9, hits: 1, seen: 0.75}: true,
		{module: 1.9, hits: 2, seen: 0.59}: true,
		{module: 1.3, hits: 2, seen: 0.61}: false,
		{module: 2.1, hits: 1, seen: 0.3}:  false,
	} {
		assert.Equal(t, want, f.isSlight(), "modules of %v pixels, seen in %d rows, a share of %v", f.module, f.hits,
			f.seen)
	}
}

// TestRaysAreTheSameWithinThePicture holds that what is taken to be within a picture is not looked at otherwise.
func TestRaysAreTheSameWithinThePicture(t *testing.T) {
	b := binary(rings(7, 7))
	for x := 1.0; x < float64(b.W); x += 3.5 {
		f := finder{at: pix.Point{X: x, Y: x / 2}, module: 3}
		for _, d := range directions {
			at, ok := f.ray(b, d, 0.5)
			want, wantOK := f.rayOut(b, d, 0.5)
			assert.Equal(t, wantOK, ok, "a ray from %v along %v", f.at, d)
			assert.Equal(t, want, at, "its changes")
		}
	}
}

// A rim that is whole has rings amiss in eight of 16 directions: to say that it is not fine takes fewer.
func TestACandidateThatWasGivenUpMayBeRound(t *testing.T) {
	b := binary(sectored(22.5*8, [3]float64{23, 26, 35}))
	f, whole := finder{at: pix.Point{X: 55, Y: 55}, module: 6}, finder{at: pix.Point{X: 55, Y: 55}, module: 6}
	f.judgeOnce(b, onlyFine)
	assert.Less(t, int(f.looked), few, "directions that tell that it is not fine")
	assert.Zero(t, f.round, "how round it is is not known")
	f.judgeOnce(b, 0.7)
	whole.judgeOnce(b, 0.7)
	assert.Equal(t, whole, f, "it is the same as what was judged at once")
	assert.InDelta(t, 1, f.round, 1e-9, "the share of its rim")
	b.Invert()
	f.judgeOnce(b, 0.1)
	assert.InDelta(t, 1, f.round, 1e-9, "what was looked at in all directions is not judged again")
}

// Two fine finder patterns stand beside each other. What the third may be is judged, and what is seen more than that,
// as long as an effort takes more into account.
func TestWhatCompletesATripleIsJudged(t *testing.T) {
	const finders = 2 // of the effort, and as many as are fine, which are counted as well: two others are judged
	at := func(x, y, seen float64) finder {
		return finder{at: pix.Point{X: x, Y: y}, module: 1, hits: 3, seen: seen}
	}
	third, beside, solidThird := at(10, 50, 0.5), at(30, 12, 0.5), at(10, 50, 0.7)
	far := at(10, 50, 0.5)
	far.module = 3
	for name, c := range map[string]struct {
		others []finder
		judged []bool
	}{
		"the third":                 {[]finder{third}, []bool{true}},
		"one beside":                {[]finder{beside}, []bool{false}},
		"one of another size":       {[]finder{far}, []bool{false}},
		"one that is hardly seen":   {[]finder{at(10, 50, 0.1)}, []bool{false}},
		"one that is seen less":     {[]finder{third, beside}, []bool{true, false}},
		"one that is seen more":     {[]finder{beside, third}, []bool{true, true}},
		"the third of three":        {[]finder{beside, beside, third}, []bool{true, true, false}},
		"a solid one":               {[]finder{beside, beside, solidThird}, []bool{true, true, true}},
		"two that are of no triple": {[]finder{beside, beside}, []bool{false, false}},
	} {
		r, b := Reader{}, binary(rings(7, 7))
		one, two := at(10, 10, 1), at(50, 10, 1)
		all := []*finder{&one, &two}
		for _, f := range all {
			f.fine, f.round, f.judged, f.looked = true, 1, onlyFine, few
		}
		for i := range c.others {
			all = append(all, &c.others[i])
		}
		r.judgeRound(b, all, Effort{Finders: finders, Seen: 0.4, Round: 0, Cost: 1.6})
		for i := range c.others {
			assert.Equal(t, c.judged[i], c.others[i].looked > 0, "%s: whether number %d is judged", name, i)
		}
	}
}
