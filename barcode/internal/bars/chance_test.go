package bars

import (
	"cmp"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/require"
)

var chains = flag.Int("chains", 10, "how many lines each level of the chance of random bars is estimated from; "+
	"a bound needs 200")

// A draw is a line of random bars, drawn from independent parts: elements of 1 to 4 modules, the pixels of a module,
// the blur, the amount of noise, and the noise.
type draw struct {
	elements [95]byte
	shares   [3]float64 // of pixels, blur and noise
	seed     uint64
	sure     float64 // the certainty of the line, below zero where it is not near
}

// again draws some of the parts anew, each by a chance.
func (d *draw) again(r *rand.Rand, chance float64) {
	for i := range d.elements {
		if r.Float64() < chance {
			d.elements[i] = byte(1 + r.IntN(4))
		}
	}
	for i := range d.shares {
		if r.Float64() < chance {
			d.shares[i] = r.Float64()
		}
	}
	if r.Float64() < chance {
		d.seed = r.Uint64()
	}
}

// nudge moves one edge by a module and changes one share a little, or makes the noise another. What leaves the range
// that it was drawn from stays as it is: so lines that are nudged are as random as those that are drawn.
func (d *draw) nudge(r *rand.Rand) {
	i, by := r.IntN(len(d.elements)-1), r.IntN(2)*2-1
	a, b := int(d.elements[i])+by, int(d.elements[i+1])-by
	if min(a, b) >= 1 && max(a, b) <= 4 {
		d.elements[i], d.elements[i+1] = byte(a), byte(b)
	}
	if k := r.IntN(len(d.shares) + 1); k == len(d.shares) {
		d.seed = r.Uint64()
	} else if x := d.shares[k] + 0.2*(r.Float64()-0.5); x >= 0 && x < 1 {
		d.shares[k] = x
	}
}

// judge has a reader fit the line that was drawn, as TestRandomBarsAreNoEAN13 does.
func (d *draw) judge(reader *Reader) {
	var modules []bool
	for i := 0; len(modules) < 94; i++ {
		for range d.elements[i] {
			modules = append(modules, i%2 == 0)
		}
	}
	modules = append(modules[:94], true)
	b := blurredLine{pixels: 1 + 2*d.shares[0], left: 0.4 + 1.1*d.shares[1], noise: 4 * d.shares[2]}
	b.right = b.left
	reader.line = b.luma(modules, rand.New(rand.NewPCG(d.seed, 11)))
	from, module := float32(12*b.pixels), float32(b.pixels)
	reader.fits = 0
	digits, off, margin := reader.bestFit(from, from+95*module, module)
	d.sure = -1
	c := &reader.fit.claim
	if off > fitOff || margin < fitBetter ||
		!c.set(reader.line, float64(from), float64(from+95*module), digits, claimBlur) {
		return
	}
	c.improve()
	d.sure = c.certainty()
}

// climb makes draws that are all at least as sure as a level out of some that are. Each goes on from one of them by
// changes that keep the distribution of random bars, and that are taken back where they fall below.
func climb(reader *Reader, from, all []draw, level float64, r *rand.Rand) {
	const changes, chance = 6, 0.03
	begin := slices.Clone(from)
	for k := range all {
		all[k] = begin[k%len(begin)]
		for n := range changes {
			next := all[k]
			if n%3 == 0 {
				next.again(r, chance)
			} else {
				next.nudge(r)
			}
			if next.judge(reader); next.sure >= level {
				all[k] = next
			}
		}
	}
}

// The chance that one line of random bars passes is too small to count. It is the product of chances that are not:
// that a line is near, which is counted, and that of the lines that are as sure as one level one in five is as sure as
// the next, which is found among lines that a Markov chain changes and that stay above the level (subset simulation,
// Au and Beck 2001). All lines of a symbol see the same bars, so only one counts. Of what is near, one in 64 makes a
// number: 10 of the 64 sets of six digits tell a first digit, and one check digit in ten is right. The bound is judged
// from 200 draws a level on, which take minutes, and no farther than to a hundredth of it: -chains 200.
func TestTheChanceOfRandomBarsIsSmall(t *testing.T) {
	const numbers, enough, quickLevels, bound = 64, 200, 2, 1e-9
	reader := NewReader(symbol.SetOf(symbol.EAN13, symbol.UPCA), nil)
	reader.fit = new(fit)
	r := rand.New(rand.NewPCG(*firstLine, 17))
	all, chance := nearDraws(reader, *chains, r)
	t.Logf("of random bars %.3g are near", chance)
	level := 0.0
	for levels := 0; level < claimCertain && chance/numbers*fitsAPicture > bound/100; levels++ {
		if *chains < enough && levels == quickLevels {
			require.Less(t, chance, 0.02, "the chance of lines after %d levels", levels)
			return
		}
		slices.SortFunc(all, func(a, b draw) int { return cmp.Compare(b.sure, a.sure) })
		level = min(claimCertain, all[len(all)/5].sure)
		above := slices.IndexFunc(all, func(d draw) bool { return d.sure < level })
		require.Positive(t, above, "draws below a level of %v", level)
		chance *= float64(above) / float64(len(all))
		t.Logf("%.3g are as sure as %.2f", chance, level)
		climb(reader, all[:above], all, level, r)
	}
	require.Less(t, chance/numbers*fitsAPicture, bound, "the chance that a picture of random bars is read")
}

// nearDraws returns so many lines of random bars that are near, and the chance of one.
func nearDraws(reader *Reader, n int, r *rand.Rand) (all []draw, chance float64) {
	tried := 0
	for len(all) < n {
		var d draw
		d.again(r, 1)
		if d.judge(reader); d.sure >= 0 {
			all = append(all, d)
		}
		tried++
	}
	return all, float64(n) / float64(tried)
}
