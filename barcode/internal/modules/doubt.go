package modules

// Doubts say of each module how little is known of it, as Classify saw it: it is near to what parts light from dark, or
// farther from that than light and dark modules are, or lies where all is as light, as within glare and stains. Zero is
// no doubt.
func (s *Shades) Doubts() []float32 {
	apart := float32(0)
	for i, v := range s.sharp {
		apart += abs(v-s.mean[i]) / float32(len(s.sharp))
	}
	even := s.evenness(apart / 2)
	doubts := make([]float32, len(s.sharp))
	for i, v := range s.sharp {
		doubts[i] = abs(abs(v-s.mean[i])/apart-1) + float32(even[i])/3
	}
	return doubts
}

// evenness says in how many squares of three by three modules that differ by less each module lies: nine within glare
// or a stain, one or two elsewhere.
func (s *Shades) evenness(less float32) []int {
	n := s.columns
	out := make([]int, len(s.v))
	for y := 1; y < s.rows-1; y++ {
		for x := 1; x < n-1; x++ {
			low, high := s.v[y*n+x], s.v[y*n+x]
			for k := range 9 {
				v := s.v[(y+k/3-1)*n+x+k%3-1]
				low, high = min(low, v), max(high, v)
			}
			if high-low >= less {
				continue
			}
			for k := range 9 {
				out[(y+k/3-1)*n+x+k%3-1]++
			}
		}
	}
	return out
}

func abs(x float32) float32 { return max(x, -x) }
