package barcode

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pdf417/pdf417test"
)

// A decoy draws how light a place is, 0 to 1, in a picture that holds no symbol but looks like parts of one. Its seed
// fixes it; x and y are in pixels, turned and moved as a hand would.
type decoy func(r *rand.Rand) func(x, y float64) float64

var decoys = map[string]decoy{
	"noise": func(r *rand.Rand) func(x, y float64) float64 {
		return func(_, _ float64) float64 { return r.Float64() }
	},
	"stripes":          stripes,
	"two gratings":     gratings,
	"fence":            func(r *rand.Rand) func(x, y float64) float64 { return fence(r, 1, 2, 3, 4) },
	"fence of two":     func(r *rand.Rand) func(x, y float64) float64 { return fence(r, 1, 3) },
	"fence of three":   func(r *rand.Rand) func(x, y float64) float64 { return fence(r, 2, 5) },
	"boards":           boards,
	"text":             text,
	"halftone":         halftone,
	"checkerboard":     checkerboard,
	"bricks":           bricks,
	"circles":          circles,
	"gradient":         gradient,
	"boxes":            boxes,
	"modules":          func(r *rand.Rand) func(x, y float64) float64 { return randomModules(r, nil) },
	"finders":          func(r *rand.Rand) func(x, y float64) float64 { return randomModules(r, finders) },
	"finders alone":    func(r *rand.Rand) func(x, y float64) float64 { return randomModules(r, lonely) },
	"bull's eye":       func(r *rand.Rand) func(x, y float64) float64 { return randomModules(r, bullseye) },
	"solid and dotted": func(r *rand.Rand) func(x, y float64) float64 { return randomModules(r, border) },
	"guards":           guards,
	"any codewords":    codewords,
	"fabric":           fabric,
	"letters":          strokes,
	"two fences":       twoFences,
	"label":            label,
	"labels over bars": labelled,
}

// square makes black and white of a wave, a little soft at the edges.
func square(v, period float64) float64 { return min(1, max(0, 0.5+v*period/3)) }

func stripes(r *rand.Rand) func(x, y float64) float64 {
	period, hard := 2+20*r.Float64()*r.Float64(), r.IntN(2) == 0
	return func(x, _ float64) float64 {
		v := math.Sin(2 * math.Pi * x / period)
		if hard {
			return square(v, period)
		}
		return 0.5 + v/2
	}
}

func gratings(r *rand.Rand) func(x, y float64) float64 {
	a, b, slope := 2+6*r.Float64(), 2+6*r.Float64(), r.Float64()/3
	return func(x, y float64) float64 {
		return 0.5 + math.Sin(2*math.Pi*x/a)/4 + math.Sin(2*math.Pi*(x+slope*y)/b)/4
	}
}

// fence draws bars and gaps of so many modules, drawn by lot, in groups with wide gaps between.
func fence(r *rand.Rand, modules ...int) func(x, y float64) float64 {
	var edges []float64
	module := 1 + 3*r.Float64()
	for x := -700.0; x < 700; {
		for range 10 + r.IntN(80) {
			x += module * float64(modules[r.IntN(len(modules))])
			edges = append(edges, x)
		}
		x += 12 * module
	}
	return func(x, _ float64) float64 {
		i, _ := slices.BinarySearch(edges, x)
		return float64(i % 2)
	}
}

// boards are bars whose width swells, as blinds in perspective.
func boards(r *rand.Rand) func(x, y float64) float64 {
	period, swell, share := 4+10*r.Float64(), 100+300*r.Float64(), 0.3+0.4*r.Float64()
	return func(x, y float64) float64 {
		phase := math.Mod(x/(period*(1.5+math.Sin(x/swell)))+1000+y/900, 1)
		if phase < share {
			return 0.1
		}
		return 0.8
	}
}

// text is rows of strokes of the size of letters.
func text(r *rand.Rand) func(x, y float64) float64 {
	size := 4 + 10*r.Float64()
	var glyphs [64][5]uint8
	for i := range glyphs {
		for k := range glyphs[i] {
			strokes, gaps := uint8(r.IntN(16)), uint8(r.IntN(16))
			glyphs[i][k] = strokes &^ gaps
		}
	}
	return func(x, y float64) float64 {
		col, row := math.Floor(x/size), math.Floor(y/(2*size))
		u, v := int(5*(x/size-col)), int(10*(y/(2*size)-row))
		if u > 3 || v > 4 || math.Mod(col*7+row*3, 6) == 0 {
			return 1
		}
		g := glyphs[(int(col)*31+int(row)*17)&63]
		return 1 - float64(g[v]>>u&1)
	}
}

func halftone(r *rand.Rand) func(x, y float64) float64 {
	pitch, wide := 3+6*r.Float64(), 40+100*r.Float64()
	return func(x, y float64) float64 {
		light := 0.5 + math.Sin(x/wide)*math.Cos(y/wide)/2
		return square(math.Sin(math.Pi*x/pitch)*math.Sin(math.Pi*y/pitch)+2*light-1, pitch)
	}
}

func checkerboard(r *rand.Rand) func(x, y float64) float64 {
	side := 2 + 20*r.Float64()*r.Float64()
	return func(x, y float64) float64 {
		return float64((int(math.Floor(x/side)) + int(math.Floor(y/side))) & 1)
	}
}

