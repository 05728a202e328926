package aztec

import (
	"math"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// at70 are seven runs of a row over a bull's-eye of ten pixels a module.
type at70 [7]int

// edges are where the runs begin and the last ends.
func (runs at70) edges(scale int) []int32 {
	e := []int32{20}
	for _, w := range runs {
		e = append(e, e[len(e)-1]+int32(scale*w))
	}
	return e
}

// ring is the ring that a place lies in, 0 the middle; the fourth is the module on each side.
func (runs at70) ring(x int) int {
	switch {
	case x < -10 || x >= 80:
		return 5
	case x < 0:
		return 4
	}
	for i, w := range runs {
		if x -= w; x < 0 {
			return max(i-3, 3-i)
		}
	}
	return 4
}

// picture draws a bull's-eye with these runs across and even ones down.
func (runs at70) picture() *pix.Binary {
	even := at70{10, 10, 10, 10, 10, 10, 10}
	g := pix.NewGray(110, 110)
	for i := range g.Pix {
		if g.Pix[i] = 200; max(runs.ring(i%110-20), even.ring(i/110-20))%2 == 0 {
			g.Pix[i] = 40
		}
	}
	return new(pix.Binarizer).Global(g)
}

func TestRingsAreOfOneModuleEach(t *testing.T) {
	for name, c := range map[string]struct {
		runs at70
		want bool
	}{
		"as printed":                      {at70{50, 50, 50, 50, 50, 50, 50}, true},
		"ink that has spread":             {at70{80, 20, 80, 20, 80, 20, 70}, true},
		"two of one and a half modules":   {at70{40, 35, 55, 55, 55, 55, 55}, true},
		"two of less":                     {at70{35, 30, 57, 57, 57, 57, 57}, false},
		"two of two and a half modules":   {at70{62, 63, 45, 45, 45, 45, 45}, true},
		"two of more":                     {at70{68, 67, 43, 43, 43, 43, 43}, false},
		"one of a quarter of a module":    {at70{68, 12, 68, 52, 50, 50, 50}, true},
		"one of a sixth of a module":      {at70{72, 8, 72, 50, 50, 50, 48}, false},
		"the last of a sixth of a module": {at70{54, 54, 54, 54, 54, 72, 8}, false},
	} {
		assert.Equal(t, c.want, isEven(c.runs.edges(1)), name)
	}
}

func TestTheMiddleOfABullsEyeIsAModule(t *testing.T) {
	for name, c := range map[string]struct {
		runs at70
		want int
	}{
		"as printed":               {at70{10, 10, 10, 10, 10, 10, 10}, 1},
		"a middle of half of one":  {at70{10, 9, 13, 6, 13, 9, 10}, 1},
		"a narrower middle":        {at70{10, 10, 13, 4, 13, 10, 10}, 0},
		"a middle of one and more": {at70{10, 10, 7, 16, 7, 10, 10}, 1},
		"a wider middle":           {at70{10, 10, 6, 18, 6, 10, 10}, 0},
	} {
		var r Reader
		r.find(c.runs.picture(), 4)
		assert.Len(t, r.eyes, c.want, name)
	}
}

// A picture of 600 bull's-eyes is given up after the row in which there are enough.
func TestSomeHundredBullsEyesAreEnough(t *testing.T) {
	const across, down, pitch = 30, 20, 11
	g := pix.NewGray(across*pitch, down*pitch)
	for i := range g.Pix {
		x, y := i%g.W%pitch, i/g.W%pitch
		d := max(x-5, 5-x, y-5, 5-y)
		if g.Pix[i] = 200; d%2 == 0 {
			g.Pix[i] = 40
		}
	}
	var r Reader
	r.find(new(pix.Binarizer).Global(g), 1)
	assert.GreaterOrEqual(t, len(r.eyes), 256, "that many are kept")
	assert.Less(t, len(r.eyes), 256+across, "and those of the row, no more")
}

// A ray meets the rings where they lie, but for an eighth of the way and a pixel.
func TestARayCrossesTheRingsWhereTheyLie(t *testing.T) {
	for off, want := range map[int]bool{0: true, 9: true, -9: true, 10: false, -10: false} {
		g := pix.NewGray(300, 9)
		for i := range g.Pix {
			x := i%g.W - 100
			switch g.Pix[i] = 200; {
			case x < 10, x >= 30+off && x < 50, x >= 70:
				g.Pix[i] = 40
			}
		}
		k := eye{at: pix.Point{X: 100, Y: 4.5}, module: 20}
		_, ok := k.ray(new(pix.Binarizer).Global(g), 0)
		assert.Equal(t, want, ok, "the second ring lies %d pixels off, of 70", off)
	}
}

// What a row says of a module may be little of it: a row is seen at a slant.
func TestARayGoesAsFarAsTenModules(t *testing.T) {
	b := at70{10, 10, 10, 10, 10, 10, 10}.picture()
	for module, want := range map[float64]bool{3: false, 4: true, 5: true, 6: true, 10: true} {
		k := eye{at: pix.Point{X: 55, Y: 55}, module: module}
		_, ok := k.ray(b, 0)
		assert.Equal(t, want, ok, "a ray over 35 pixels where a module is said to be %v", module)
	}
}

// A quarter of the rays may be lost to damage.
func TestMostRaysCrossTheRings(t *testing.T) {
	const scale, middle = 20, 120
	for lost, want := range map[int]bool{0: true, 10: true, 16: false} {
		g := pix.NewGray(2*middle, 2*middle)
		for i := range g.Pix {
			x, y := float64(i%g.W-middle)+0.5, float64(i/g.W-middle)+0.5
			d := int(math.Max(math.Abs(x), math.Abs(y))/scale + 0.5)
			if g.Pix[i] = 200; d%2 == 0 && d < 5 {
				g.Pix[i] = 40
			}
			a := math.Atan2(y, x) / (2 * math.Pi) * 48
			n := math.Round(a)
			if k := (int(n) + 48) % 48; k%3 == 1 && k/3 < lost && math.Abs(a-n) < 0.4 && math.Hypot(x, y) > 1.2*scale {
				g.Pix[i] = 200
			}
		}
		k := eye{at: pix.Point{X: middle, Y: middle}, module: scale}
		_, ok := k.square(new(pix.Binarizer).Global(g))
		assert.Equal(t, want, ok, "%d of 48 rays are lost", lost)
	}
}

func TestRaysThatGoFartherThanOthersAreLeftOut(t *testing.T) {
	for longer, want := range map[float64]bool{1: true, 1.15: true, 1.3: false, 2: false} {
		k := eye{at: pix.Point{X: 100, Y: 100}}
		var rim [rays]pix.Point
		var seen [rays]bool
		for i := range rim {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / rays)
			r := 50.0
			if i == 5 {
				r *= longer
			}
			rim[i], seen[i] = pix.Point{X: 100 + r*cos, Y: 100 + r*sin}, true
		}
		k.trim(&rim, &seen)
		assert.Equal(t, want, seen[5], "a ray that is %v times as long as those beside it", longer)
		assert.True(t, seen[4] && seen[6] && seen[20], "the others stay")
	}
}

