package bars

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
)

func TestACellLooksLikeBars(t *testing.T) {
	for name, c := range map[string]struct {
		energy, along, slant int32
		want                 bool
	}{
		"steep, all of it one way":        {2_800, 2_800, 0, true},
		"less steep":                      {2_600, 2_600, 0, false},
		"nearly half of it one way":       {10_000, 4_600, 0, true},
		"nearly half of it a slanted way": {10_000, 0, -4_600, true},
		"less of it one way":              {10_000, 4_400, 0, false},
	} {
		k := cell{c.energy, c.along, c.slant}
		assert.Equal(t, c.want, k.hasBars(), name)
	}
	var f field
	f.take(pix.NewGray(80, 48))
	assert.Equal(t, [2]int{10, 6}, [2]int{f.w, f.h}, "the cells of 80 by 48 pixels")
}

// striding is a field of 24 by 5 cells, of which those named look like upright bars.
func striding(at ...image.Point) *field {
	f := &field{w: 24, h: 5}
	n := f.w * f.h
	f.cells, f.sums, f.label = make([]cell, n), make([]cell, n), make([]int32, n)
	for i := range f.label {
		f.label[i] = plain
	}
	for _, p := range at {
		i := p.Y*f.w + p.X
		f.cells[i] = cell{energy: 5000, along: 5000}
		f.sums[i], f.label[i] = f.cells[i], unlabelled
	}
	return f
}

func TestCellsJoinOnAcrossTheBars(t *testing.T) {
	for gap, want := range map[int]int{1: 2, 5: 2, 6: 2, 7: 1, 9: 1} {
		f := striding(image.Pt(2, 2), image.Pt(2+gap, 2))
		members, _ := f.fill(2*f.w+2, 1)
		assert.Len(t, members, want, "cells that stand %d apart", gap)
	}
	f := striding(image.Pt(2, 0), image.Pt(2, 3))
	members, _ := f.fill(2, 1)
	assert.Len(t, members, 1, "cells that stand three apart along the bars")
}

// block are the places of a rectangle of cells.
func block(x, y, w, h int) (at []image.Point) {
	for i := range w * h {
		at = append(at, image.Pt(x+i%w, y+i/w))
	}
	return at
}

func TestARegionIsOfSomeSize(t *testing.T) {
	for name, c := range map[string]struct {
		at   []image.Point
		want bool
	}{
		"five cells in a row":      {block(2, 2, 5, 1), false},
		"six cells in a row":       {block(2, 2, 6, 1), true},
		"two rows of three cells":  {block(2, 1, 3, 2), false},
		"two rows of four cells":   {block(2, 1, 4, 2), false},
		"five rows of five cells":  {block(2, 0, 5, 5), true},
		"five rows of three cells": {block(2, 0, 3, 5), false},
	} {
		f := striding(c.at...)
		_, ok := f.region(f.fill(c.at[0].Y*f.w+c.at[0].X, 1))
		assert.Equal(t, c.want, ok, name)
	}
}

// A region has the rows that have a third of its longest one.
func TestARegionEndsWhereItIsNarrow(t *testing.T) {
	for n, high := range map[int]float64{8: 24, 3: 24, 2: 16, 1: 16} {
		at := append(block(4, 1, 8, 2), block(4, 3, n, 1)...)
		f := striding(at...)
		reg, ok := f.region(f.fill(f.w+4, 1))
		assert.True(t, ok, "it is a region")
		assert.InDelta(t, high, reg.bottom-reg.top, 1e-9, "its height, the last row has %d of 8 cells", n)
	}
}

func TestLinesOfARegionLieApart(t *testing.T) {
	for lines, want := range map[int]int{5: 5, 15: 15, 40: 20, 100: 20} {
		r := NewReader(everyFormat, nil)
		reg := Region{middle: pix.Point{X: 100, Y: 50}, cos: 1, from: -50, to: 50, top: -15, bottom: 15}
		r.ReadRegion(pix.NewGray(200, 100), 1, &reg, Effort{Lines: lines, Edges: 1}, nil)
		assert.Equal(t, want, r.lines, "lines over 30 pixels where %d are asked for", lines)
	}
}

// barLine are 80 bars and spaces of three pixels by lot; of those with a lot below a share the shade is the other.
func barLine(flipped float64, lots []float64) (row []byte) {
	random := rand.New(rand.NewPCG(11, 12))
	for k := range lots {
		dark := random.IntN(2) == 0
		v := byte(200)
		if dark != (lots[k] < flipped) {
			v = 60
		}
		row = append(row, v, v, v)
	}
	return row
}

