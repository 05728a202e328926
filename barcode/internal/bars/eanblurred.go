package bars

import (
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A fit takes long: so many places of one picture are tried, and of these so many that look promising with all blurs.
const triesAPicture, fitsAPicture = 1000, 240

// workOfTry, workOfFit and workOfClaim are the looks at pixels that take as long as a try, as a thorough one, and as a
// claim that is drawn closely.
const workOfTry, workOfFit, workOfClaim = 100_000, 1_000_000, 1_000_000

// leastAlike is the least correlation of a place with what lies a little beside it. Where a symbol was read in the even
// pictures it is at least 0.98; of the places tried in the pictures without a code one in twelve has 0.9.
const leastAlike = 0.9

// A fit is drawn closely where it is off by at most this share of the contrast, its least sure digit better than the
// next one by this much of its square, and its digits make a number.
const fitOff, fitBetter = 0.12, 0.0015

// quickOff is by how much the better of two fits may be off for others to be tried. Of 4,000 lines of random bars, of
// which 147 are then off by fitOff at most, those have less than 0.2 at first, and a third of the others more.
const quickOff = 0.2

// claimCertain is what the certainty of a claim must be, on every line. A fit alone is not enough: bars of one to four
// modules drawn by lot passed it in 1 of 1,000 symbols, and a UPC-A one half of which is much more blurred than the
// other in 1 of 1,500, with the same text on 3 to 8 lines. A photograph is lost at 36. Of 1,000,000 lines of random
// bars 657,671 pass the quick fits, 29,368 of these are near, the digits of one in 67 of these make a number, and 931,
// 198, 40, 8 and 3 of those that are near have a certainty of at least 5, 7, 9, 11 and 13. What is too rare to count
// is estimated level by level (TestTheChanceOfRandomBarsIsSmall): 5.7e-6 of the lines are as sure as 11.4, 9e-11 as
// 24.9, and 7e-13 as 29.9. With fitsAPicture thorough fits, and one in 64 a number, that is 3e-12 a picture, and
// 2e-10 if all of them made one. claimBlur is where the search for a blur begins, in modules.
const claimCertain, claimBlur = 30, 0.7

// Between two quiet zones may stand a blurred symbol where no space is longer than widestInside modules (four as
// printed, and what joins on), a module has leastModule pixels at least, and of its 59 elements blur has left so many.
const (
	widestInside, leastModule = 5.5, 0.9
	fewest, most              = 28, 64
)

// readBlurred looks for EAN-13 and UPC-A between two quiet zones of a line where nothing else has read one.
func (r *Reader) readBlurred(s *widths) {
	if !r.wanted.Has(symbol.EAN13) && !r.wanted.Has(symbol.UPCA) || r.readAlready() {
		return
	}
	for i := 0; i < len(s.w); i += 2 {
		widest := float32(0)
		for j := i + 2; j < len(s.w); j += 2 {
			module := (s.at[j] - s.at[i+1]) / 95
			if widest > widestInside*module && j-i > 60 {
				break
			}
			if j-i >= fewest && j-i <= most && module > leastModule && widest < widestInside*module &&
				min(s.w[i], s.w[j]) >= zone*module {
				r.fitBetween(s, i+1, j, module)
			}
			widest = max(widest, s.w[j])
		}
	}
}

// readAlready says whether enough lines have read such a symbol from its edges, or enough places were tried.
func (r *Reader) readAlready() bool {
	lines := 0
	for _, v := range r.votes {
		if v.format == symbol.EAN13 || v.format == symbol.UPCA {
			lines++
		}
	}
	return lines > 8 || r.fits >= fitsAPicture || r.tries >= triesAPicture
}

// knows says whether a place on the line is of a symbol that was read.
func (r *Reader) knows(t float32) bool {
	p := r.place.at(t)
	at := pix.Point{X: p.X / r.knownScale, Y: p.Y / r.knownScale}
	return anyHolds(hullsOf(r.known), at)
}

// fitBetween fits a symbol from element i to before element j, both ways until it is read. Blur moves the outer edges
// outwards.
func (r *Reader) fitBetween(s *widths, i, j int, module float32) {
	a, b := int(s.at[i]), min(int(s.at[j]), len(r.beside))
	if a >= b || r.knows((s.at[i]+s.at[j])/2) || correlation(r.line[a:b], r.beside[a:b]) < leastAlike {
		return
	}
	r.tries++
	r.work += workOfTry
	if r.fit == nil {
		r.fit = new(fit)
	}
	from, to := s.at[i], s.at[j]
	for _, backwards := range []bool{false, true} {
		sign := module
		if backwards {
			from, to, sign = to, from, -module
		}
		digits, off, margin := r.bestFit(from, to, sign)
		text, ok := thirteenDigits(digits)
		if !ok || off > fitOff || margin < fitBetter || !r.certain(from, to, digits) {
			continue
		}
		got := eanReading(text, i, j)
		got.fitted = true
		if backwards {
			n := len(s.w)
			got.from, got.to = n-j, n-i
			r.vote(&r.back, got)
		} else {
			r.vote(s, got)
		}
		return
	}
}

// certain says whether the digits of a fit are still the best ones when they are drawn closely.
func (r *Reader) certain(from, to float32, digits [12]byte) bool {
	c := &r.fit.claim
	if !c.set(r.line, float64(from), float64(to), digits, claimBlur) {
		return false
	}
	r.work += workOfClaim
	c.improve()
	return c.certainty() >= claimCertain
}

// bestFit tries two blurs, and where one comes near, others and ends of the symbol that lie farther inside.
func (r *Reader) bestFit(from, to, module float32) (digits [12]byte, off, margin float32) {
	off = 1e9
	for blur := 1; blur < 3; blur++ {
		if d, o, m := r.fit.read(r.line, from+0.2*module, to-0.2*module, blur); o < off {
			digits, off, margin = d, o, m
		}
	}
	if off > quickOff {
		return digits, off, margin
	}
	r.fits++
	r.work += workOfFit
	for k := range len(blurs) * 9 {
		a, b := float32(k%3)*0.4-0.2, 0.2-float32(k/3%3)*0.4
		if d, o, m := r.fit.read(r.line, from+a*module, to+b*module, k/9); o < off {
			digits, off, margin = d, o, m
		}
	}
	return digits, off, margin
}

// thirteenDigits returns the thirteen digits of a fit, whose first is told by the sets of the next six.
func thirteenDigits(digits [12]byte) (text []byte, ok bool) {
	text, setB := []byte{'0'}, 0
	for k, d := range digits {
		if k < 6 {
			setB = setB<<1 | int(d/10)
		}
		text = append(text, '0'+d%10)
	}
	first := index(eanFirst[:], setB)
	if first < 0 {
		return nil, false
	}
	text[0] += byte(first)
	return text, mod10(text)
}
