package bars

import "slices"

// eanFits are how the digits of a symbol fit what was measured.
type eanFits struct {
	costs   [12]float32 // the sums of the squares
	spreads [12]float32 // how much wider than printed the bars of a digit are, beside the spread of the guards
	swaps   [12]bool    // whether it is 1, 2, 7 or 8
	better  [12]float32 // by how much it fits better than the next digit
	sizes   [12]float32 // how long a digit is, in modules of the symbol
	slope   float32     // how much wider bars of the guard at the end are than those of the one at the start
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

// twoBetter is by how much the two digits of a short symbol that are nearest to others fit better than these, together:
// a wrong number whose check digit is right differs in two digits at least. Of the wrong ones that streaks, blur and
// JPEG left of an EAN-8 and a UPC-E all lines have 0.7 and less; of 850 EAN-8 and UPC-E that were spoilt as much and
// are read right one in 100 has less than 0.9. With twelve digits, of which more must fit, a blurred EAN-13 has 0.37.
const twoBetter = 0.9

// fourBetter is by how much the four digits of an EAN-13 or UPC-A that are nearest to others fit better than these,
// together, where a module is less than fineModule pixels: there noise moves edges by a module. A number whose check
// digit was wrong passed for one with four other digits, 1.24 pixels a module, with 1.07 to 1.83 in most lines. Of 340
// drawn ones of 1.1 to 2.6 pixels five have less in all lines.
const fineModule, fourBetter = 1.5, 2.2

// fourShare is the least that these four digits fit better than the next, as a share of how far all twelve are off:
// moiré made a third of the digits of a UPC-A others, all of which fitted badly, with 0.43 and less in all lines. Of
// 48 pictures of EAN-13 and UPC-A one has 0.43 in the median of the lines and 0.79 in the best, the others 0.53 and
// more.
const fourShare = 0.5

// Two digits of a number are none where each is farther off than coverLeast and fitTimes the median, and fits better
// than the next digit by less than coverBetter: bars of a fence over four digits of an EAN-13 made four others, of
// which two were off by 0.5, the others by 0.06. Of 43 pictures and 950 covered and spoilt symbols that are read right
// none is lost; with 0.1 a line of a picture is, and with it the picture.
const coverLeast, coverBetter = 0.2, 0.5

// sizeLeast is by how many modules a digit may differ in length from the mean of its two neighbours in the same half,
// beside fitTimes what half of the digits do: paper that bends makes all of them longer or shorter, what covers one and
// passes for another that one. In 999 of 1,000 lines across pictures it is 0.47 at most, in 99 of 100 across covered
// and spoilt symbols 0.33. Letters like bars made two digits of a UPC-A two others, 7.9 and 6.1 modules long: 1.1.
const sizeLeast = 0.6

// add notes a digit of set A or B, 0 to 19, of such a length, whose first element is a bar or not, how far off it is,
// and the next one.
func (f *eanFits) add(w *[4]float32, size float32, digit int, dark bool, cost, next float32) {
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
	f.costs[f.n], f.sizes[f.n], f.spreads[f.n], f.better[f.n] = cost, size, spread, next-cost
	f.swaps[f.n] = slices.Contains([]int{1, 2, 7, 8}, digit%10)
	f.n++
}

// nearSpread is how much wider the bars of the nearest digits on both sides are that have no double; zero: there are
// none.
func (f *eanFits) nearSpread(k int) float32 {
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

func differ(a, b, most float32) bool { return a-b > most || b-a > most }

// alike says whether the digits are of one print.
func (f *eanFits) alike() bool {
	for k, x := range f.spreads[:f.n] {
		if f.swaps[k] && differ(x, f.nearSpread(k), nearOff) {
			return false
		}
	}
	costs := f.costs
	return f.spreadAlike(0) && fitAlike(costs[:f.n], fitLeast, fitTimes, 2) && f.sizesAlike() && !f.isCovered()
}

// isCovered says whether two digits fit much worse than the others, and others nearly as well as they do.
func (f *eanFits) isCovered() bool {
	costs, n := f.costs, 0
	slices.Sort(costs[:f.n])
	for k := range f.n {
		if f.costs[k] > coverLeast+fitTimes*costs[f.n/2] && f.better[k] < coverBetter {
			n++
		}
	}
	return n >= 2
}

// sizesAlike says whether no digit is much longer or shorter than its neighbours.
func (f *eanFits) sizesAlike() bool {
	var room [12]float32
	half := f.n / 2
	for k := range f.n {
		before, after := k-1, k+1
		if k%half == 0 {
			before = after
		} else if after%half == 0 {
			after = before
		}
		off := f.sizes[k] - (f.sizes[before]+f.sizes[after])/2
		room[k] = max(off, -off)
	}
	return fitAlike(room[:f.n], sizeLeast, fitTimes, 2)
}

// clear says whether the digits of a short symbol are no others that make a number as well. What makes bars wider at
// one end of it shows in its guards, too: if that changes evenly between them, the bars of 1, 2, 7 and 8 are still as
// wide as those of the others.
func (f *eanFits) clear() bool {
	better := f.better
	slices.Sort(better[:f.n])
	return f.spreadAlike(f.slope) && better[0]+better[1] >= twoBetter
}

// sharp says whether the digits of a long symbol, of so many pixels a module, are clearly no others that make a number
// as well.
func (f *eanFits) sharp(module float32) bool {
	better := f.better
	slices.Sort(better[:f.n])
	four := total(better[:4])
	return four >= fourShare*total(f.costs[:f.n]) && (module >= fineModule || four >= fourBetter)
}

// spreadAlike says whether the bars of 1, 2, 7 and 8 are as wide as those of the others, where a slope says how much
// wider bars grow from the start to the end.
func (f *eanFits) spreadAlike(slope float32) bool {
	spread := func(k int) float32 { return f.spreads[k] - slope*((float32(k)+0.5)/float32(f.n)-0.5) }
	var own, n float32
	for k := range f.n {
		if !f.swaps[k] {
			own, n = own+spread(k), n+1
		}
	}
	own /= max(1, n)
	for k := range f.n {
		if f.swaps[k] && differ(spread(k), own, spreadOff) {
			return false
		}
	}
	return true
}