func bricks(r *rand.Rand) func(x, y float64) float64 {
	w, h, mortar := 10+30*r.Float64(), 5+15*r.Float64(), 1+2*r.Float64()
	return func(x, y float64) float64 {
		row := math.Floor(y / h)
		u, v := math.Mod(x+w*1000+row*w/2, w), y-row*h
		if u < mortar || v < mortar {
			return 0.9
		}
		return 0.2
	}
}

func circles(r *rand.Rand) func(x, y float64) float64 {
	period, growth := 3+10*r.Float64(), r.Float64()/200
	return func(x, y float64) float64 {
		d := math.Hypot(x, y)
		return square(math.Sin(2*math.Pi*d/(period*(1+growth*d))), period)
	}
}

func gradient(r *rand.Rand) func(x, y float64) float64 {
	wide, bands := 100+300*r.Float64(), 2+r.IntN(20)
	return func(x, y float64) float64 {
		v := 0.5 + math.Sin(x/wide)/4 + math.Cos(y/wide)/4
		return math.Floor(v*float64(bands)) / float64(bands)
	}
}

func boxes(r *rand.Rand) func(x, y float64) float64 {
	type box struct{ x, y, w, h, light float64 }
	all := make([]box, 60)
	for i := range all {
		all[i] = box{600*r.Float64() - 350, 600*r.Float64() - 350, 100 * r.Float64(), 100 * r.Float64(), r.Float64()}
	}
	return func(x, y float64) float64 {
		light := 0.8
		for _, b := range all {
			if x >= b.x && x < b.x+b.w && y >= b.y && y < b.y+b.h {
				light = b.light
			}
		}
		return light
	}
}

// randomModules is a square of dark and light modules by lot, over which a pattern is drawn: 0 light, 1 dark, -1 as it
// is.
func randomModules(r *rand.Rand, pattern func(x, y, n int) int) func(x, y float64) float64 {
	n := 10 + 2*r.IntN(20)
	side := (50 + 90*r.Float64()) / float64(n)
	if pattern == nil {
		pattern = func(_, _, _ int) int { return -1 }
	}
	dark := make([]bool, n*n)
	for i := range dark {
		dark[i] = r.IntN(2) == 0
		if v := pattern(i%n, i/n, n); v >= 0 {
			dark[i] = v > 0
		}
	}
	return func(x, y float64) float64 {
		u, v := int(math.Floor(x/side+float64(n)/2)), int(math.Floor(y/side+float64(n)/2))
		if u < 0 || v < 0 || u >= n || v >= n || !dark[v*n+u] {
			return 1
		}
		return 0
	}
}

// ring is dark at a distance of 3, 1 and 0 from a centre, as a QR code's finder is; -1 beyond 4.
func ring(x, y int) int {
	switch d := max(max(x, -x), max(y, -y)); {
	case d > 4:
		return -1
	case d == 4 || d == 2:
		return 0
	}
	return 1
}

func finders(x, y, n int) int {
	return max(ring(x-3, y-3), ring(x-n+4, y-3), ring(x-3, y-n+4))
}

func lonely(x, y, n int) int { return max(0, finders(x, y, n)) }

func bullseye(x, y, n int) int {
	x, y = x-n/2, y-n/2
	d := max(max(x, -x), max(y, -y))
	if d > 5 {
		return -1
	}
	return 1 - d%2
}

func border(x, y, n int) int {
	switch {
	case x == 0 || y == n-1:
		return 1
	case y == 0 || x == n-1:
		return (x + y) % 2
	}
	return -1
}

// guards is an EAN-13 whose check digit is wrong, or whose guards are.
func guards(r *rand.Rand) func(x, y float64) float64 {
	left := [10]uint8{0b0001101, 0b0011001, 0b0010011, 0b0111101, 0b0100011, 0b0110001, 0b0101111, 0b0111011, 0b0110111,
		0b0001011}
	bits, sum := []uint8{1, 0, 1}, 0
	for i := range 12 {
		digit := r.IntN(10)
		sum += digit * (1 + 2*((i+1)%2))
		if i == 11 && sum%10 == 0 { // that would be right
			digit = (digit + 1) % 10
		}
		if i == 6 {
			bits = append(bits, 0, 1, 0, 1, 0)
		}
		code := left[digit]
		if i >= 6 {
			code = ^code
		}
		for k := range 7 {
			bits = append(bits, code>>(6-k)&1)
		}
	}
	bits = append(bits, 1, 0, 1)
	if r.IntN(2) == 0 {
		bits[46] ^= 1
	}
	module := 1.5 + 2*r.Float64()
	return func(x, y float64) float64 {
		i := int(math.Floor(x/module + float64(len(bits))/2))
		if i < 0 || i >= len(bits) || math.Abs(y) > 70 {
			return 1
		}
		return 1 - float64(bits[i])
	}
}

// codewords is a PDF417 with all that it needs but codewords that mean something.
func codewords(r *rand.Rand) func(x, y float64) float64 {
	s := pdf417test.Symbol{Columns: 1 + r.IntN(4), Rows: 5 + r.IntN(10), Level: r.IntN(2), RowHeight: 3, Scale: 1}
	words := make([]int, s.Rows*s.Columns)
	for i := range words {
		words[i] = r.IntN(929)
	}
	img, module := s.Draw(words), 1.2+1.2*r.Float64()
	return func(x, y float64) float64 {
		u := int(math.Floor(x/module)) + img.Rect.Dx()/2
		v := int(math.Floor(y/module)) + img.Rect.Dy()/2
		if u < 0 || v < 0 || u >= img.Rect.Dx() || v >= img.Rect.Dy() {
			return 1
		}
		return float64(img.Pix[v*img.Stride+u]) / 255
	}
}
