// Package aztec reads Aztec codes (ISO/IEC 24778): compact and full ones, light on dark as well, and in a mirror.
package aztec

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A Reader reads Aztec codes from pictures. It keeps its buffers; it is for one goroutine.
type Reader struct {
	// Charset is the number of the character set of bytes that are no UTF-8 and for which the symbol names none; zero:
	// it is decided by them.
	Charset int

	modules.Meter
	eyes   []eye
	sights []sight // of those whose marks may be there
	edges  []int32
	shades modules.Shades
	dark   []bool
	orders map[mode][]int // without the number of data codewords
	rings  map[ring][]modules.Mark
	vain   int // bull's-eyes on which a grid settled in vain
}

// mostVain is on how many bull's-eyes of a picture a grid may settle in vain: it takes two milliseconds, and a sheet of
// small squares has hundreds that are likely.
const mostVain = 40

// Read returns the symbols in b, which was made of gray, dark ones on light and light ones on dark. Those whose middle
// lies within one of known are passed over.
func (r *Reader) Read(
	gray *pix.Gray, b *pix.Binary, effort modules.Effort, known [][4]pix.Point,
) (out []symbol.Symbol) {
	r.Start()
	r.find(b, effort.Step)
	r.look(gray, b, effort, known)
	r.vain = 0
	for i := range r.sights {
		v := &r.sights[i]
		if r.vain >= mostVain || r.IsSpent(&effort) {
			break
		}
		if pix.IsCovered(v.middle(), known) {
			continue
		}
		if s, ok := r.read(*v, effort); ok {
			out, known = append(out, s), append(known, s.Corners)
		}
	}
	return out
}

// look lays a grid over each eye and keeps those whose marks may be there, the clearest first: a symbol has places that
// look like a bull's-eye, and to settle on them takes long.
func (r *Reader) look(gray *pix.Gray, b *pix.Binary, effort modules.Effort, known [][4]pix.Point) {
	r.sights = r.sights[:0]
	for i := range r.eyes {
		k := &r.eyes[i]
		if r.IsSpent(&effort) {
			return
		}
		if pix.IsCovered(k.at, known) {
			continue
		}
		r.Add(int(rays * 7 * k.module))
		g, ok := k.square(b)
		if !ok {
			continue
		}
		v := sight{meter: &r.Meter, gray: gray, grid: g.Grow(1), light: k.light}
		if v.likely(r.bullseye(9, k.light)) {
			r.sights = append(r.sights, v)
		}
	}
	slices.SortStableFunc(r.sights, func(a, b sight) int { return cmp.Compare(b.right, a.right) })
}

const (
	// leastContrast is how much lighter the light rings must be than the dark ones, in luma.
	leastContrast = 8
	// leastRings is the share of the modules of the rings that must be right.
	leastRings = 0.85
	// likelyRings is that share before the grid has settled.
	likelyRings = 0.65
)

// A sight is a bull's-eye on which a grid lies.
type sight struct {
	meter *modules.Meter
	gray  *pix.Gray
	grid  modules.Grid // of the innermost nine modules
	light bool
	level float64 // parts dark from light
	right float64 // the share of the marks that was right at last
	// unsettled says that the grid is to be taken as it lies.
	unsettled bool
}

// A ring is a square of marks that the reader keeps.
type ring struct {
	size  int
	light bool
}

func (r *Reader) bullseye(size int, light bool) []modules.Mark {
	if r.rings == nil {
		r.rings = map[ring][]modules.Mark{}
	}
	k := ring{size, light}
	if r.rings[k] == nil {
		r.rings[k] = bullseye(size, light)
	}
	return r.rings[k]
}

// middle is that of the bull's-eye.
func (v *sight) middle() pix.Point {
	return v.grid.Map(float64(v.grid.Columns)/2, float64(v.grid.Rows)/2)
}

// read reads the symbol around a bull's-eye.
func (r *Reader) read(v sight, effort modules.Effort) (s symbol.Symbol, ok bool) {
	marks := r.bullseye(9, v.light)
	if s, ok = r.readUnsettled(v, marks, effort); ok {
		return s, true
	}
	r.vain++
	if !v.settle(marks, 0.25) {
		return s, false
	}
	for _, compact := range v.kinds() {
		if s, ok = r.readAs(v, compact, effort); ok {
			r.vain--
			return s, true
		}
	}
	return s, false
}

