package bars

import (
	"math"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

func TestHullReachesATenthAndACellFarther(t *testing.T) {
	square := [4]pix.Point{{X: 100, Y: 100}, {X: 300, Y: 100}, {X: 300, Y: 200}, {X: 100, Y: 200}}
	flat := [4]pix.Point{{X: 100, Y: 100}, {X: 300, Y: 100}, {X: 300, Y: 100}, {X: 100, Y: 100}} // lines that lie together
	for _, c := range []struct {
		name string
		of   [4]pix.Point
		at   pix.Point
		want bool
	}{
		{"middle", square, pix.Point{X: 200, Y: 150}, true},
		{"just right of it", square, pix.Point{X: 300 + 10 + cellSide - 1, Y: 150}, true},
		{"far right of it", square, pix.Point{X: 300 + 10 + cellSide + 1, Y: 150}, false},
		{"just above", square, pix.Point{X: 200, Y: 100 - 5 - cellSide + 1}, true},
		{"far above", square, pix.Point{X: 200, Y: 100 - 5 - cellSide - 1}, false},
		{"just above lines that lie together", flat, pix.Point{X: 200, Y: 100 - cellSide + 1}, true},
		{"far above lines that lie together", flat, pix.Point{X: 200, Y: 100 - cellSide - 1}, false},
	} {
		turned := [4]pix.Point{c.of[2], c.of[1], c.of[0], c.of[3]}
		require.Equal(t, c.want, anyHolds(hullsOf([][4]pix.Point{c.of}), c.at), c.name)
		require.Equal(t, c.want, anyHolds(hullsOf([][4]pix.Point{turned}), c.at), "%s, the other way round", c.name)
	}
}

func TestHalfAngle(t *testing.T) {
	for degrees := -179.5; degrees < 180; degrees++ {
		a := degrees * math.Pi / 180
		sin, cos := halfAngle([2]float64{5 * math.Cos(a), 5 * math.Sin(a)})
		require.InDelta(t, math.Sin(a/2), sin, 1e-9, "%g degrees", degrees)
		require.InDelta(t, math.Cos(a/2), cos, 1e-9, "%g degrees", degrees)
	}
	sin, cos := halfAngle([2]float64{})
	require.Equal(t, [2]float64{0, 1}, [2]float64{sin, cos}, "no direction")
}
