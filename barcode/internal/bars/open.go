package bars

import "slices"

// The light bars of a symbol that is printed light on dark end in the dark around it. Where they go on beyond both ends
// of the spaces by more than openLeast modules, in the median, they are the paper between the bars of another symbol: a
// DataBar under a fence, which needs no quiet zone, was read as another from its first space on, 9 modules.
const openLeast = 2

// isOpen says whether the bars of a group that is read light on dark are paper, where the elements go on so far.
func (g *group) isOpen(up, down []float64) bool {
	return g.inverted && openBy(up) > openLeast && openBy(down) > openLeast
}

// openBy is by how much the bars go on beyond the spaces, in the median.
func openBy(ends []float64) float64 {
	var of [2][]float64
	for i, x := range ends {
		of[i%2] = append(of[i%2], x)
	}
	slices.Sort(of[0])
	slices.Sort(of[1])
	return of[0][len(of[0])/2] - of[1][len(of[1])/2]
}