// readUnsettled reads the symbol with the grid as it lies, where its rings fit, and keeps what is clean: to settle
// takes many times as long.
func (r *Reader) readUnsettled(v sight, marks []modules.Mark, effort modules.Effort) (s symbol.Symbol, ok bool) {
	dark, light := v.grid.Levels(v.gray, marks)
	if v.level = (dark + light) / 2; light-dark < leastContrast || !v.grid.Sound() ||
		v.grid.Right(v.gray, marks, v.level) < leastRings {
		return s, false
	}
	v.unsettled = true
	for _, compact := range v.kinds() {
		if s, ok = r.readAs(v, compact, effort); ok && s.Quality.UnusedCorrection >= clean {
			return s, true
		}
	}
	return s, false
}

// likely says whether the marks may be there.
func (v *sight) likely(marks []modules.Mark) bool {
	dark, light := v.grid.Levels(v.gray, marks)
	if light <= dark {
		return false
	}
	v.right = v.grid.Right(v.gray, marks, (dark+light)/2)
	return v.right >= likelyRings
}

// settle moves the grid to where its marks are clearest, and says whether they are clear enough.
func (v *sight) settle(marks []modules.Mark, step float64) bool {
	if !v.likely(marks) {
		return false
	}
	v.grid.Tune(step, func(g *modules.Grid) float64 {
		v.meter.AddGrid(len(marks))
		dark, light := g.Levels(v.gray, marks)
		return light - dark
	})
	dark, light := v.grid.Levels(v.gray, marks)
	v.level = (dark + light) / 2
	return light-dark >= leastContrast && v.grid.Sound() && v.grid.Right(v.gray, marks, v.level) >= leastRings
}

// kinds are compact and full, the likelier first: a full symbol has two more rings, a light one and a dark one.
func (v *sight) kinds() [2]bool {
	g := v.grid.Grow(2)
	n, all := 0, 0
	for y := range g.Rows {
		for x := range g.Columns {
			d := max(x-6, 6-x, y-6, 6-y)
			if d < 5 {
				continue
			}
			if all++; v.dark(&g, x, y) == (d == 6) {
				n++
			}
		}
	}
	compact := float64(n) < leastRings*float64(all)
	return [2]bool{compact, !compact}
}

// dark says whether a module is dark, or light in a light symbol.
func (v *sight) dark(g *modules.Grid, x, y int) bool {
	p := g.Map(float64(x)+0.5, float64(y)+0.5)
	return float64(v.gray.Interpolate(p.X, p.Y)) < v.level != v.light
}

// mostMisfit is how many of the twelve orientation marks may be wrong: any two turns differ in six.
const mostMisfit = 2

// A pose is a way to look at a symbol: its grid turned, or mirrored, so that it is upright.
type pose struct {
	core
	grid   modules.Grid
	misfit int
}

// readAs reads the symbol as a compact or a full one, in each pose that its orientation marks allow.
func (r *Reader) readAs(v sight, compact bool, effort modules.Effort) (s symbol.Symbol, ok bool) {
	size := coreOf(compact)
	if !compact && !v.settleFull(r.bullseye(13, v.light)) {
		return s, false
	}
	v.grid = v.grid.Grow((size - v.grid.Columns) / 2)
	corners := v.grid.Corners()
	var poses []pose
	for i := range 8 {
		c := corners
		if i >= 4 {
			c[1], c[3] = c[3], c[1]
		}
		p := pose{grid: modules.NewGrid(size, size, &[4]pix.Point{c[i%4], c[(i+1)%4], c[(i+2)%4], c[(i+3)%4]})}
		p.core = core{compact, func(x, y int) bool { return v.dark(&p.grid, x, y) }}
		if p.misfit = p.core.misfit(); p.misfit <= mostMisfit {
			poses = append(poses, p)
		}
	}
	slices.SortStableFunc(poses, func(a, b pose) int { return cmp.Compare(a.misfit, b.misfit) })
	for _, p := range poses {
		if m, ok := p.mode(); ok {
			if s, ok = r.readLayers(&v, p.grid, m, effort); ok {
				return s, true
			}
		}
	}
	return s, false
}

// settleFull lays the grid over the rings of a full symbol.
func (v *sight) settleFull(marks []modules.Mark) bool {
	v.grid = v.grid.Grow(2)
	if v.unsettled {
		return v.likely(marks)
	}
	return v.settle(marks, 0.25)
}