// rowsOf is a plane whose rows are those bars, a share of them flipped that depends on the row; above one they are
// drawn by another lot.
func rowsOf(flipped func(y int) float64) *pix.Gray {
	random := rand.New(rand.NewPCG(13, 14))
	lots := make([]float64, 80)
	for k, p := range random.Perm(len(lots)) {
		lots[k] = (float64(p) + 0.5) / float64(len(lots))
	}
	g := pix.NewGray(240, 100)
	for y := range g.H {
		if f := flipped(y); f <= 1 {
			copy(g.Row(y), barLine(f, lots))
			continue
		}
		for x := range g.Row(y) {
			if x%3 == 0 {
				g.Row(y)[x] = byte(60 + 140*random.IntN(2))
			} else {
				g.Row(y)[x] = g.Row(y)[x-1]
			}
		}
	}
	return g
}

func across(top, bottom float64) *Region {
	return &Region{middle: pix.Point{X: 120, Y: 50}, cos: 1, from: -120, to: 120, top: top, bottom: bottom}
}

// Two lines lie three pixels apart, the upper one a pixel and a half above a place.
func TestNearLinesAreAlike(t *testing.T) {
	for share, want := range map[float64]bool{0: true, 0.15: true, 0.25: false, 0.5: false} {
		g := rowsOf(func(y int) float64 {
			if y < 50 {
				return 0
			}
			return share
		})
		_, ok := new(Reader).alike(g, across(-50, 50), 0)
		assert.Equal(t, want, ok, "lines of which %v are flipped", share)
	}
	for n, want := range map[int]bool{14: false, 15: false, 17: true, 30: true} {
		g := pix.NewGray(240, 100)
		for i := range g.Pix {
			if x := i % g.W; x < 6*n && x/6%2 == 0 {
				g.Pix[i] = 200
			}
		}
		_, ok := new(Reader).alike(g, across(-50, 50), 0)
		assert.Equal(t, want, ok, "%d elements", n)
	}
	for rows, want := range map[int]bool{4: true, 3: false} {
		g := rowsOf(func(y int) float64 {
			if y >= 48 && y < 48+rows {
				return 0
			}
			return 2
		})
		_, ok := new(Reader).alike(g, across(-50, 50), 0)
		assert.Equal(t, want, ok, "%d rows that are alike", rows)
	}
}

// A line far from another lies nine pixels below the upper one of a place, shifted by two pixels at most.
func TestFarLinesAreAlike(t *testing.T) {
	far := func(g *pix.Gray) bool {
		var r Reader
		r.line = across(-50, 50).sample(nil, g, -1.5)
		return r.alikeFar(g, across(-50, 50), 0, 0.85)
	}
	for last, want := range map[int]bool{56: false, 57: true, 60: true} {
		g := rowsOf(func(y int) float64 {
			if y <= last {
				return 0
			}
			return 2
		})
		assert.Equal(t, want, far(g), "rows that are alike down to the one of number %d", last)
	}
	for shift, want := range map[int]bool{0: true, 2: true, 4: false} {
		g := rowsOf(func(int) float64 { return 0 })
		for y := 52; y < g.H; y++ {
			copy(g.Row(y)[shift:], g.Row(48)[:g.W-shift])
		}
		assert.Equal(t, want, far(g), "lines shifted by %d pixels", shift)
	}
}

func TestARegionIsAlikeAtSomePlaces(t *testing.T) {
	// Of nine rows so many are flipped for good.
	for share, want := range map[float64]bool{0: true, 0.05: true, 0.2: false} {
		g := rowsOf(func(y int) float64 { return min(1, share*float64(y)/9) })
		assert.Equal(t, want, new(Reader).isStriped(g, across(-47, -7)), "lines far apart of which %v are flipped", share)
	}
	for places, want := range map[int]bool{0: false, 1: false, 2: true, 7: true} {
		g := rowsOf(func(y int) float64 {
			if k := (y - 7) / 10; y >= 7 && k < places {
				return 0
			}
			return 2
		})
		assert.Equal(t, want, new(Reader).isStriped(g, across(-50, 30)), "%d places are alike", places)
	}
	for high, want := range map[float64]bool{11: true, 15: true, 17: false, 30: false} {
		g := columns(7, 0)
		reg := Region{middle: pix.Point{X: 120, Y: 47.5}, cos: 1, from: -120, to: 120, top: -high / 2, bottom: high / 2}
		assert.Equal(t, want, new(Reader).isStriped(g, &reg), "a region of %v pixels whose rows have seven", high)
	}
}
