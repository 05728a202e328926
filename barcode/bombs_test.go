package barcode

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A bomb is a picture without a symbol that gives the readers as much to do as there is room for.
type bomb func(r *rand.Rand) func(x, y int) byte

// bombs are the kinds. The sides of blocks, stripes and modules are in pixels.
var bombs = map[string]bomb{
	"noise of 1":       func(r *rand.Rand) func(x, y int) byte { return noise(r, 1) },
	"noise of 2":       func(r *rand.Rand) func(x, y int) byte { return noise(r, 2) },
	"noise of 4":       func(r *rand.Rand) func(x, y int) byte { return noise(r, 4) },
	"noise of 8":       func(r *rand.Rand) func(x, y int) byte { return noise(r, 8) },
	"squares of 1":     func(*rand.Rand) func(x, y int) byte { return squares(1) },
	"squares of 2":     func(*rand.Rand) func(x, y int) byte { return squares(2) },
	"squares of 4":     func(*rand.Rand) func(x, y int) byte { return squares(4) },
	"squares of 8":     func(*rand.Rand) func(x, y int) byte { return squares(8) },
	"squares of 16":    func(*rand.Rand) func(x, y int) byte { return squares(16) },
	"bars of 1 to 4":   func(r *rand.Rand) func(x, y int) byte { return barsOf(r, 1) },
	"bars of 2 to 8":   func(r *rand.Rand) func(x, y int) byte { return barsOf(r, 2) },
	"bars of 3 to 12":  func(r *rand.Rand) func(x, y int) byte { return barsOf(r, 3) },
	"rings":            func(r *rand.Rand) func(x, y int) byte { return drawnAs(circles(r)) },
	"halftone":         func(r *rand.Rand) func(x, y int) byte { return drawnAs(halftone(r)) },
	"text":             func(r *rand.Rand) func(x, y int) byte { return drawnAs(text(r)) },
	"finders of 2":     func(*rand.Rand) func(x, y int) byte { return sheetOf(2, 9, finderAt) },
	"finders of 4":     func(*rand.Rand) func(x, y int) byte { return sheetOf(4, 9, finderAt) },
	"bull's-eyes of 2": func(*rand.Rand) func(x, y int) byte { return sheetOf(2, 11, eyeAt) },
	"bull's-eyes of 4": func(*rand.Rand) func(x, y int) byte { return sheetOf(4, 11, eyeAt) },
	"ells of 3":        func(r *rand.Rand) func(x, y int) byte { return ellsOf(r, 3, 12) },
	"ells of 5":        func(r *rand.Rand) func(x, y int) byte { return ellsOf(r, 5, 18) },
	"PDF417 starts":    func(r *rand.Rand) func(x, y int) byte { return rowsOf(r, 2, pdf417Start) },
	"EAN guards":       func(r *rand.Rand) func(x, y int) byte { return rowsOf(r, 2, eanGuards) },
}

// drawBomb draws one, of 24 megapixels at most. Its seed fixes it.
func drawBomb(b bomb, width, height int, seed uint64) *pix.Gray {
	g, light := pix.NewGray(width, height), b(rand.New(rand.NewPCG(seed, 24)))
	for y := range g.H {
		row := g.Row(y)
		for x := range row {
			row[x] = light(x, y)
		}
	}
	return g
}

// noise is blocks of any luma.
func noise(r *rand.Rand, side int) func(x, y int) byte {
	wide := 6000/side + 1
	luma := make([]byte, wide*(4000/side+1))
	for i := range luma {
		luma[i] = byte(r.Uint32())
	}
	return func(x, y int) byte { return luma[y/side*wide+x/side] }
}

func squares(side int) func(x, y int) byte {
	return func(x, y int) byte { return byte((x/side + y/side) % 2 * 255) }
}

// barsOf is bars and spaces of one to four modules, drawn by lot.
func barsOf(r *rand.Rand, module int) func(x, y int) byte {
	row := make([]byte, 0, 6100)
	for luma := byte(0); len(row) < 6000; luma = ^luma {
		for range module * (1 + r.IntN(4)) {
			row = append(row, luma)
		}
	}
	return func(x, _ int) byte { return row[x] }
}

