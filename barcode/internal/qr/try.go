package qr

import (
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// try reads the symbol of one triple. One that fits no symbol on paper of a shape is not tried again on that: neither
// in another way of choosing triples nor in another look with more effort, as what decides it is the same.
func (r *Reader) try(b *pix.Binary, t triple, paper papers) (symbol.Symbol, bool) {
	key := [3]*rim{t.corner.rim, t.right.rim, t.below.rim}
	if r.hopeless[key]&paper == paper {
		return symbol.Symbol{}, false
	}
	r.work += workOfTry
	pins, sizes := r.measure(b, &t)
	r.pins, r.near = pins, false
	s, ok := r.fit(b, pins, r.versionSizes(b, &t, pins, sizes), paper)
	if !ok && !r.near {
		if r.hopeless == nil {
			r.hopeless = map[[3]*rim]papers{}
		}
		r.hopeless[key] |= paper
	}
	return s, ok
}

// workOfTry is the looks at pixels that take as long as to measure three finder patterns.
const workOfTry = 3 * rays * 40

// workOfLay is that of fitting a grid to three finder patterns.
const workOfLay = 1500

// workOfSearch is that of looking for an alignment pattern.
const workOfSearch = 20_000

// fit reads the symbol that the pins hold, of one of the sizes, on paper of one of the shapes.
func (r *Reader) fit(b *pix.Binary, pins []pin, sizes []int, papers papers) (symbol.Symbol, bool) {
	for _, size := range sizes {
		if papers&flatPaper == 0 {
			break
		}
		if s, ok := r.readSize(b, pins, size, curve{}); ok {
			return s, true
		}
	}
	for _, size := range sizes {
		if papers&bentPaper == 0 {
			break
		}
		if c := r.bestCurve(b, pins, size); c != (curve{}) {
			if s, ok := r.readSize(b, pins, size, c); ok {
				return s, true
			}
		}
	}
	return symbol.Symbol{}, false
}

// readSize reads the symbol as one of a size on paper of a shape.
func (r *Reader) readSize(b *pix.Binary, pins []pin, size int, c curve) (symbol.Symbol, bool) {
	var g grid
	fit := r.place(b, &g, pins, size, c)
	r.near = r.near || fit >= leastFit
	if fit < max(leastFit, r.effort.Fit) {
		return symbol.Symbol{}, false
	}
	return r.attempt(b, &g, r.decode)
}

// attempt reads the modules of a grid in one way after the other: off the binary picture, then as they are lighter or
// darker than those around them.
func (r *Reader) attempt(b *pix.Binary, g *grid, decode func(*modules) (reading, bool)) (symbol.Symbol, bool) {
	r.shades.Forget()
	r.work += 10 * g.size * g.size
	for way := range 5 {
		switch way {
		case 0:
			g.sample(&r.modules, b, 1)
		case 1:
			g.sample(&r.modules, b, len(probes))
		case 2:
			r.takeShades(g, b.Negative())
			r.classify(0)
		default:
			r.classify(float32(way-2) * 0.5)
		}
		if s, ok := decode(&r.modules); ok {
			return r.result(b, g, s), true
		}
	}
	if g.size >= 21 && r.effort.Curves {
		r.classify(0)
		if s, ok := r.decodeDoubtful(&r.modules); ok {
			return r.result(b, g, s), true
		}
	}
	return symbol.Symbol{}, false
}

// result is what was read, with its corners and quality.
func (r *Reader) result(b *pix.Binary, g *grid, s reading) symbol.Symbol {
	if s.mirrored {
		r.modules.transpose()
	}
	if r.shades.IsEmpty() {
		r.takeShades(g, b.Negative())
	}
	s.Corners = g.corners(s.mirrored)
	s.Quality.Module = module(s.Corners, g.size)
	r.shades.Quality(r.modules.dark, &s.Quality)
	return s.Symbol
}
