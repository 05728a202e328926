package pdf417

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryCharacterIsOfItsClusterAndNoOther(t *testing.T) {
	seen := map[pattern]bool{}
	for k := range clusters {
		for v := range codewords {
			p := characters().patterns[k][v]
			sum := 0
			for _, w := range p {
				require.True(t, w >= 1 && w <= 6, "%v: an element has 1 to 6 modules", p)
				sum += int(w)
			}
			require.Equal(t, modules, sum, "%v: modules", p)
			number := (int(p[0]) - int(p[2]) + int(p[4]) - int(p[6]) + 9) % 9
			require.Equal(t, 3*k, number, "%v: the cluster's number (ISO/IEC 15438, 5.3.1)", p)
			require.False(t, seen[p], "%v stands for two codewords", p)
			seen[p] = true
		}
	}
	// The ends of the standard's table.
	assert.Equal(t, pattern{3, 1, 1, 1, 1, 1, 3, 6}, characters().patterns[0][0])
	assert.Equal(t, pattern{5, 1, 1, 1, 1, 1, 2, 5}, characters().patterns[1][0])
	assert.Equal(t, pattern{2, 1, 1, 1, 1, 1, 5, 5}, characters().patterns[2][0])
}

// edgesOf returns where the edges of a character are when bars are too wide by a share of a module, and all are off by
// a little.
func edgesOf(p pattern, module, wide, noise float64, r *rand.Rand) (x []float64) {
	at := 10.0
	for i := range elements + 1 {
		off := wide * module / 2
		if i%2 == 0 {
			off = -off
		}
		x = append(x, at+off+noise*module*(2*r.Float64()-1))
		if i < elements {
			at += float64(p[i]) * module
		}
	}
	return x
}

func TestACharacterIsReadFromItsEdges(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for name, c := range map[string]struct{ module, wide, noise float64 }{
		"exact":              {3, 0, 0},
		"small":              {1.1, 0, 0.1},
		"bars too wide":      {2, 0.5, 0.05},
		"bars too narrow":    {2, -0.5, 0.05},
		"edges a little off": {2, 0, 0.12},
	} {
		for k := range clusters {
			for v := range codewords {
				x := edgesOf(characters().patterns[k][v], c.module, c.wide, c.noise, r)
				got, ok := characters().read(x)
				require.True(t, ok, "%s: %d of cluster %d is read", name, v, k)
				require.Equal(t, character{uint8(k), int16(v)}, got.character, name)
			}
		}
	}
}

func TestWhatIsNoCharacterIsNotRead(t *testing.T) {
	for name, widths := range map[string]pattern{
		"the start pattern":          {8, 1, 1, 1, 1, 1, 1, 3},
		"of the wrong cluster":       {1, 1, 2, 2, 3, 3, 3, 2},
		"of cluster 0 but not taken": {4, 1, 1, 1, 1, 3, 4, 2},
	} {
		x := edgesOf(widths, 3, 0, 0, rand.New(rand.NewPCG(1, 1)))
		_, ok := characters().read(x)
		assert.False(t, ok, "%s is no character", name)
	}
}
