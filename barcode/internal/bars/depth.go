package bars

import "slices"

// leastDepth is how much of what the lower quartile of the elements' depths is to the upper one the least has to be to
// the lower one: blur makes many elements shallow, what covers a part of a symbol and passes for bars some of them. In
// 103 pictures of linear symbols this is 0.37 and more; 0.24 where text over two digits of an EAN-13 made two others,
// 0.10 where a gray fabric over a character of a Code 39 did.
const leastDepth = 0.3

// isShallow says whether most lines of a group have an element that is too shallow to be printed as the others are.
func (g *group) isShallow(s sheet) bool {
	return g.mostLines(s, (*vote).isShallow)
}

// mostLines says whether most lines of a group are so on a sheet.
func (g *group) mostLines(s sheet, is func(*vote, sheet) bool) bool {
	n := 0
	s.inverted = g.inverted
	for i := range g.all {
		if is(&g.all[i], s) {
			n++
		}
	}
	return 2*n > len(g.all)
}

// isShallow says so of a line. The depth of an element is by how much its middle differs from those beside it.
func (v *vote) isShallow(s sheet) bool {
	luma := s.lumas(v)
	var depths [2][]float64 // of bars and of spaces
	for i := 1; i < len(luma)-1; i++ {
		depth := (luma[i-1]+luma[i+1])/2 - luma[i]
		if i%2 == 1 {
			depth = -depth
		}
		depths[i%2] = append(depths[i%2], depth)
	}
	return isUneven(depths[0]) || isUneven(depths[1])
}

// isUneven says whether the least of some depths stands out. It sorts them.
func isUneven(depths []float64) bool {
	slices.Sort(depths)
	low, high := depths[len(depths)/4], depths[3*len(depths)/4]
	return depths[0]*high < leastDepth*low*low
}

// The first and the last bar of a symbol without a check character are as deep as the others that are no wider, or
// nearly, if all are of one print: what stands beside a torn symbol passes for its last bar, as the grain of paper
// does. Of 12 pictures of such symbols it has 0.72 of the depth of the others or more, of 500 covered and spoilt ones
// that are read right one has less than leastEnd; grain had 0.05.
const (
	leastEnd = 0.3
	asWide   = 1.25 // so many times wider another one may be
)

// hasFaintEnd says whether in most lines of a group the first or the last bar is too faint to be of the print.
func (g *group) hasFaintEnd(s sheet) bool {
	return g.mostLines(s, (*vote).hasFaintEnd)
}

// hasFaintEnd says so of a line.
func (v *vote) hasFaintEnd(s sheet) bool {
	luma := s.lumas(v)
	n := len(luma)
	return isFaint(luma, v.edges, 0, 1) || isFaint(luma, v.edges, n-1, n-2)
}

// isFaint says whether a bar at an end is too faint beside the others, where the space beside it is inside.
func isFaint(luma []float64, edges []float32, end, space int) bool {
	width := func(i int) float32 { return edges[i+1] - edges[i] }
	var others []float64
	for i := 2; i < len(luma)-2; i += 2 {
		if width(i) <= asWide*width(end) {
			others = append(others, (luma[i-1]+luma[i+1])/2-luma[i])
		}
	}
	slices.Sort(others)
	return len(others) > 0 && luma[space]-luma[end] < leastEnd*others[len(others)/2]
}