func TestSidesMeetAtAnAngle(t *testing.T) {
	for sine, want := range map[float64]bool{1: true, 0.4: true, -0.4: true, 0.2: false, -0.2: false, 0: false} {
		a := side{along: pix.Point{X: 1}}
		b := side{at: pix.Point{Y: 3}, along: pix.Point{X: math.Sqrt(1 - sine*sine), Y: sine}}
		_, ok := a.meet(&b)
		assert.Equal(t, want, ok, "the sine of the angle is %v", sine)
	}
}

// ringed is a sight of a bull's-eye of nine modules, so dark and so light, of which so many are wrong.
func ringed(dark, light byte, wrong int) (v sight, marks []modules.Mark) {
	marks = bullseye(9, false)
	g := pix.NewGray(110, 110)
	for i := range g.Pix {
		g.Pix[i] = light
	}
	for i, m := range marks {
		if m.Dark == (i*7%81 < wrong) { // 7 and 81 have no common factor: the wrong ones lie all over
			continue
		}
		for k := range 100 {
			g.Row(10 + 10*int(m.Row) + k/10)[10+10*int(m.Column)+k%10] = dark
		}
	}
	grid := modules.NewGrid(9, 9, &[4]pix.Point{{X: 10, Y: 10}, {X: 100, Y: 10}, {X: 100, Y: 100}, {X: 10, Y: 100}})
	return sight{meter: new(modules.Meter), gray: g, grid: grid}, marks
}

