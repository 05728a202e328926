package bars

import (
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
)

// behind is a symbol's last bars, a quiet zone of so many modules and what stands behind it; on both sides alike.
func behind(zone float32, what ...float32) (s *widths, left, right int) {
	mirrored := slices.Clone(what)
	slices.Reverse(mirrored)
	l := slices.Concat(line{9}, mirrored, line{zone, 1, 2, 1, zone}, what, line{9})
	return l.widths(), len(what) + 1, len(what) + 5
}

func TestWhatStandsBeyondAQuietZoneIsTold(t *testing.T) {
	narrow := func(n int) []float32 { return slices.Concat(slices.Repeat([]float32{1}, n), []float32{20, 1}) }
	for name, c := range map[string]struct {
		zone        float32
		what        []float32
		bars, frame bool
	}{
		"five narrow elements":             {10, narrow(5), false, false},
		"six narrow elements":              {10, narrow(6), true, false},
		"six elements of five modules":     {10, slices.Repeat([]float32{5}, 6), true, false},
		"six, one of five and a half":      {10, []float32{1, 1, 1, 5.5, 1, 1}, false, false},
		"a bar of 1.4 modules":             {10, []float32{1.4, 20, 1}, false, false},
		"a bar of 1.6 modules":             {10, []float32{1.6, 20, 1}, false, true},
		"a bar of 13.5 modules":            {10, []float32{13.5, 20, 1}, false, true},
		"a bar of 14.5 modules":            {10, []float32{14.5, 20, 1}, false, false},
		"a bar 29 modules away":            {29, []float32{4, 20, 1}, false, true},
		"a bar 31 modules away":            {31, []float32{4, 20, 1}, false, false},
		"a bar with another right behind":  {10, []float32{4, 0.5, 9}, false, false},
		"six narrow elements 31 away":      {31, narrow(6), true, false},
		"a bar beyond more than a symbol":  {41, narrow(6), false, false},
		"nothing, as the picture ends":     {10, nil, false, false},
		"a bar beside which bars go on":    {10, []float32{4, 1, 1, 1, 1, 1}, true, false},
		"a bar beside which five go on":    {10, []float32{4, 1, 1, 1, 1, 20}, false, true},
		"a bar that is as wide as a space": {10, []float32{2, 2, 20, 1}, false, true},
	} {
		s, left, right := behind(c.zone, c.what...)
		for step, zone := range map[int]int{-1: left, 1: right} {
			got, _ := s.stubBehind(zone, step, 1, 40)
			assert.Equal(t, c.bars, got.bars, "%s, to %d: bars", name, step)
			assert.Equal(t, c.frame, got.frame, "%s, to %d: a frame", name, step)
		}
	}
}

// The lightest of the eight spaces that are nearest tells how light paper is there.
func TestPaperIsAsLightAsTheSpacesNearIt(t *testing.T) {
	for k, light := range map[int]byte{0: 200, 7: 200, 8: 100, 11: 100} { // of space k from the end
		var row []byte
		for i := range 27 {
			v := byte(0)
			switch {
			case i == 2+2*k, i == 0, i == 26:
				v = 200
			case i%2 == 0:
				v = 100
			}
			row = append(row, v, v, v)
		}
		s := slices.Repeat(line{3}, 27).widths()
		s.source.line = row
		want := zoneLightOf(float32(light))
		assert.InDelta(t, want, s.paperLuma(1, 26, 0), 0.01, "before a symbol whose space %d is lighter", k)
		slices.Reverse(row)
		assert.InDelta(t, want, s.paperLuma(1, 26, 1), 0.01, "behind a symbol whose space %d is lighter", k)
	}
}

// zoneLightOf is seven tenths of the way from black.
func zoneLightOf(light float32) float32 { return 0.7 * light }

// A frame that stands beyond one end alone refutes an ITF: beyond the other at most an eighth of the lines see one.
func TestAFrameOnOneSideRefutesAnITF(t *testing.T) {
	for seen, want := range map[[2]int]bool{
		{0, 0}: false, {16, 0}: false, {17, 0}: true, {32, 0}: true, {32, 4}: true, {32, 5}: false, {4, 32}: true,
		{5, 32}: false, {32, 32}: false,
	} {
		g := &group{}
		g.format = symbol.ITF
		for k := range 32 {
			g.all = append(g.all, vote{beyond: [2]stub{{frame: k < seen[0]}, {frame: k < seen[1]}}})
		}
		assert.Equal(t, want, g.isRefuted([]*group{g}, sheet{}), "of 32 lines %v see a frame to the left and the right", seen)
	}
}
