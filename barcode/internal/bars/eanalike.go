package bars

import "slices"

// eanFits are how the digits of a symbol fit what was measured.
type eanFits struct {
	costs   [12]float32 // the sums of the squares
	spreads [12]float32 // how much wider than printed the bars of a digit are, beside the spread of the guards
	swaps   [12]bool    // whether it is 1, 2, 7 or 8
	n       int
}

// The digits 1 and 7, and 2 and 8, have the same distances between like edges: bars that are a module wider make one
// of the other. So the bars of these are as wide as those of the others, but for spreadOff modules: half a module is as
// far from the one as from the other. A UPC-A and an EAN-8 at 1.5 and 1.8 pixels a module, whose guards blur had spread
// by more than the digits, were read with wrong ones, 0.6 and 0.5 off. Of 66 pictures of EAN and UPC in three rotations
// this and what follows lose none. They are as wide as those of the nearest others, but for nearOff: moiré made three
// digits of an EAN-8 three others, 0.4 off the mean of all, whose halves differed, and 0.55 to 0.7 off the nearest. A
// blurred picture of an EAN-13 has 0.44.
const spreadOff, nearOff = 0.4, 0.5

// What covers digits may look like digits, and never fits as well as those that it does not cover: none is farther off
// than costLeast and costTimes the median. Of a fabric over a sharp EAN-8 two digits were off by 0.8 and 1.0, the
// others by less than 0.1.
const costLeast, costTimes = 0.5, 4

// add notes a digit of set A or B, 0 to 19, whose first element is a bar or not, and how far off it is.
func (f *eanFits) add(w *[4]float32, digit int, dark bool, cost float32) {
	if f.n == len(f.costs) {
		return
	}
	spread := float32(0)
	for k, x := range w {
		if off := x - eanElement(digit, k); (k%2 == 0) == dark {
			spread += off / 4
		} else {
			spread -= off / 4
		}
	}
	f.costs[f.n], f.spreads[f.n] = cost, spread
	f.swaps[f.n] = slices.Contains([]int{1, 2, 7, 8}, digit%10)
	f.n++
}

// around is how much wider the bars of the nearest digits on both sides are that have no double; zero: there are none.
func (f *eanFits) around(k int) float32 {
	var sum, n float32
	for _, step := range [2]int{-1, 1} {
		for i := k + step; i >= 0 && i < f.n; i += step {
			if !f.swaps[i] {
				sum, n = sum+f.spreads[i], n+1
				break
			}
		}
	}
	return sum / max(1, n)
}

// alike says whether the digits are of one print.
func (f *eanFits) alike() bool {
	var own, n float32
	for k, x := range f.spreads[:f.n] {
		if !f.swaps[k] {
			own, n = own+x, n+1
		}
	}
	own /= max(1, n)
	for k, x := range f.spreads[:f.n] {
		near := f.around(k)
		if f.swaps[k] && (x-own > spreadOff || own-x > spreadOff || x-near > nearOff || near-x > nearOff) {
			return false
		}
	}
	sorted := f.costs
	costs := sorted[:f.n]
	slices.Sort(costs)
	return costs[f.n-1] <= costLeast+costTimes*costs[f.n/2]
}
