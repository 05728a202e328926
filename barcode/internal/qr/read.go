package qr

import (
	"slices"

	shades "github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A Reader reads QR codes from binary pictures. It keeps its buffers; it is for one goroutine.
type Reader struct {
	// Likely are the finder patterns with fine rings that the last Read saw outside of the symbols known. They are valid
	// until the next.
	Likely []Likely
	// Charset is the number of the character set of bytes that are no UTF-8 and for which the symbol names none; zero:
	// it is decided by them.
	Charset int

	finders [2][]finder // of dark symbols and of light ones
	kept    []found     // since Begin
	order   []*finder
	sure    []*finder
	passed  []finder
	open    [2]open
	edges   []int32
	triples []triple
	rims    []*rim
	lent    int // rims in this turn
	turn    int // of lending rims
	// hopeless are the triples, by their rims, that fit no symbol on paper of some shapes.
	hopeless map[[3]*rim]papers
	near     bool // whether the last one fitted some
	pins     []pin
	couples  []couple
	guesses  []pair
	modules  modules
	sizes    []int
	told     []int // the sizes that version information says
	bits     []byte
	work     int // looks at pixels since Begin
	found    int // those that it took to find finder patterns
	shades   shades.Shades
	effort   Effort
	gray     *pix.Gray // what the binary picture was made of
	cells    map[int][]cell
	// functions are the function modules of each size.
	functions map[int][]bool
}

// Begin begins another picture: its work is counted anew, and binary pictures seen before may have changed.
func (r *Reader) Begin() {
	r.work, r.found, r.kept = 0, 0, r.kept[:0]
	r.takeBack()
}

// Work is how many looks at pixels were taken since Begin.
func (r *Reader) Work() int { return r.work + r.found }

// Read returns the symbols in b, dark ones on light and light ones on dark. Those whose middle lies within one of known
// are passed over. Gray is what b was made of. What b holds must not change until Begin.
func (r *Reader) Read(gray *pix.Gray, b *pix.Binary, effort Effort, known [][4]pix.Point) (out []symbol.Symbol) {
	r.gray, r.effort, r.Likely = gray, effort, r.Likely[:0]
	found := r.findOnce(b, effort.Step)
	view := *b
	for k := range found {
		for _, s := range r.read(&view, found[k], effort, known) {
			out, known = append(out, s), append(known, s.Corners)
		}
		if len(out) > 0 && !effort.Both {
			break
		}
		view.Invert()
	}
	return out
}

// read returns the dark symbols of what was found.
func (r *Reader) read(b *pix.Binary, found []finder, effort Effort, known [][4]pix.Point) []symbol.Symbol {
	all := r.likeliest(b, found, effort, known)
	var out []symbol.Symbol
	if effort.QR {
		out = r.readNear(b, all, effort, known)
		for _, s := range out {
			known = append(known, s.Corners)
		}
		all = slices.DeleteFunc(all, func(f finder) bool { return pix.IsCovered(f.at, known) })
	}
	all = all[:min(len(all), effort.Finders)]
	if effort.QR {
		for _, s := range r.readQR(b, all, effort, known) {
			out, known = append(out, s), append(known, s.Corners)
		}
	}
	if effort.QR && effort.Pairs > 0 && len(out) == 0 {
		out = r.readPairs(b, all, effort, known)
	}
	if effort.Micro {
		out = append(out, r.readMicro(b, all, known)...)
	}
	return out
}

// readQR reads the QR codes of triples of finder patterns, the likeliest of all.
func (r *Reader) readQR(b *pix.Binary, all []finder, effort Effort, known [][4]pix.Point) []symbol.Symbol {
	r.triples = triples(r.triples[:0], all, effort)
	return r.readTriples(b, r.triples, effort, search{effort.papers(), effort.Triples}, known)
}
