package bars

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/require"
)

var blurredMany = flag.Int("blurred", 400, "how many lines of Code 128 and of Code 93 are out of focus in part")

// random128 is a Code 128 of random characters of set B, and their values.
func random128(r *rand.Rand) (l line, values []byte) {
	values = []byte{startA + 1}
	for range 3 + r.IntN(16) {
		values = append(values, byte(r.IntN(95)))
	}
	sum := int(values[0])
	for k, v := range values[1:] {
		sum += (k + 1) * int(v)
	}
	l = code128.line(append(slices.Clone(values), byte(sum%103), stop))
	return append(l, 2, 10), values
}

// random93 is a Code 93 of random characters, and their values.
func random93(r *rand.Rand) (l line, values []byte) {
	for range 3 + r.IntN(12) {
		values = append(values, byte(r.IntN(43)))
	}
	all := append([]byte{47}, values...)
	all = append(all, byte(sum93(all[1:], 20)))
	all = append(all, byte(sum93(all[1:], 15)), 47)
	return append(code93.line(all), 1, 10), values
}

// line is a quiet zone and the patterns of some values.
func (t table) line(values []byte) line {
	l := line{10}
	for _, v := range values {
		l = append(l, t.pattern(int(v))...)
	}
	return l
}

// pattern returns the elements of a value: one of four widths of the first leaves all of the others their right sum.
func (t table) pattern(value int) (w []float32) {
	for first := float32(1); ; first++ {
		w = append(w[:0], first)
		for _, sum := range t.sums[value] {
			w = append(w, sum-w[len(w)-1])
		}
		if total(w) == float32(t.modules) && dark(w) == t.bars[value] {
			return w
		}
	}
}

// outOfFocus is the luma of a line of 1 to 4 samples a module that is out of focus up to a place, from it on, or
// between two.
func (l line) outOfFocus(r *rand.Rand) (luma []byte) {
	const fine = 16 // to a module
	sums := []float64{0}
	for i, w := range l {
		for range int(w * fine) {
			sums = append(sums, sums[len(sums)-1]+float64(i%2))
		}
	}
	long := float64(len(sums) - 1)
	per := 1 + 3*r.Float64()
	from, to := r.Float64(), 2.0
	switch r.IntN(3) {
	case 0:
		from, to = -1, from
	case 1:
		to = from + 0.5*r.Float64()
	}
	sharp := 0.5 * fine / per * (1 + 0.5*r.Float64())
	soft := max(sharp, fine*(0.4+1.2*r.Float64()))
	black, white, noise := 50*r.Float64(), 150+100*r.Float64(), 5*r.Float64()*r.Float64()
	for x := fine / per * r.Float64(); x < long; x += fine / per {
		reach := sharp
		if x > from*long && x < to*long {
			reach = soft
		}
		a, b := max(0, int(x-reach)), min(len(sums)-1, int(x+reach)+1)
		light := 1 - (sums[b]-sums[a])/float64(b-a)
		luma = append(luma, byte(max(0, min(255, black+light*(white-black)+noise*r.NormFloat64()))))
	}
	return luma
}

// A line that is out of focus in part says what is printed or nothing. The seeds by name are lines of Code 128 whose
// characters were taken for others that differ by a module in one sum of neighbours, and by two in the bars.
func TestALineOutOfFocusInPartIsReadRightOrNotAtAll(t *testing.T) {
	for name, c := range map[string]struct {
		draw  func(r *rand.Rand) (line, []byte)
		seeds []uint64
	}{
		"Code 128": {random128, []uint64{6022, 6218, 7658, 7751, 12541, 17982, 34118, 58120, 61706}},
		"Code 93":  {random93, nil},
	} {
		reader := NewReader(symbol.SetOf(symbol.Code128, symbol.Code93), nil)
		for seed := range uint64(*blurredMany) {
			c.seeds = append(c.seeds, seed)
		}
		right := 0
		for _, seed := range c.seeds {
			r := rand.New(rand.NewPCG(seed, 128))
			l, values := c.draw(r)
			reader.Reset()
			reader.line = l.outOfFocus(r)
			reader.readLine(Effort{Edges: 4})
			for _, v := range reader.votes {
				require.Equal(t, values, v.raw, "%s, seed %d: another text is read out of a line out of focus", name, seed)
			}
			right += len(reader.votes)
		}
		t.Logf("%s: %d lines are read %d times in four measures of edges", name, len(c.seeds), right)
		require.Greater(t, 2*right, len(c.seeds), "%s: too few lines out of focus are read", name)
	}
}