// drawnAs is a decoy around the middle of the picture.
func drawnAs(light func(x, y float64) float64) func(x, y int) byte {
	return func(x, y int) byte {
		return byte(255 * max(0, min(1, light(float64(x)-3000, float64(y)-2000))))
	}
}

// sheetOf repeats a pattern of so many modules in both directions.
func sheetOf(module, modules int, dark func(x, y int) bool) func(x, y int) byte {
	return func(x, y int) byte {
		if dark(x/module%modules, y/module%modules) {
			return 0
		}
		return 255
	}
}

func finderAt(x, y int) bool { return ring(x-4, y-4) == 1 }

func eyeAt(x, y int) bool { return bullseye(x, y, 11) == 1 }

// ellsOf is the borders of Data Matrix symbols around modules drawn by lot.
func ellsOf(r *rand.Rand, module, modules int) func(x, y int) byte {
	inside := noise(r, 1)
	return sheetOf(module, modules+2, func(x, y int) bool {
		if max(x, y) >= modules {
			return false
		}
		if b := border(x, y, modules); b >= 0 {
			return b == 1
		}
		return inside(x, y) < 128
	})
}

var (
	pdf417Start = []int{8, 1, 1, 1, 1, 1, 1, 3}
	eanGuards   = []int{1, 1, 1}
)

// rowsOf is rows three modules high: again and again a pattern, dark first, and as much as a few characters by lot.
func rowsOf(r *rand.Rand, module int, pattern []int) func(x, y int) byte {
	const kinds = 64
	var rows [kinds][]byte
	for k := range rows {
		for len(rows[k]) < 6000 {
			parts := slices.Clone(pattern)
			for range 25 {
				parts = append(parts, 1+r.IntN(4))
			}
			for i, n := range append(parts, 10) {
				for range n * module {
					rows[k] = append(rows[k], byte(255*(i%2)))
				}
			}
		}
	}
	return func(x, y int) byte { return rows[y/(3*module)%kinds][x] }
}

// BenchmarkStill24Megapixels scans one bomb of each kind for every format and for QR codes alone.
func BenchmarkStill24Megapixels(b *testing.B) {
	for _, kind := range slices.Sorted(maps.Keys(bombs)) {
		g := drawBomb(bombs[kind], 6000, 4000, 1)
		for name, formats := range map[string][]Format{"QR": {QRCode}, "all": nil} {
			b.Run(kind+"/"+name, func(b *testing.B) {
				s := Scanner{Formats: formats}
				for b.Loop() {
					_, err := s.ScanPlane(b.Context(), Plane{Pix: g.Pix, Width: g.W, Height: g.H, Stride: g.Stride})
					require.NoError(b, err, "a picture of 24 megapixels")
				}
			})
		}
	}
}

// TestAStepDoesNotBeginWhenTheWorkOfQRCodesIsDone counts work, not time: a sheet of finder patterns has a step look
// again as long as there is work left.
func TestAStepDoesNotBeginWhenTheWorkOfQRCodesIsDone(t *testing.T) {
	t.Parallel()
	g, begun := drawBomb(bombs["finders of 4"], 400, 300, 1), 0
	s := &Scanner{Formats: []Format{QRCode}, Trace: func(step string, _ []Symbol) {
		if step == "again" {
			begun++
		}
	}}
	x := search{Scanner: s, scratch: s.scratch(), plan: planFor(s)}
	defer x.leave()
	x.begin(t.Context(), *g)
	x.pyramid(&x.picture, x.plan)
	x.glance()
	require.Positive(t, x.qr.Work(), "the work of the glance")
	for _, c := range []struct{ work, begun int }{{x.qr.Work() - 1, 0}, {1 << 30, 1}} {
		effort := hardQR
		effort.Work, begun = c.work, 0
		qrStep("again", effort, (*level).local)(&x, x.levels[0])
		assert.Equal(t, c.begun, begun, "steps begun with %d looks to take", c.work)
	}
}
