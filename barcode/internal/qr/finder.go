// Package qr finds QR codes and samples their modules: finder patterns on run lengths, triples of them by how well they
// fit, corners on edges, a perspective that the fixed patterns confirm, alignment patterns where there are some.
// gozxing corrects the errors and reads the bit stream.
package qr

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A finder is a finder pattern.
type finder struct {
	at     pix.Point
	module float64
	hits   int
}

// finders returns what looks like a finder pattern: dark and light runs of 1:1:3:1:1 in rows, confirmed in the column
// through their middle and along the row again.
func finders(b *pix.Binary, out []finder) []finder {
	for y := 1; y < b.H; y++ {
		row := b.Bits[y*b.W : (y+1)*b.W]
		var runs [5]int
		n, start := 0, 0
		last := byte(0)
		for x := 0; x <= len(row); x++ {
			v := byte(0)
			if x < len(row) {
				v = row[x]
			}
			if v == last && x < len(row) {
				continue
			}
			// A run has ended.
			runs = [5]int{runs[1], runs[2], runs[3], runs[4], x - start}
			n++
			start = x
			if last == 1 && n >= 5 && looksLikeFinder(&runs) {
				out = confirm(b, out, float64(x)-float64(runs[4]+runs[3])-float64(runs[2])/2, y, &runs)
			}
			last = v
		}
	}
	return out
}

func looksLikeFinder(r *[5]int) bool {
	sum := r[0] + r[1] + r[2] + r[3] + r[4]
	if sum < 7 || min(r[0], r[1], r[2], r[3], r[4]) == 0 {
		return false
	}
	module := float64(sum) / 7
	slack := module*0.75 + 0.5
	for i, n := range r {
		want := module
		if i == 2 {
			want, n = 3*module, r[2]
			if math.Abs(float64(n)-want) > 2*slack {
				return false
			}
			continue
		}
		if math.Abs(float64(n)-want) > slack {
			return false
		}
	}
	return true
}

// confirm adds a candidate that the column confirms, or counts it with one that is there already.
func confirm(b *pix.Binary, out []finder, cx float64, y int, runs *[5]int) []finder {
	width := float64(runs[0] + runs[1] + runs[2] + runs[3] + runs[4])
	cy, height, ok := through(b, int(cx), y, 0, 1, int(2*width)+4)
	if !ok || height > 2.5*width || width > 2.5*height {
		return out
	}
	cx2, width2, ok := through(b, int(cx), int(cy), 1, 0, int(2*width)+4)
	if !ok {
		return out
	}
	module := (width2 + height) / 14
	for i := range out {
		f := &out[i]
		if math.Abs(f.at.X-cx2) < f.module*1.5 && math.Abs(f.at.Y-cy) < f.module*1.5 &&
			module < 1.6*f.module && f.module < 1.6*module {
			n := float64(f.hits)
			f.at = pix.Point{X: (f.at.X*n + cx2) / (n + 1), Y: (f.at.Y*n + cy) / (n + 1)}
			f.module = (f.module*n + module) / (n + 1)
			f.hits++
			return out
		}
	}
	return append(out, finder{pix.Point{X: cx2, Y: cy}, module, 1})
}

// through measures the five runs through x, y along dx, dy and returns their middle on that axis and their length.
func through(b *pix.Binary, x, y, dx, dy, limit int) (middle, length float64, ok bool) {
	if !b.Dark(x, y) {
		return 0, 0, false
	}
	var runs [5]int
	forward := side(b, x, y, dx, dy, limit, &runs, 1)
	backward := side(b, x, y, -dx, -dy, limit, &runs, -1)
	if forward < 0 || backward < 0 {
		return 0, 0, false
	}
	runs[2]-- // the pixel itself was counted twice
	if !looksLikeFinder(&runs) {
		return 0, 0, false
	}
	at := float64(x*dx + y*dy)
	// The middle of the inner square is surer than that of all five runs.
	ahead := float64(forward - runs[3] - runs[4])
	return at + ahead - float64(runs[2])/2, float64(forward + backward - 1), true
}

// side counts runs from the middle outwards and returns the sum, or -1.
func side(b *pix.Binary, x, y, dx, dy, limit int, runs *[5]int, step int) int {
	n := 0
	for k, want := 2, true; k >= 0 && k < 5; k, want = k+step, !want {
		from := n
		for n < limit && inside(b, x, y) && b.Dark(x, y) == want {
			runs[k]++
			n++
			x, y = x+dx, y+dy
		}
		if n == from || n >= limit {
			return -1
		}
	}
	return n
}

func inside(b *pix.Binary, x, y int) bool { return uint(x) < uint(b.W) && uint(y) < uint(b.H) }
