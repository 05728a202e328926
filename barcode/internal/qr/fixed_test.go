package qr

import (
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qrtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const pinned = 5 // pixels a module

// spotted is a code, and its grid, with the first so many of some of its fixed modules in the other colour.
func spotted(c *qrtest.Code, cells []cell, wrong int) (*pix.Binary, *grid) {
	g := photograph(c, pinned, flatWarp)
	for _, m := range cells[:wrong] {
		x, y := int((m.u+3.5)*pinned), int((m.v+3.5)*pinned)
		for k := range pinned * pinned {
			p := &g.Row(y + k/pinned)[x+k%pinned]
			*p = 255 - *p
		}
	}
	h := pix.Homography{pinned, 0, 4 * pinned, 0, pinned, 4 * pinned, 0, 0, 1}
	return binary(g), &grid{h: h, size: c.Size}
}

// pinsOf are the pins of three whole finder patterns.
func pinsOf(g *grid) (pins []pin) {
	for k := range 3 {
		for _, o := range [5][2]float64{{3.5, 3.5}, {0, 0}, {7, 0}, {7, 7}, {0, 7}} {
			p := pin{finder: k, u: o[0], v: o[1]}
			m := p.module(g.size)
			p.at = g.h.Map(m.X, m.Y)
			pins = append(pins, p)
		}
	}
	return pins
}

func TestAGridIsLikelyWhereItsFinderPatternsAre(t *testing.T) {
	c := code(t, 1, 'M')
	for wrong, want := range map[int]bool{0: true, 65: true, 80: false, 120: false} {
		var r Reader
		b, g := spotted(c, fixedModules(c.Size), wrong)
		assert.Equal(t, want, r.likely(b, g), "%d of 243 modules are wrong", wrong)
	}
}

// Of the ten modules of the timing patterns six must be right.
func TestAGridIsPlacedWhereItsTimingPatternsAre(t *testing.T) {
	c := code(t, 1, 'M')
	for wrong, want := range map[int]bool{0: true, 3: true, 4: true, 5: false, 6: false} {
		r := Reader{effort: all()}
		b, g := spotted(c, r.timing(c.Size), wrong)
		fit := r.place(b, new(grid), pinsOf(g), c.Size, curve{})
		assert.Equal(t, want, fit > 0, "%d modules of ten are wrong: the fit is %.2f", wrong, fit)
	}
}

// Half of the alignment patterns must be there for a symbol to be read tile by tile.
func TestASymbolIsTiledByHalfOfItsAlignmentPatterns(t *testing.T) {
	c := code(t, 20, 'L')
	at := alignments(c.Size)
	require.Len(t, at, 13, "the alignment patterns of version 20")
	for missing, want := range map[int]bool{0: true, 5: true, 6: true, 7: false, 8: false} {
		picture := photograph(c, pinned, flatWarp)
		for _, p := range at[len(at)-missing:] {
			for k := range 25 * pinned * pinned {
				x, y := int((p[0]+1.5)*pinned)+k%(5*pinned), int((p[1]+1.5)*pinned)+k/(5*pinned)
				picture.Row(y)[x] = 255
			}
		}
		h := pix.Homography{pinned, 0, 4 * pinned, 0, pinned, 4 * pinned, 0, 0, 1}
		var r Reader
		fit := r.tiles(binary(picture), &grid{h: h, size: c.Size}, pinsOf(&grid{h: h, size: c.Size}))
		assert.Equal(t, want, fit > 0, "%d of 13 alignment patterns are missing: the fit is %.2f", missing, fit)
	}
}

// An alignment pattern is looked for in all sizes but the smallest, which has none.
func TestTheWorkOfPlacingAGrid(t *testing.T) {
	for version, looks := range map[int]int{1: 0, 2: 20_000, 6: 20_000} {
		c := code(t, version, 'M')
		r := Reader{effort: all()}
		b, g := spotted(c, nil, 0)
		require.Greater(t, r.place(b, new(grid), pinsOf(g), c.Size, curve{}), 0.99, "the grid fits")
		assert.Equal(t, looks+finderCells, r.work, "the looks at version %d", version)
	}
}

// A grid is moved where more than three of 100 looks at its fixed modules are wrong: by eight tenths of a module, by
// half of that and by half again, each corner in four ways.
func TestAGridIsSettledWhereItIsWrong(t *testing.T) {
	c := code(t, 1, 'M')
	cells := fixedModules(c.Size)
	for wrong, want := range map[int]bool{0: false, 6: false, 9: true, 20: true} { // of 253, each with five looks
		var r Reader
		b, g := spotted(c, cells, wrong)
		fit := r.settle(b, g, cells)
		assert.Equal(t, want, r.work > 0, "%d modules of %d are wrong: the fit is %.3f", wrong, len(cells), fit)
	}
	var r Reader
	_, g := spotted(c, cells, 0)
	r.settle(binary(pix.NewGray(8, 8)), g, cells)
	assert.Equal(t, 3*16*5*len(cells), r.work, "the looks where nothing helps")
}

// A module is looked at a quarter of its side beside its middle, its luma is taken nearer.
func TestAModuleIsLookedAtBesideItsMiddle(t *testing.T) {
	for half, c := range map[int]struct {
		misses int
		luma   float64
	}{3: {4, 204}, 8: {4, 0}, 12: {0, 0}} {
		p := pix.NewGray(120, 120)
		for i := range p.Pix {
			x, y := i%p.W-60, i/p.W-60
			if p.Pix[i] = 255; min(x, y) >= -half && max(x, y) < half {
				p.Pix[i] = 0
			}
		}
		g := &grid{h: pix.Homography{40, 0, 40, 0, 40, 40, 0, 0, 1}, size: 1}
		assert.Equal(t, c.misses, misses(binary(p), g, []cell{{0.5, 0.5, true}}, len(probes), 5),
			"looks that miss a dark square of %d pixels in a module of 40", 2*half)
		r := Reader{gray: p}
		luma, ok := r.luma(g, 0.5, 0.5)
		assert.True(t, ok, "the module is in the picture")
		assert.InDelta(t, c.luma, luma, 1, "its luma with a dark square of %d pixels", 2*half)
	}
}

func TestAModuleIsWhatMostLooksSay(t *testing.T) {
	for darkOnes, want := range map[int]bool{1: false, 2: false, 3: true, 5: true} {
		p := pix.NewGray(40, 40)
		for i := range p.Pix {
			p.Pix[i] = 255
		}
		for _, o := range probes[:darkOnes] {
			x, y := int(20+40*0.8*o[0]), int(20+40*0.8*o[1])
			for k := range 16 {
				p.Row(y - 2 + k/4)[x-2+k%4] = 0
			}
		}
		g := grid{h: pix.Homography{40, 0, 0, 0, 40, 0, 0, 0, 1}, size: 1}
		var m modules
		g.sample(&m, binary(p), len(probes))
		assert.Equal(t, want, m.dark[0], "%d of five looks are dark", darkOnes)
	}
}

func TestVersionInformationMayHaveThreeBitsWrong(t *testing.T) {
	for _, version := range []int{7, 21, 40} {
		for wrong, want := range []int{version, version, version, version, 0} {
			spoilt := versionWord(uint32(version))
			for k := range wrong {
				spoilt ^= 1 << (5 * k)
			}
			assert.Equal(t, want, versionOf(spoilt), "version %d with %d bits wrong", version, wrong)
		}
	}
}

// What version information says must be near what the finder patterns measure.
func TestVersionInformationIsNearWhatIsMeasured(t *testing.T) {
	c := code(t, 7, 'M')
	b, g := spotted(c, nil, 0)
	for measured, want := range map[float64]bool{45: true, 36: true, 35: false, 57: true, 59: false, 30: false} {
		module := pinned * 38 / (measured - 7)
		at := func(k int) *finder {
			m := pin{finder: k, u: 3.5, v: 3.5}.module(c.Size)
			return &finder{at: g.h.Map(m.X, m.Y), module: module}
		}
		var r Reader
		sizes := r.versionSizes(b, &triple{corner: at(0), right: at(1), below: at(2)}, pinsOf(g), []int{41, 45, 49})
		assert.Equal(t, want, sizes[0] == 45, "45 modules where %v are measured", measured)
	}
}

// Each erasure takes one check codeword, and five vouch for what was filled in.
func TestSomeCheckCodewordsVouchForErasures(t *testing.T) {
	for wrong, want := range map[int]bool{10: true, 15: true, 16: false, 18: false} {
		words := block(t, rand.New(rand.NewPCG(9, 9)), 10, 20)
		sent := append([]byte(nil), words...)
		var weak []int
		for i := range words {
			if i < wrong {
				words[i] ^= 0x5a
			}
			weak = append(weak, i)
		}
		ok := settleBlock(words, 10, weak)
		assert.Equal(t, want, ok, "%d wrong codewords, the most doubtful of 30", wrong)
		if ok {
			assert.Equal(t, sent, words, "with %d wrong codewords filled in", wrong)
		}
	}
}

// Where codewords are taken as lost one bit of the format information may be wrong.
func TestDoubtfulSymbolsNeedTheirFormat(t *testing.T) {
	drawn := code(t, 3, 'Q')
	last := drawn.Size - 1
	for wrong, want := range map[int]int{0: 1, 1: 1, 2: 0} {
		g := stained(drawn, 12, 130)
		for k := range wrong {
			for _, p := range [2][2]int{{8, k}, {last - k, 8}} {
				for i := range 16 {
					v := &g.Row(4*(p[1]+4) + i/4)[4*(p[0]+4)+i%4]
					*v = 255 - *v
				}
			}
		}
		assert.Len(t, read(g, all()), want, "%d bits of both copies are wrong", wrong)
	}
}

// microSpotted is a Micro QR code of 17 modules with the first so many of some fixed modules wrong.
func microSpotted(t *testing.T, cells []cell, wrong int) (*pix.Gray, pix.Homography) {
	t.Helper()
	img, err := qrtest.Micro("M4-L", 0, qrtest.Bits{}.Add(2, 3).Add(2, 5).Add('O', 8).Add('K', 8))
	require.NoError(t, err, "a Micro QR code is drawn")
	g := pix.FromImage(img)
	for _, m := range cells[:wrong] {
		for i := range drawnModule * drawnModule {
			x, y := int((m.u-0.5)*drawnModule)+drawnQuiet, int((m.v-0.5)*drawnModule)+drawnQuiet
			v := &g.Row(y + i/drawnModule)[x+i%drawnModule]
			*v = 255 - *v
		}
	}
	return g, pix.Homography{drawnModule, 0, drawnQuiet, 0, drawnModule, drawnQuiet, 0, 0, 1}
}

// The fixed modules of a Micro QR code must be right nearly all: finder pattern, timing patterns, quiet zone.
func TestAMicroQRIsWhereItsFixedModulesAre(t *testing.T) {
	const size = 17
	cells := microFixed(size)
	finder, timing, quiet := cells[:64], cells[64:64+2*(size-8)], cells[64+2*(size-8):]
	for name, c := range map[string]struct {
		of   []cell
		some int // that may be wrong
		many int
	}{
		"the finder pattern": {finder, 4, 9}, "the timing patterns": {timing, 1, 4},
		"the quiet zone": {quiet, 1, len(quiet) / 5},
	} {
		for wrong, want := range map[int]bool{0: true, c.some: true, c.many: false} {
			g, h := microSpotted(t, c.of, wrong)
			r := Reader{effort: all(), gray: g}
			s, ok := r.microAt(binary(g), h, size)
			assert.Equal(t, want, ok, "%s: %d of %d modules are wrong", name, wrong, len(c.of))
			if ok {
				assert.Equal(t, "OK", s.Text, "%s: the text", name)
			}
		}
	}
}
