package bars

import (
	"flag"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/require"
)

var randomLines = flag.Int("lines", 100, "how many lines of random bars are fitted; a bound needs 10 million")

var firstLine = flag.Uint64("first", 0, "the seed of the first of these lines, to fit them in pieces")

// A blurredLine is a line whose blur, in modules, goes from one in the left half to another in the right one.
type blurredLine struct{ pixels, left, right, noise float64 }

func (b blurredLine) luma(modules []bool, r *rand.Rand) []byte {
	const zone = 12
	out := make([]byte, int(b.pixels*float64(len(modules)+2*zone)))
	for i := range out {
		x := (float64(i)+0.5)/b.pixels - zone
		share := 1 / (1 + math.Exp(-12*(x/float64(len(modules))-0.5)))
		k := 1 / ((b.left + (b.right-b.left)*share) * math.Sqrt2)
		dark := 0.0
		for m := max(0, int(x-6)); m < min(len(modules), int(x+7)); m++ {
			if modules[m] {
				dark += (math.Erf(k*(float64(m)+1-x)) - math.Erf(k*(float64(m)-x))) / 2
			}
		}
		out[i] = byte(max(0, min(255, 200-150*dark+b.noise*r.NormFloat64())))
	}
	return out
}

// readLines reads the same modules on so many lines with noise of their own.
func (b blurredLine) readLines(n int, modules []bool, r *rand.Rand) (texts []string) {
	reader := NewReader(symbol.SetOf(symbol.EAN13, symbol.UPCA), nil)
	for y := range n {
		reader.line, reader.beside = b.luma(modules, r), b.luma(modules, r)
		reader.lines++
		reader.place, reader.step = place{0, float64(2 * y), 1, 0}, 2
		reader.readLine(Effort{Edges: 4, Blurred: true})
	}
	for _, s := range reader.Symbols() {
		texts = append(texts, s.Text)
	}
	return texts
}

// modulesOf are the modules of an EAN-13.
func modulesOf(t *testing.T, text string) (modules []bool) {
	s := samples[symbol.EAN13]
	l := elements(t, s.writer, s.as, text, 0)
	for i, w := range l[1 : len(l)-1] {
		for range int(w) {
			modules = append(modules, i%2 == 0)
		}
	}
	return modules
}

func ean13(r *rand.Rand, first byte) string {
	text, sum := []byte{first}, 0
	for len(text) < 12 {
		text = append(text, byte('0'+r.IntN(10)))
	}
	for k, d := range text {
		sum += int(d-'0') * (1 + 2*(k%2))
	}
	return string(append(text, byte('0'+(10-sum%10)%10)))
}

func TestABlurredEAN13IsReadFromItsLuma(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 9))
		text := ean13(r, '4')
		b := blurredLine{3, 0.62, 0.7, 1}
		require.Equal(t, []string{text}, b.readLines(4, modulesOf(t, text), r), "seed %d", seed)
	}
}

// A UPC-A one half of which is much more blurred than the other was read as an EAN-13 that does not exist.
func TestAHalfThatIsMoreBlurredIsNotGuessed(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 9))
		text := ean13(r, '0')
		b := blurredLine{1 + 2*r.Float64(), 1.6 + r.Float64(), 0.3 + 0.4*r.Float64(), 4 * r.Float64()}
		for _, got := range b.readLines(4, modulesOf(t, text), r) {
			require.Equal(t, text[1:], got, "seed %d", seed)
		}
	}
}

// randomBars are 95 modules of bars and spaces of one to four, with a bar at both ends.
func randomBars(r *rand.Rand) (modules []bool) {
	for dark := true; len(modules) < 94; dark = !dark {
		for range 1 + r.IntN(4) {
			modules = append(modules, dark)
		}
	}
	return append(modules[:94], true)
}

// What one place of a picture passes by chance: two quick fits come near enough for others, the best of all is near,
// its digits make a number, and drawn closely they are still the best. How many pass each step is logged; none may pass
// all.
func TestRandomBarsAreNoEAN13(t *testing.T) {
	var quick, near, numbers int
	var certain [claimCertain + 1]int // of those that are near, number or not
	highest := math.Inf(-1)
	reader := NewReader(symbol.SetOf(symbol.EAN13, symbol.UPCA), nil)
	reader.fit = new(fit)
	for k := range uint64(*randomLines) {
		seed := *firstLine + k
		r := rand.New(rand.NewPCG(seed, 10))
		b := blurredLine{pixels: 1 + 2*r.Float64(), left: 0.4 + 1.1*r.Float64(), noise: 4 * r.Float64()}
		b.right = b.left
		reader.line = b.luma(randomBars(r), r)
		from, module := float32(12*b.pixels), float32(b.pixels)
		before := reader.fits
		digits, off, margin := reader.bestFit(from, from+95*module, module)
		quick += reader.fits - before
		if off > fitOff || margin < fitBetter {
			continue
		}
		near++
		_, number := thirteenDigits(digits)
		if number {
			numbers++
		}
		c := &reader.fit.claim
		require.True(t, c.set(reader.line, float64(from), float64(from+95*module), digits, claimBlur), "there are pixels")
		c.improve()
		sure := c.certainty()
		highest = max(highest, sure)
		for least := 0; least <= claimCertain && sure >= float64(least); least++ {
			certain[least]++
		}
		require.False(t, number && sure >= claimCertain, "seed %d passes with a certainty of %.1f", seed, sure)
	}
	t.Logf("of %d lines %d pass the quick fits, %d of these are near, %d of these a number; certain from 0, 1, ... on: "+
		"%v, highest %.1f", *randomLines, quick, near, numbers, certain, highest)
}
