package bars

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// randomLine is a line whose luma goes up and down at random.
func randomLine(random *rand.Rand) []byte {
	line, v := make([]byte, random.IntN(200)), random.IntN(256)
	reach := 1 + random.IntN(120)
	for i := range line {
		v = max(0, min(255, v+random.IntN(2*reach+1)-reach))
		line[i] = byte(v)
	}
	return line
}

func TestExtremesAlternateAndMissNoSwing(t *testing.T) {
	random := rand.New(rand.NewPCG(19, 20))
	for range 3000 {
		line, swing := randomLine(random), random.IntN(80)
		low, high := rangeOf(line)
		p := extremes(nil, line, swing)
		if len(line) == 0 || high-low <= swing {
			require.Empty(t, p, "a line that never swings by more than %d has extremes", swing)
			continue
		}
		require.GreaterOrEqual(t, len(p), 2, "a line that swings by %d has no extremes", high-low)
		for i := 1; i < len(p); i++ {
			a, b := p[i-1], p[i]
			require.Less(t, a.at, b.at, "extremes are out of order")
			falls := a.luma > b.luma
			if i > 1 {
				require.NotEqual(t, p[i-2].luma > a.luma, falls, "two extremes of one kind stand side by side")
			}
			within(t, line[a.at:b.at+1], falls, swing)
		}
	}
}

// within requires that a stretch between two extremes lies between them and does not swing back by more than asked.
func within(t *testing.T, line []byte, falls bool, swing int) {
	t.Helper()
	first, last := int(line[0]), int(line[len(line)-1])
	sign := 1
	if falls {
		sign = -1
	}
	require.Greater(t, sign*(last-first), swing, "neighbouring extremes differ too little")
	top := first
	for _, v := range line {
		if sign*(int(v)-first) < 0 || sign*(int(v)-last) > 0 {
			t.Fatalf("a sample of %d lies beyond the extremes around it", v)
		}
		if sign*(top-int(v)) > swing {
			t.Fatalf("a swing back to %d was missed", v)
		}
		if sign*(int(v)-top) > 0 {
			top = int(v)
		}
	}
}

func TestCrossingIsWhereTheMeanIsPassed(t *testing.T) {
	for _, c := range []struct {
		line []byte
		want float32
	}{
		{[]byte{200, 200, 100, 100}, 2},
		{[]byte{100, 100, 200, 200}, 2},
		{[]byte{200, 175, 125, 100}, 2},
		{[]byte{200, 100, 200, 100, 100}, 2}, // the middle between the first time and the last
		{[]byte{200, 180, 160, 100}, 2.5 + 1.0/6},
	} {
		n := len(c.line) - 1
		got := crossing(c.line, pivot{0, c.line[0]}, pivot{n, c.line[n]})
		require.InDelta(t, c.want, got, 1e-5, "%v", c.line)
	}
}
