package modules

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patch draws rows of modules, # dark, at a place of a picture, each of so many pixels.
func patch(w, h, left, top, module int, low, high byte, rows ...string) *pix.Gray {
	g := pix.NewGray(w, h)
	for i := range g.Pix {
		x, y := i%w-left, i/w-top
		g.Pix[i] = high
		if x >= 0 && y >= 0 && y/module < len(rows) && x/module < len(rows[0]) && rows[y/module][x/module] == '#' {
			g.Pix[i] = low
		}
	}
	return g
}

var ladder = []string{
	"#.#.#.#.#.",
	"##..##..##",
	"#..##.##..",
	"#.#..#...#",
	"##.#.##.#.",
	"#..#..#..#",
	"#.##.#.##.",
	"##########",
}

func TestADrawnBitmapHasItsModules(t *testing.T) {
	for name, g := range map[string]*pix.Gray{
		"a pixel a module":    patch(14, 12, 2, 2, 1, 0, 255, ladder...),
		"to the edges":        patch(10, 8, 0, 0, 1, 0, 255, ladder...),
		"three pixels":        patch(60, 50, 7, 5, 3, 0, 255, ladder...),
		"of little contrast":  patch(14, 12, 1, 3, 1, 90, 90+leastSpan, ladder...),
		"a negative in print": patch(14, 12, 2, 2, 1, 255, 0, ladder...),
	} {
		all := Bitmaps(g)
		require.NotEmpty(t, all, "%s: a bitmap is found", name)
		b := all[0]
		if name == "a negative in print" {
			b = all[len(all)-1]
		}
		require.Equal(t, [2]int{10, 8}, [2]int{b.Columns, b.Rows}, "%s: its size", name)
		for i, dark := range b.Dark {
			assert.Equal(t, ladder[i/10][i%10] == '#', dark, "%s: module %d", name, i)
		}
		assert.InDelta(t, b.Module, pix.Distance(b.Corners[0], b.Corners[1])/10, 1e-9, "%s: its corners", name)
	}
}

func TestWhatIsNotDrawnIsNoBitmap(t *testing.T) {
	gray := patch(14, 12, 2, 2, 1, 0, 255, ladder...)
	gray.Pix[5*14+5] = 128
	faint := patch(14, 12, 2, 2, 1, 90, 90+leastSpan-1, ladder...)
	few := patch(14, 12, 2, 2, 1, 0, 255, ladder[:leastSide-1]...)
	wide := pix.NewGray(mostSide+20, 20)
	for x := range mostSide + 1 {
		for y := range 10 {
			wide.Row(y + 5)[x+5] = byte(255 * ((x + y + 1) % 2))
		}
	}
	for name, g := range map[string]*pix.Gray{
		"a pixel between": gray, "little contrast": faint, "few modules": few, "many modules": wide,
		"plain": pix.NewGray(20, 20), "nothing": pix.NewGray(0, 0),
	} {
		for _, b := range Bitmaps(g) {
			assert.NotEqual(t, [2]int{10, 8}, [2]int{b.Columns, b.Rows}, "%s: the drawing", name)
			assert.GreaterOrEqual(t, min(b.Columns, b.Rows), leastSide, "%s: its modules", name)
			assert.LessOrEqual(t, max(b.Columns, b.Rows), mostSide, "%s: its modules", name)
		}
	}
	assert.Empty(t, Bitmaps(gray), "a pixel between")
	assert.Empty(t, Bitmaps(faint), "little contrast")
	near := patch(14, 12, 2, 2, 1, 0, 255, ladder...)
	near.Pix[5*14+5] = 255 / between
	assert.NotEmpty(t, Bitmaps(near), "a pixel that is nearly dark")
}

func TestPosesAreAllEightAndKeepTheirCorners(t *testing.T) {
	b := Bitmaps(patch(14, 12, 2, 2, 1, 0, 255, ladder...))[0]
	seen := map[string]bool{}
	for i, p := range b.Poses() {
		seen[fmt.Sprint(p.Columns, p.Dark)] = true
		right, down := minus(p.Corners[1], p.Corners[0]), minus(p.Corners[3], p.Corners[0])
		for k, dark := range p.Dark {
			u := (float64(k%p.Columns) + 0.5) / float64(p.Columns)
			v := (float64(k/p.Columns) + 0.5) / float64(p.Rows)
			x := int(p.Corners[0].X + u*right.X + v*down.X)
			y := int(p.Corners[0].Y + u*right.Y + v*down.Y)
			assert.Equal(t, ladder[y-2][x-2] == '#', dark, "pose %d, module %d", i, k)
		}
	}
	assert.Len(t, seen, 8, "no two poses are alike")
}

func minus(a, b pix.Point) pix.Point { return pix.Point{X: a.X - b.X, Y: a.Y - b.Y} }

func FuzzDrawn(f *testing.F) {
	f.Add(uint64(1), byte(12), byte(10))
	f.Fuzz(func(t *testing.T, seed uint64, w, h byte) {
		r := rand.New(rand.NewPCG(seed, 1))
		g := pix.NewGray(int(w), int(h))
		for i := range g.Pix {
			g.Pix[i] = byte(255 * r.IntN(2))
		}
		for _, b := range Bitmaps(g) {
			for _, p := range b.Poses() {
				assert.Len(t, p.Dark, p.Columns*p.Rows, "a module each")
			}
		}
	})
}
