package bars

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A gray thing over a symbol has shapes that pass for bars and are no print: they are not nearly as dark as the bars.
func TestAShallowElementIsNoneOfAPrint(t *testing.T) {
	for f := range samples {
		l := symbolOf(t, f, 14)
		from, to := len(l[:9].luma(3, 200)), len(l[:10].luma(3, 200)) // a bar
		for luma, want := range map[byte]int{20: 1, 125: 1, 160: 0} {
			row := l.luma(3, 200)
			for x := from; x < to; x++ {
				row[x] = max(row[x], luma)
			}
			var rows [][]byte
			for range 60 {
				rows = append(rows, row)
			}
			require.Len(t, texts(rows), want, "%v, a bar of luma %d where others have 20, and paper 200", f, luma)
		}
	}
}

// Blur leaves narrow elements shallow: then one is that is shallower by as much more.
func TestHowShallowAnElementMayBe(t *testing.T) {
	depths := func(least, low, high float64) []float64 {
		return []float64{high, high, low, least, low, low, high, high}
	}
	holdTurns(t, []turn{
		{"the least of sharp bars", 28, 32, func(x float32) bool { return isUneven(depths(float64(x), 100, 100)) }},
		{"the least of blurred ones", 6.8, 8.2, func(x float32) bool { return isUneven(depths(float64(x), 50, 100)) }},
	})
}

func TestMostLinesAreShallow(t *testing.T) {
	g := rowOf(1, 4, 10, false)
	plane := pix.NewGray(120, 60)
	for i := range plane.Pix {
		plane.Pix[i] = byte(200 * (i % plane.W / 10 % 2))
	}
	for shallow, want := range map[int]bool{2: false, 3: true} {
		for i := range g.all {
			v := &g.all[i]
			v.from, v.to, v.middles = pix.Point{Y: 5.5 + 10*float64(i)}, pix.Point{X: 110, Y: 5.5 + 10*float64(i)}, nil
			for k := range 11 {
				v.middles = append(v.middles, (float32(k)+0.5)/11)
			}
			for x := 40; x < 50; x++ {
				plane.Row(5 + 10*i)[x] = 0
				if i < shallow {
					plane.Row(5 + 10*i)[x] = 170
				}
			}
		}
		assert.Equal(t, want, g.isShallow(sheet{plane: plane, scale: 1}), "%d of four lines have a shallow bar", shallow)
	}
}

func TestTheBarsAtTheEndsAreAsDeepAsTheOthers(t *testing.T) {
	const module = 4
	wide := []float64{1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1} // of bars and spaces in turn
	faint := func(at int, depth float64) bool {
		plane := pix.NewGray(120, 10)
		v := vote{to: pix.Point{X: 14 * module, Y: 5.5}, from: pix.Point{Y: 5.5}}
		x := 0.0
		v.edges = []float32{0}
		for i, w := range wide {
			for k := x; k < x+w*module; k++ {
				switch {
				case i == at:
					plane.Row(5)[int(k)] = byte(200 - 200*depth)
				case i%2 == 1:
					plane.Row(5)[int(k)] = 200
				}
			}
			v.middles = append(v.middles, float32((x+w*module/2)/(14*module)))
			x += w * module
			v.edges = append(v.edges, float32(x/(14*module)))
		}
		return v.hasFaintEnd(sheet{plane: plane, scale: 1})
	}
	for _, end := range []int{0, len(wide) - 1} {
		holdTurns(t, []turn{
			{"how deep a bar is", 0.31, 0.29, func(x float32) bool { return !faint(end, float64(x)) }},
		})
	}
	assert.False(t, faint(6, 0.2), "a bar within is another rule's")
}
