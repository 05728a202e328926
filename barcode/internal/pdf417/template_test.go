package pdf417

import (
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

// smeared is a row of pixels of a character between two others, a little more than one pixel a module, each the mean of
// what is within a reach around it.
func smeared(p pattern, module, reach float64) *pix.Gray {
	const before = 6.0
	dark := func(x float64) float64 {
		at := (x-before)/module + 2
		edge := 2.0
		switch {
		case at < 0:
			return 1 // a bar of the character before
		case at < edge:
			return 0
		}
		for i, w := range p {
			if edge += float64(w); at < edge {
				return float64(1 - i%2)
			}
		}
		return 1
	}
	g := pix.NewGray(int(before+module*(modules+3)), 3)
	for i := range g.Pix {
		sum := 0.0
		const samples = 40
		for k := range samples {
			sum += dark(float64(i%g.W) + 0.5 + reach*(2*(float64(k)+0.5)/samples-1))
		}
		g.Pix[i] = byte(230 - 200*sum/samples)
	}
	return g
}

func TestACharacterWhoseBarsHaveRunTogetherIsMatched(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	const module = 1.3
	right := 0
	const tries = 60
	for range tries {
		k, v := r.IntN(clusters), r.IntN(codewords)
		g := smeared(characters().patterns[k][v], module, 1.1)
		var l line
		l.lay(g, pix.Point{Y: 1.5}, pix.Point{X: float64(g.W), Y: 1.5}, module, false)
		if got, ok := l.match(k, 6, module); ok && int(got.value) == v {
			right++
		}
	}
	require.GreaterOrEqual(t, right, tries*9/10, "of %d blurred characters", tries)
}

func TestWhatIsLikeNoCharacterIsNotMatched(t *testing.T) {
	var l line
	g := pix.NewGray(60, 3)
	l.lay(g, pix.Point{Y: 1.5}, pix.Point{X: 60, Y: 1.5}, 2, false)
	_, ok := l.match(0, 6, 2)
	require.False(t, ok, "an area without contrast is like no character")
}
