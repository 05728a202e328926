package aztec

import (
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/matrixtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// modeIn reads the mode message of a drawing.
func modeIn(d matrixtest.Drawing, compact bool) (mode, bool) {
	c := core{compact, func(x, y int) bool {
		at := (d.Columns - coreOf(compact)) / 2
		return d.Dark[(at+y)*d.Columns+at+x]
	}}
	if c.misfit() > 0 {
		return mode{}, false
	}
	return c.mode()
}

func TestSymbolsOfAllSizesAreDecoded(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	for layers := -4; layers <= 32; layers++ {
		if layers == 0 {
			continue
		}
		text := make([]byte, 4+2*max(layers, -layers))
		for i := range text {
			text[i] = byte(' ' + random.IntN(95))
		}
		if layers > 3 {
			copy(text, "1234567890")
		}
		d := drawn(t, string(text), 23, layers)
		m, ok := modeIn(d, layers < 0)
		require.True(t, ok, "%d layers: the mode message is read", layers)
		assert.Equal(t, max(layers, -layers), m.layers, "the layers")
		assert.Equal(t, d.Columns, m.size(), "%d layers: the size", layers)
		assert.Len(t, m.order(), m.capacity(), "%d layers: bits", layers)
		var r Reader
		s, ok := r.decode(m, d.Dark)
		require.True(t, ok, "%d layers: the symbol is decoded", layers)
		assert.Equal(t, string(text), s.Text, "%d layers: the text", layers)
		assert.InDelta(t, 1, s.Quality.UnusedCorrection, 0, "%d layers: nothing is wrong", layers)
	}
}

func TestTheMarksOfASizeAreThoseOfItsSymbols(t *testing.T) {
	t.Parallel()
	for _, layers := range []int{-1, -4, 4, 10, 22, 32} {
		d := drawn(t, "marks", 33, layers)
		m, ok := modeIn(d, layers < 0)
		require.True(t, ok, "%d layers: the mode message is read", layers)
		for _, k := range m.marks(d.Columns, false) {
			got := d.Dark[int(k.Row)*d.Columns+int(k.Column)]
			require.Equal(t, k.Dark, got, "%d layers: module %d, %d", layers, k.Column, k.Row)
		}
	}
}

func TestAModeMessageIsCorrected(t *testing.T) {
	t.Parallel()
	for _, compact := range []bool{true, false} {
		layers, can := 5, 3
		if compact {
			layers, can = -3, 2
		}
		d := drawn(t, "a mode message", 33, layers)
		want, ok := modeIn(d, compact)
		require.True(t, ok, "the mode message is read")
		at := (d.Columns - coreOf(compact)) / 2
		for wrong := 1; wrong <= can; wrong++ {
			x := at + 2 + 4*(wrong-1) // a module of codeword after codeword along the upper side
			if wrong == can {
				x = at + coreOf(compact) - 3
			}
			d.Dark[at*d.Columns+x] = !d.Dark[at*d.Columns+x]
			got, ok := modeIn(d, compact)
			require.True(t, ok, "compact %v: %d wrong codewords are corrected", compact, wrong)
			assert.Equal(t, want, got, "compact %v: with %d wrong codewords", compact, wrong)
		}
	}
}

// A symbol that programs a reader says so in the first bit of the number of codewords.
func TestSymbolsThatProgramReadersAreReadAsOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data    uint
		compact bool
		want    mode
	}{
		"compact": {0<<6 | 1<<5 | 11, true, mode{true, 1, 12}},
		"full":    {3<<11 | 1<<10 | 40, false, mode{false, 4, 41}},
	} {
		got, ok := modeOf(encodedMode(c.data, c.compact), c.compact)
		require.True(t, ok, "%s: the mode message is read", name)
		assert.Equal(t, c.want, got, "%s: without the bit", name)
	}
}

// encodedMode finds the mode message whose data is given among all, by its check codewords.
func encodedMode(data uint, compact bool) []int {
	n, check := 4, 6
	if compact {
		n, check = 2, 5
	}
	words := make([]int, n+check)
	for i := range n {
		words[i] = int(data>>(4*(n-1-i))) & 15
	}
	// Division by the product of x - 2^i, in the field with 10011.
	times := func(a, b int) (p int) {
		for ; b > 0; b >>= 1 {
			if b&1 != 0 {
				p ^= a
			}
			if a <<= 1; a > 15 {
				a ^= 0x13
			}
		}
		return p
	}
	divisor, root := []int{1}, 1
	for range check {
		root = times(root, 2)
		next := append(append([]int(nil), divisor...), 0)
		for i, v := range divisor {
			next[i+1] ^= times(v, root)
		}
		divisor = next
	}
	rest := append([]int(nil), words...)
	for i := range n {
		lead := rest[i]
		for k, v := range divisor {
			rest[i+k] ^= times(v, lead)
		}
	}
	copy(words[n:], rest[n:])
	return words
}

func TestCodewordsThatAreStuffed(t *testing.T) {
	t.Parallel()
	bits, ok := unstuff([]int{0b000001, 0b111110, 0b101010}, 6)
	require.True(t, ok, "the codewords are valid")
	assert.Len(t, bits, 16, "two of eighteen bits are stuffed")
	for _, invalid := range []int{0, 63} {
		_, ok := unstuff([]int{invalid}, 6)
		assert.False(t, ok, "%06b is no codeword", invalid)
	}
}