func TestRingsAreLighterAndDarkerInTurn(t *testing.T) {
	for name, c := range map[string]struct {
		dark, light byte
		wrong       int
		likely, is  bool
	}{
		"as printed":                    {40, 200, 0, true, true},
		"eight steps of luma":           {100, 108, 0, true, true},
		"seven steps of luma":           {100, 107, 0, true, false},
		"a ninth of the modules wrong":  {40, 200, 9, true, true},
		"a fifth of the modules wrong":  {40, 200, 17, true, false},
		"30 % of the modules wrong":     {40, 200, 24, true, false},
		"two fifths of the wrong shade": {40, 200, 33, false, false},
	} {
		v, marks := ringed(c.dark, c.light, c.wrong)
		assert.Equal(t, c.likely, v.likely(marks), "%s: the rings are likely", name)
		assert.Equal(t, c.is, v.settle(marks, 0), "%s: there are rings", name)
	}
}

// Any two ways to turn a symbol differ in six of the orientation marks: two of them may be wrong.
func TestTwoOrientationMarksMayBeWrong(t *testing.T) {
	for wrong, want := range map[int]int{0: 1, 2: 1, 3: 0} {
		d := drawn(t, offer, 33, -4)
		at, last := (d.Columns-11)/2, 10
		for _, p := range [][2]int{{0, 0}, {last, last}, {0, last}}[:wrong] {
			k := (at+p[1])*d.Columns + at + p[0]
			d.Dark[k] = !d.Dark[k]
		}
		assert.Len(t, see(d.Image(2, 6)), want, "%d orientation marks are wrong", wrong)
	}
}

// A symbol with fewer check bits than the standard asks for may be anything.
func TestASymbolHasCheckBits(t *testing.T) {
	for check, want := range map[int]bool{3: false, 4: true, 5: true} {
		m := mode{compact: true, layers: 1}
		m.words = m.codewords() - check
		bits := bitsOf(strings.Repeat(" 2/5", m.words*6/5))
		for len(bits) < 6*m.words {
			bits = append(bits, true)
		}
		words := make([]int, m.codewords())
		for i, bit := range bits {
			if words[i/6] <<= 1; bit {
				words[i/6] |= 1
			}
		}
		require.NoError(t, reedsolomon.NewReedSolomonEncoder(m.field()).Encode(words, check), "the codewords are encoded")
		dark := make([]bool, m.size()*m.size())
		for i, at := range m.order()[m.capacity()%6:] {
			dark[at] = words[i/6]>>(5-i%6)&1 != 0
		}
		s, ok := new(Reader).decode(m, dark)
		assert.Equal(t, want, ok, "%d check codewords of six bits", check)
		if ok {
			assert.Equal(t, strings.Repeat("A", m.words*6/5), s.Text, "the text with %d check codewords", check)
		}
	}
}

func TestTheNameOfAMessageIsBounded(t *testing.T) {
	for n, want := range map[int]bool{1: true, 45: true, 80: false, 200: false} {
		c, err := parse(bitsOf("29/5 29/5 1/5" + strings.Repeat(" 2/5", n) + " 1/5 2/5 3/5 2/5"))
		assert.Equal(t, want, err == nil && c.part.Total == 2, "a part of a message with a name of %d letters", n)
	}
}

func TestWhatTheEdgeOfThePictureCutsIsNoSymbol(t *testing.T) {
	const module, side, picture = 4.0, 15, 100
	for cut, want := range map[float64]bool{-3: false, 0: false, 1.3: false, 1.8: true, 5: true} {
		near, far := -cut*module, picture+cut*module-side*module
		for _, at := range []pix.Point{{X: near, Y: 20}, {X: 20, Y: near}, {X: far, Y: 20}, {X: 20, Y: far}} {
			x, y := at.X+side*module, at.Y+side*module
			g := modules.NewGrid(side, side, &[4]pix.Point{at, {X: x, Y: at.Y}, {X: x, Y: y}, {X: at.X, Y: y}})
			assert.Equal(t, want, isCut(&g, pix.NewGray(picture, picture)), "%v modules lie outside, from %v on", cut, at)
		}
	}
}
