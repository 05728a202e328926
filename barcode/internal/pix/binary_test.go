package pix

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLanesDoWhatSingleBytesDo(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		x, y := random.Uint64(), random.Uint64()
		if random.IntN(2) == 0 {
			y = x ^ random.Uint64()&random.Uint64()&random.Uint64()
		}
		got, want := notAbove(x, y), uint64(0)
		for i := range 8 {
			if byte(x>>(8*i)) <= byte(y>>(8*i)) {
				want |= 1 << i
			}
		}
		require.Equal(t, want, got, "%x %x", x, y)
	}
}

// noise is a plane of random pixels around a slope, with a stride of its own.
func noise(random *rand.Rand, w, h int) *Gray {
	g := &Gray{Pix: make([]byte, (w+5)*h), W: w, H: h, Stride: w + 5}
	spread := 1 + random.IntN(250)
	for i := range g.Pix {
		g.Pix[i] = byte(random.IntN(spread) + i%max(1, 256-spread))
	}
	return g
}

func TestBlockStatistics(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		g := noise(random, 8, 8)
		require.Equal(t, part(g, 0, 0), whole(g.Pix, g.Stride))
	}
}

// plainLocal is the local binarizer as its comment says it, pixel by pixel.
func plainLocal(g *Gray) []bool {
	bw, bh := (g.W+7)/8, (g.H+7)/8
	z := Binarizer{mean: make([]uint8, bw*bh)}
	for by := range bh {
		for bx := range bw {
			s := part(g, bx, by)
			if z.mean[by*bw+bx] = uint8(s.mean); s.high-s.low <= least {
				z.mean[by*bw+bx] = uint8(z.flat(&s, bx, by, bw))
			}
		}
	}
	out := make([]bool, g.W*g.H)
	for i := range out {
		bx, by := i%g.W/8, i/g.W/8
		var sum, n int32
		for y := max(0, min(by-2, bh-5)); y < min(bh, max(by+3, 5)); y++ {
			for x := max(0, min(bx-2, bw-5)); x < min(bw, max(bx+3, 5)); x++ {
				sum, n = sum+int32(z.mean[y*bw+x]), n+1
			}
		}
		out[i] = int32(g.Row(i / g.W)[i%g.W]) <= sum/n
	}
	return out
}

func TestLocalBinarizerOnEverySize(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var z Binarizer
	for range 200 {
		g := noise(random, 1+random.IntN(150), 1+random.IntN(60))
		b, want := z.Local(g), plainLocal(g)
		for i, dark := range want {
			require.Equal(t, dark, b.Dark(i%g.W, i/g.W), "%d x %d, pixel %d", g.W, g.H, i)
		}
	}
}

func TestEdgesAreWhereDarkBeginsAndEnds(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	var z Binarizer
	for i := range 100 {
		g := noise(random, 1+random.IntN(300), 3)
		b := z.Local(g)
		if i%2 == 1 {
			b.Invert()
		}
		want := []int32{}
		for x, dark := 0, false; x <= g.W; x++ {
			if b.Dark(x, 1) != dark {
				want, dark = append(want, int32(x)), !dark
			}
		}
		require.Equal(t, want, b.Edges([]int32{}, 1))
	}
}

func TestHalfIsTheMeanOfFour(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	var half *Gray
	for range 100 {
		g := noise(random, 2+random.IntN(90), 2+random.IntN(9))
		half = Half(half, g)
		require.Equal(t, g.W/2, half.W)
		require.Equal(t, g.H/2, half.H)
		for i := range half.W * half.H {
			x, y := i%half.W, i/half.W
			sum := 2
			for _, v := range [][]byte{g.Row(2 * y)[2*x : 2*x+2], g.Row(2*y + 1)[2*x : 2*x+2]} {
				sum += int(v[0]) + int(v[1])
			}
			require.Equal(t, byte(sum/4), half.Row(y)[x])
		}
	}
}

func TestADoubleIsWhatLiesBetweenPixels(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 16))
	var double *Gray
	for range 100 {
		g := noise(random, 1+random.IntN(40), 1+random.IntN(9))
		double = Double(double, g)
		require.Equal(t, [2]int{2 * g.W, 2 * g.H}, [2]int{double.W, double.H}, "its size")
		for i, got := range double.Pix {
			x, y := i%double.W, i/double.W
			want := g.Interpolate(float64(x)/2+0.25, float64(y)/2+0.25)
			require.Equal(t, want, got, "%d x %d, pixel %d, %d of the double", g.W, g.H, x, y)
		}
	}
}

func BenchmarkLocal(b *testing.B) {
	g := noise(rand.New(rand.NewPCG(11, 12)), 1280, 720)
	var z Binarizer
	for b.Loop() {
		z.Local(g)
	}
}

func TestRunsEndWhereTheShadeChanges(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	var z Binarizer
	for i := range 3000 {
		g := noise(random, 1+random.IntN(300), 1+random.IntN(40))
		b := z.Local(g)
		if i%2 == 1 {
			b.Invert()
		}
		x, y, dark := random.IntN(g.W), random.IntN(g.H), random.IntN(2) == 0
		k := random.IntN(4)
		way := [4][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}[k]
		limit := random.IntN(1 + [4]int{g.W - x, x + 1, g.H - y, y + 1}[k])
		want := 0
		for want < limit && b.Dark(x+want*way[0], y+want*way[1]) == dark {
			want++
		}
		require.Equal(t, want, b.Run(x, y, way[0], way[1], limit, dark), "%d x %d from %d, %d by %v", g.W, g.H, x, y, way)
	}
}
