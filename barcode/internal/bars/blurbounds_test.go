package bars

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fitsOne has a reader fit one place of a line: an EAN-13 of three pixels a module, with a blur in modules and noise.
func fitsOne(t *testing.T, blur, noise float64) *Reader {
	t.Helper()
	b := blurredLine{3, blur, blur, noise}
	r := NewReader(symbol.SetOf(symbol.EAN13), nil)
	r.line = b.luma(modulesOf(t, "4006381333931"), rand.New(rand.NewPCG(3, 9)))
	r.beside = r.line
	s := line{36, 285, 36}.widths()
	s.source.line = r.line
	r.fitBetween(s, 1, 2, 3)
	return r
}

// A line without noise is read up to a blur at which the next best digit of one place is nearly as good, and from a
// blur on that the fit draws. With noise it is read as long as the digits are certain.
func TestWhereABlurredLineTurns(t *testing.T) {
	for name, c := range map[string]struct {
		blur, noise float64
		fits, votes int
	}{
		"very sharp":               {0.1, 0, 1, 0},
		"nearly as sharp":          {0.14, 0, 1, 1},
		"much blur":                {1.62, 0, 1, 1},
		"a little more blur":       {1.69, 0, 1, 0},
		"much noise":               {0.6, 15, 1, 1},
		"a little more noise":      {0.6, 16.5, 1, 0},
		"noise that a fit is for":  {0.2, 28, 1, 0},
		"noise that no fit is for": {0.2, 32, 0, 0},
		"much blur and much noise": {1.6, 24, 0, 0},
	} {
		r := fitsOne(t, c.blur, c.noise)
		assert.Len(t, r.votes, c.votes, "%s: readings at a blur of %v modules and a noise of %v", name, c.blur, c.noise)
		assert.Equal(t, c.fits > 0, r.fits > 0, "%s: thorough fits", name)
	}
}

// A try takes the work of 100,000 looks, a thorough fit and a claim that of a million each.
func TestFittingCountsAsWork(t *testing.T) {
	assert.Equal(t, 100_000, fitsOne(t, 0.2, 36).work, "the work of a place that looks like no symbol")
	r := fitsOne(t, 0.6, 1)
	require.Equal(t, [2]int{1, 1}, [2]int{r.tries, r.fits}, "tries and fits of a symbol")
	assert.Equal(t, 2_100_000, r.work, "the work of a symbol")
}

// On a blank line every shape is as good as the one that a claim begins with.
func TestAClaimBeginsWithABlur(t *testing.T) {
	r := fitsOne(t, 0.2, 36)
	r.line = slices.Repeat([]byte{200}, len(r.line))
	assert.False(t, r.certain(36, 36+285, [12]byte{}), "digits on a blank line")
	assert.InDelta(t, 0.7, r.fit.claim.shape[4], 1e-9, "modules of blur")
}

func TestEnoughPlacesAreFitted(t *testing.T) {
	for name, c := range map[string]struct {
		r    Reader
		want bool
	}{
		"999 tries":       {Reader{tries: 999}, false},
		"1,000 tries":     {Reader{tries: 1000}, true},
		"239 fits":        {Reader{fits: 239}, false},
		"240 fits":        {Reader{fits: 240}, true},
		"eight readings":  {Reader{votes: slices.Repeat([]vote{{reading: reading{format: symbol.EAN13}}}, 8)}, false},
		"nine readings":   {Reader{votes: slices.Repeat([]vote{{reading: reading{format: symbol.UPCA}}}, 9)}, true},
		"nine of another": {Reader{votes: slices.Repeat([]vote{{reading: reading{format: symbol.EAN8}}}, 9)}, false},
	} {
		assert.Equal(t, c.want, c.r.readAlready(), name)
	}
}

// placed is a line whose luma goes up and down, with so many elements between two quiet zones, the middle one of which
// is a space of some modules; all together are as long as a symbol.
func placed(elements int, widest, pixels float32) (*Reader, *widths) {
	r := NewReader(symbol.SetOf(symbol.EAN13), nil)
	rest := (95 - widest) / float32(elements-1)
	l := slices.Concat(line{8}, slices.Repeat(line{rest}, elements), line{8})
	l[1+elements/2] = widest
	for x := range int(111 * pixels) {
		r.line = append(r.line, byte(100+100*((x/4)%2)))
	}
	r.beside = r.line
	return r, l.scaled(0, len(l), pixels).widths()
}

