package bars

import (
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/databar"
	"github.com/offlane/offlane/barcode/internal/databar/databartest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhereAFinderOfADataBarTurns(t *testing.T) {
	found := func(w ...float32) bool { // the finder begins at element 10, which is light
		return slices.ContainsFunc(finders(nil, slices.Concat(slices.Repeat(line{1}, 10), w, line{1, 1, 1}).widths()),
			func(f dbFinder) bool { return f.at == 10 })
	}
	near := func(by float32) bool { // with an edge that is off
		k, _ := closestFinder(&[5]float32{3, 8 - by, 2 + by, 1, 1}, [][3]float32{{3, 8, 2}}, 1)
		return k == 0
	}
	spread := func(by float32) bool { // in modules: its spaces are wider where it begins with one
		return found(3+by, 8-by, 2+by, 1-by, 1+by)
	}
	holdTurns(t, []turn{
		{"narrow elements that are wide", 1.4, 1.46, func(x float32) bool { return found(3, 8, 2, x, x) }},
		{"narrow elements that are narrow", 0.68, 0.65, func(x float32) bool { return found(1, 8, 4, x, x) }},
		{"an edge that is off", 0.82, 0.86, near},
		{"spaces that are wider", 0.78, 0.82, spread},
		{"bars that are wider", -0.72, -0.76, spread},
	})
}

func TestWhereElementsOfADataBarTurn(t *testing.T) {
	d := dataBar{s: &widths{}, module: 1}
	printed := []int{1, 2, 1, 3, 2, 1, 4, 2}
	fits := func(change func(w []float32)) bool {
		w := make([]float32, 8)
		for i, x := range printed {
			w[i] = float32(x)
		}
		change(w)
		return d.fits(printed, w, 1, true)
	}
	holdTurns(t, []turn{
		{"an edge that is off", 0.78, 0.82, func(x float32) bool {
			return fits(func(w []float32) { w[3], w[4] = w[3]-x, w[4]+x })
		}},
		{"bars that are wider than the finder's", 0.48, 0.52, func(x float32) bool {
			return fits(func(w []float32) {
				for i := range w {
					w[i] += x * float32(1-2*(i%2))
				}
			})
		}},
		{"a bar of a guard", 1.58, 1.62, func(x float32) bool {
			return (&dataBar{s: line{9, x, 1}.widths(), module: 1}).narrow(1)
		}},
		{"a space of a guard, smaller", 0.42, 0.38, func(x float32) bool {
			return (&dataBar{s: line{9, 1, x}.widths(), module: 1}).narrow(2)
		}},
	})
}

func TestWhereADataBarTurns(t *testing.T) {
	const gtin, limited = "20012345678909", "00012345678905"
	l := databarLine(databartest.Omnidirectional(gtin, 33, false)[0])
	short := databarLine(databartest.DrawLimited(limited)[0])
	holdTurns(t, []turn{
		{"a character, larger", 1.17, 1.185, func(x float32) bool { // as a share of its finder's module
			return len(characterOf(l.scaled(2, 10, x))) > 0
		}},
		{"a character, smaller", 0.86, 0.84, func(x float32) bool { return len(characterOf(l.scaled(2, 10, x))) > 0 }},
		{"light before it", 0.42, 0.38, func(x float32) bool {
			return readsOmnidirectional(slices.Concat(line{5, 3}, l.with(0, x))) == gtin
		}},
		{"light behind it", 0.42, 0.38, func(x float32) bool {
			return readsOmnidirectional(slices.Concat(l[:46], line{x, 3, 5})) == gtin
		}},
		{"light before a DataBar Limited", 0.42, 0.38, func(x float32) bool {
			got, _ := readLimited(slices.Concat(line{5, 3}, short.with(0, x)).widths(), 3)
			return got.text == limited
		}},
		{"light behind a DataBar Limited", 4.1, 3.9, func(x float32) bool {
			return readsLimited(slices.Concat(short[:46], line{x, 3, 5})) == limited
		}},
		{"the middle of a DataBar Limited, larger", 1.1, 1.12, func(x float32) bool {
			return readsLimited(short.scaled(1+15, 1+29, x)) == limited
		}},
		{"a character of a DataBar Limited, larger", 1.16, 1.19, func(x float32) bool {
			return readsLimited(short.scaled(1+1, 1+15, x).scaled(1+15, 1+29, (1+x)/2)) == limited
		}},
		{"bars of a DataBar Limited that are wider", 0.7, 0.9, func(x float32) bool {
			return readsLimited(short.spread(x)) == limited
		}},
	})
	require.Equal(t, limited, readsLimited(short), "as printed")
}

// characterOf are the widths of the character before the first finder, in modules.
func characterOf(l line) []int {
	found := finders(nil, l.widths())
	for i := range found {
		if w, _, ok := found[i].readLeft(&databar.Outer); ok && found[i].at == 10 {
			return w[:]
		}
	}
	return nil
}

// A DataBar Expanded says three characters at least, beside the one that checks them.
func TestADataBarExpandedHasThreeCharacters(t *testing.T) {
	for n, want := range map[int]bool{2: false, 3: true} {
		pairs := []dbPair{{letter: 'A', after: 1}, {letter: 'A', before: 1, after: -1}}
		if n == 3 {
			pairs[1].after = 0
		}
		pairs[0].before = 211 * (n + 1 - 4)
		_, raw, _ := complete(pairs)
		assert.Equal(t, want, len(raw) == 2*n, "%d characters", n)
	}
}
