package bars

// A table holds the patterns of a symbology whose elements are one to four modules wide, as the sums of neighbouring
// elements: these do not change when ink spreads or light bleeds.
type table struct {
	elements, modules int
	sums              [][]float32
}

func newTable(patterns ...string) table {
	t := table{elements: len(patterns[0])}
	for _, c := range patterns[0] {
		t.modules += int(c - '0')
	}
	for _, p := range patterns {
		sums := make([]float32, 0, len(p)-1)
		for i := 1; i < len(p); i++ {
			sums = append(sums, float32(p[i-1]-'0')+float32(p[i]-'0'))
		}
		t.sums = append(t.sums, sums)
	}
	return t
}

// patternOff is how far off the sums may be, as the mean of the squares in modules: at half a module they begin to fit
// the neighbour. patternBetter is by how much more in all those of the next best pattern are off.
const patternOff, patternBetter = 0.2, 0.08

// closest returns the pattern that w begins with, or -1.
func (t table) closest(w []float32) int {
	if len(w) < t.elements {
		return -1
	}
	module := total(w[:t.elements]) / float32(t.modules)
	var sums [8]float32
	n := t.elements - 1
	for i := range n {
		sums[i] = (w[i] + w[i+1]) / module
	}
	best, second, index := float32(1e9), float32(1e9), -1
	for k, want := range t.sums {
		var cost float32
		for i := range n {
			d := sums[i] - want[i]
			cost += d * d
		}
		if cost < best {
			best, second, index = cost, best, k
		} else if cost < second {
			second = cost
		}
	}
	if best > patternOff*float32(n) || second-best < patternBetter {
		return -1
	}
	return index
}

func total(w []float32) (sum float32) {
	for _, x := range w {
		sum += x
	}
	return sum
}

// similar says whether two sizes differ by at most a share of the larger.
func similar(a, b, share float32) bool {
	return a-b <= share*a && b-a <= share*b
}
