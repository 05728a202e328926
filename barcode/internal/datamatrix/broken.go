package datamatrix

import "github.com/offlane/offlane/barcode/internal/pix"

const (
	// widestGap is the longest gap in a solid side as a share of what was seen of it.
	widestGap = 0.5
	// leastMore is by how much of its length a side must go on.
	leastMore = 0.1
	// leastSolid is how much of what it goes on by must not be gaps: of a line of letters it is half.
	leastSolid = 0.7
	// longestMore is how far it may, as a share of the other side: rectangles are longer, and are rarely broken.
	longestMore = 1.3
	// within is how far inside its outline a side is looked at, in pixels.
	within = 1.5
)

// prolong moves the ends of the solid sides to where they end behind a gap, which scratches and stains make. It says
// whether one has moved.
func (x *picture) prolong(e *ell) bool {
	up, right := x.farther(e, e.up, e.right), x.farther(e, e.right, e.up)
	moved := up != e.up || right != e.right
	e.up, e.right = up, right
	return moved
}

// farther returns the end of the solid side from the corner to an end that goes on in its direction; the other side
// tells what is inside.
func (x *picture) farther(e *ell, end, other pix.Point) pix.Point {
	length, across := pix.Distance(e.corner, end), pix.Distance(e.corner, other)
	dx, dy := (end.X-e.corner.X)/length, (end.Y-e.corner.Y)/length
	from := pix.Point{X: end.X + within*(other.X-e.corner.X)/across, Y: end.Y + within*(other.Y-e.corner.Y)/across}
	last, gap, solid, all := 0.0, 0.0, 0.0, 0.0
	for t := 0.0; length+t < longestMore*max(across, length) && gap <= widestGap*length; t++ {
		if x.binary.Dark(int(from.X+t*dx), int(from.Y+t*dy)) == e.light {
			gap, solid = gap+1, 0
			continue
		}
		all++
		if solid++; solid > gap && all >= leastSolid*t {
			last, gap = t, 0
		}
	}
	if last < leastMore*length {
		return end
	}
	return pix.Point{X: end.X + last*dx, Y: end.Y + last*dy}
}