func TestAPlaceIsFittedThatLooksLikeABlurredSymbol(t *testing.T) {
	for name, c := range map[string]struct {
		elements       int
		widest, pixels float32
		want           int
	}{
		"25 elements":             {25, 1, 2, 0},
		"27 elements":             {27, 3, 2, 1},
		"63 elements":             {63, 1, 2, 1},
		"65 elements":             {65, 1, 2, 0},
		"a space of 5.4 modules":  {43, 5.4, 2, 1},
		"a space of 5.6 modules":  {43, 5.6, 2, 0},
		"a module of 0.92 pixels": {43, 1, 0.92, 1},
		"a module of 0.88 pixels": {43, 1, 0.88, 0},
	} {
		r, s := placed(c.elements, c.widest, c.pixels)
		r.readBlurred(s)
		assert.Equal(t, c.want, r.tries, "%s: places that are tried", name)
	}
}

// A line a little beside the one that is fitted is like it.
func TestALineBesideABlurredOneIsAlike(t *testing.T) {
	for share, want := range map[float64]int{0.02: 1, 0.045: 1, 0.055: 0, 0.2: 0} {
		r, s := placed(43, 1, 4)
		r.beside = slices.Clone(r.line)
		for x := range r.beside {
			if float64(x*61%100) < 100*share {
				r.beside[x] = 44 - r.beside[x]
			}
		}
		r.readBlurred(s)
		assert.Equal(t, want, r.tries, "places that are tried where %v of the pixels differ", share)
	}
}

// Three samples are taken to a module, from four modules before a symbol to four behind it; a digit is drawn with three
// modules to each side.
func TestAFitHasPlacesForItsDigits(t *testing.T) {
	var f fit
	assert.Len(t, f.luma, 3*(4+95+4), "samples of a symbol")
	assert.Len(t, f.shapes[0].digits[0], 3*(3+7+3), "samples of a digit")
	assert.Equal(t, 3*(4+3-3), fitPlace(0), "where the first digit is drawn")
	assert.Equal(t, 3*(4+3+42+5-3), fitPlace(6), "where the seventh digit is drawn")
	f.shapes[0].make(0.1)
	dark := func(samples []float32) (from, to int) {
		from = slices.IndexFunc(samples, func(v float32) bool { return v > 0.5 })
		for to = from; samples[to] > 0.5; to++ {
		}
		return from, to
	}
	from, to := dark(f.shapes[0].digits[0][:]) // set A: three modules of light, and two of dark
	assert.Equal(t, [2]int{3 * 6, 3 * 8}, [2]int{from, to}, "the first bar of a 0")
	from, to = dark(f.shapes[0].guards[:])
	assert.Equal(t, [2]int{3 * 4, 3 * 5}, [2]int{from, to}, "the first bar of the guards")
}

// The light at both ends is the mean of three modules, whatever lies before and behind; the sixteenth sample of a digit
// to the last but twelve are compared first.
func TestAFitBeginsWithWhatItSees(t *testing.T) {
	var f fit
	for i := range f.luma {
		f.luma[i] = float32(min(i, len(f.luma)-1-i))
	}
	f.guess()
	assert.InDelta(t, 4, f.weights.light, 1e-4, "light: the mean of nine samples from 0 to 8")
	assert.InDelta(t, 4, f.weights.lightEnd, 1e-4, "light at the end")
	var a, b [shapeSize]float32
	for i := range b {
		b[i] = 1
	}
	assert.InDelta(t, 15, distanceOf(&a, &b, 1), 1e-4, "shapes whose middles differ by enough")
	assert.InDelta(t, 39, distanceOf(&a, &b, 16), 1e-4, "shapes whose middles do not")
	b[11], b[27] = 5, 5
	assert.InDelta(t, 15, distanceOf(&a, &b, 1), 1e-4, "shapes that differ more beside their middles")
}

// Lines of a region that is looked at for blurred bars lie beside each other.
func TestALineBesideLiesThreePixelsOff(t *testing.T) {
	g := pix.NewGray(240, 60)
	for y := range g.H {
		for x := range g.W {
			g.Row(y)[x] = byte(y)
		}
	}
	r := NewReader(symbol.SetOf(symbol.EAN13), nil)
	reg := &Region{middle: pix.Point{X: 120, Y: 30}, cos: 1, from: -120, to: 120, top: -1, bottom: 1}
	r.ReadRegion(g, 1, reg, Effort{Lines: 1, Blurred: true}, nil)
	require.NotEmpty(t, r.beside, "a line beside another")
	assert.Equal(t, byte(3), r.beside[0]-r.line[0], "rows between both")
}
