package pix

import "math"

// Equations are the normal equations of a homography whose last entry is 1: each point u, v with its partner x, y says
//
//	u·h0 + v·h1 + h2 - x·(u·h6 + v·h7) = x
//	u·h3 + v·h4 + h5 - y·(u·h6 + v·h7) = y
//
// The three unknowns of x and those of y meet only in the last two, so that they are put in there.
type equations struct {
	plane [3][3]float64 // sums of the products of u, v and 1, on and below the diagonal
	x, y  shares
	last  [3]float64 // of u², u·v and v², times x² + y²
	end   [2]float64 // of u and v, times x² + y²
}

// Shares are the sums of the products of u, v and 1 times x, or times y.
type shares [3][3]float64

func (e *equations) add(u, v, x, y float64) {
	uu, uv, vv, q := u*u, u*v, v*v, x*x+y*y
	p := &e.plane
	p[0][0], p[1][0], p[1][1] = p[0][0]+uu, p[1][0]+uv, p[1][1]+vv
	p[2][0], p[2][1], p[2][2] = p[2][0]+u, p[2][1]+v, p[2][2]+1
	e.last[0], e.last[1], e.last[2] = e.last[0]+uu*q, e.last[1]+uv*q, e.last[2]+vv*q
	e.end[0], e.end[1] = e.end[0]+u*q, e.end[1]+v*q
	e.x.add(u, v, uu, uv, vv, x)
	e.y.add(u, v, uu, uv, vv, y)
}

func (s *shares) add(u, v, uu, uv, vv, w float64) {
	s[0][0], s[1][0], s[2][0] = s[0][0]+uu*w, s[1][0]+uv*w, s[2][0]+u*w
	s[0][1], s[1][1], s[2][1] = s[0][1]+uv*w, s[1][1]+vv*w, s[2][1]+v*w
	s[0][2], s[1][2], s[2][2] = s[0][2]+u*w, s[1][2]+v*w, s[2][2]+w
}

// leastPivot is below what a sum tells nothing: the points lie on a line, or the like.
const leastPivot = 1e-10

// solve returns the homography; not ok where the points do not tell it.
func (e *equations) solve() (h Homography, ok bool) {
	l, ok := lower(&e.plane)
	if !ok {
		return h, false
	}
	// What is left of the last two unknowns once the others are put in.
	a, b, c, f, g := e.last[0], e.last[1], e.last[2], -e.end[0], -e.end[1]
	put := [2]shares{l.solve(&e.x), l.solve(&e.y)}
	for k := range put {
		t, v, w := put[k].column(0), put[k].column(1), put[k].column(2)
		a, b, c = a-product(t, t), b-product(t, v), c-product(v, v)
		f, g = f+product(t, w), g+product(v, w)
	}
	if a < leastPivot || c-b*b/a < leastPivot {
		return h, false
	}
	h[7] = (g - b*f/a) / (c - b*b/a)
	h[6] = (f - b*h[7]) / a
	h[8] = 1
	for k := range put {
		var w [3]float64
		for i := range w {
			w[i] = put[k][i][2] + h[6]*put[k][i][0] + h[7]*put[k][i][1]
		}
		*(*[3]float64)(h[3*k:]) = l.solveTurned(&w)
	}
	return h, true
}

func (s *shares) column(n int) [3]float64 { return [3]float64{s[0][n], s[1][n], s[2][n]} }

func product(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

// A triangle is a lower triangular matrix.
type triangle [3][3]float64

// lower returns the triangle that times itself, upright and turned, is a symmetric matrix of which the lower half is
// given (Cholesky).
func lower(m *[3][3]float64) (l triangle, ok bool) {
	for r := range l {
		for c := range r + 1 {
			rest := m[r][c] - product(l[r], l[c])
			if c < r {
				l[r][c] = rest / l[c][c]
				continue
			}
			if rest < leastPivot {
				return l, false
			}
			l[r][r] = math.Sqrt(rest)
		}
	}
	return l, true
}

// solve returns the columns that l must be multiplied with to be those of s.
func (l *triangle) solve(s *shares) (w shares) {
	for n := range w {
		w[0][n] = s[0][n] / l[0][0]
		w[1][n] = (s[1][n] - l[1][0]*w[0][n]) / l[1][1]
		w[2][n] = (s[2][n] - l[2][0]*w[0][n] - l[2][1]*w[1][n]) / l[2][2]
	}
	return w
}

// solveTurned returns what l, turned, must be multiplied with to be v.
func (l *triangle) solveTurned(v *[3]float64) (w [3]float64) {
	w[2] = v[2] / l[2][2]
	w[1] = (v[1] - l[2][1]*w[2]) / l[1][1]
	w[0] = (v[0] - l[1][0]*w[1] - l[2][0]*w[2]) / l[0][0]
	return w
}
