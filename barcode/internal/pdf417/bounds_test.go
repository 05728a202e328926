package pdf417

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
)

// hitsOn are the kinds of patterns that a finder meets on a line of these elements, read forwards and backwards.
func hitsOn(elements []int32, backwards bool) (kinds []kind) {
	e := []int32{40}
	for i := range elements {
		w := elements[i]
		if backwards {
			w = elements[len(elements)-1-i]
		}
		e = append(e, e[len(e)-1]+w)
	}
	// A little of what stands beside the pattern: nothing of it looks like one.
	e = append([]int32{2, 4}, e...)
	e = append(e, e[len(e)-1]+60, e[len(e)-1]+62)
	var f finder
	f.line(e, 0, 1, false)
	for _, c := range f.all {
		kinds = append(kinds, c.kind)
	}
	return kinds
}

func TestElementsOfStartAndStopHaveBounds(t *testing.T) {
	for name, c := range map[string]struct {
		elements []int32
		want     int
	}{
		"a start of a pixel a module":           {[]int32{8, 1, 1, 1, 1, 1, 1, 3}, 1},
		"a narrow wide bar, and wide ones":      {[]int32{7, 2, 1, 1, 1, 1, 1, 3}, 1},
		"a wide bar as wide as eight":           {[]int32{7, 2, 2, 1, 1, 1, 1, 2}, 0},
		"a start of seven eighths of a pixel":   {[]int32{7, 1, 1, 1, 1, 1, 1, 2}, 0},
		"a start of ten pixels a module":        {[]int32{80, 10, 10, 10, 10, 10, 10, 30}, 1},
		"an edge off by half a module":          {[]int32{80, 10, 15, 5, 10, 10, 10, 30}, 1},
		"an edge off by more":                   {[]int32{80, 10, 16, 4, 10, 10, 10, 30}, 0},
		"a start of one and a half":             {[]int32{12, 2, 1, 2, 1, 1, 2, 5}, 1},
		"of these one off by nearly two":        {[]int32{12, 3, 1, 1, 1, 1, 2, 5}, 0},
		"a stop of a pixel a module":            {[]int32{7, 1, 1, 3, 1, 1, 1, 2, 1}, 1},
		"a wide bar of eight, ten beside":       {[]int32{8, 1, 1, 3, 1, 1, 1, 1, 1}, 1},
		"a wide bar of six, twelve beside":      {[]int32{6, 2, 1, 3, 1, 1, 1, 2, 1}, 0},
		"a stop of ten pixels, and one off":     {[]int32{70, 10, 10, 30, 10, 15, 5, 20, 10}, 1},
		"a stop of ten pixels, and one off far": {[]int32{70, 10, 10, 30, 10, 16, 4, 20, 10}, 0},
	} {
		for _, backwards := range []bool{false, true} {
			got := hitsOn(c.elements, backwards)
			assert.Len(t, got, c.want, "%s, backwards %v", name, backwards)
			for _, k := range got {
				assert.Equal(t, backwards, k.backwards, "%s: the direction", name)
				assert.Equal(t, len(c.elements) == 9, k.stop, "%s: whether it is a stop", name)
			}
		}
	}
}

// A column goes on over some lines without a pattern: three that are looked at and four modules.
func TestAColumnHasSmallGaps(t *testing.T) {
	for gap, want := range map[float64]int{2: 1, 13: 1, 15: 2, 40: 2} {
		var f finder
		f.join(hit{at: 10, outer: 60, inner: 94, module: 2}, kind{}, 2)
		f.join(hit{at: 10 + gap, outer: 60, inner: 94, module: 2}, kind{}, 2)
		assert.Len(t, f.all, want, "a gap of %v pixels", gap)
	}
}

func TestAHitGoesOnWithItsColumn(t *testing.T) {
	for name, c := range map[string]struct {
		hits          int
		inner, module float64
		want          bool
	}{
		"as the last":                        {3, 100, 2, true},
		"modules wider by a third":           {3, 100, 2.69, true},
		"modules wider by more":              {3, 100, 2.75, false},
		"modules narrower by more":           {3, 100, 1.25, false},
		"behind three, beside by six":        {3, 106, 2, true},
		"behind three, beside by seven":      {3, 107, 2, false},
		"behind four, off their line by 4.3": {4, 104.3, 2, true},
		"behind four, off their line by 4.5": {4, 104.5, 2, false},
	} {
		col := column{}
		for k := range c.hits {
			col.hits = append(col.hits, hit{at: float64(2 * k), inner: 100, module: 2})
		}
		assert.Equal(t, c.want, col.goesOn(&hit{at: float64(2 * c.hits), inner: c.inner, module: c.module}), name)
	}
	col := column{hits: []hit{{at: 10, inner: 100, module: 2}}}
	assert.False(t, col.goesOn(&hit{at: 10, inner: 100, module: 2}), "one on the same line")
}

func TestAColumnIsOfSomeHeight(t *testing.T) {
	for name, c := range map[string]struct {
		hits         int
		high, module float64
		want         bool
	}{
		"three hits over three modules": {3, 31, 10, true},
		"two hits":                      {2, 31, 10, false},
		"over less":                     {3, 29, 10, false},
		"over one module":               {8, 10, 10, false},
	} {
		col := column{}
		for k := range c.hits {
			at := 5 + c.high*float64(k)/float64(c.hits-1)
			col.hits = append(col.hits, hit{at: at, outer: 20, inner: 20 + 17*c.module, module: c.module})
		}
		assert.Equal(t, c.want, col.fit(), name)
	}
}

// standing is a column that stands upright at a place, from a line to another.
func standing(stop bool, x, module, from, to float64, hits int) *column {
	return &column{kind: kind{stop: stop}, hits: make([]hit, hits), centre: curve{a: x}, inner: curve{a: x},
		module: module, from: from, to: to}
}

func TestAStartFacesAStop(t *testing.T) {
	for name, c := range map[string]struct {
		x, module, down float64
		want            bool
	}{
		"as far as a column of data":         {90, 1, 0, true},
		"a little nearer than any may stand": {60, 1, 0, true},
		"too near":                           {50, 1, 0, false},
		"nearly too far":                     {690, 1, 0, true},
		"too far":                            {720, 1, 0, false},
		"behind it":                          {-90, 1, 0, false},
		"with larger modules":                {120, 1.5, 0, true},
		"with much larger modules":           {120, 1.7, 0, false},
		"with smaller modules":               {120, 0.67, 0, true},
		"with much smaller modules":          {120, 0.58, 0, false},
		"a little lower":                     {100, 1, 80, true},
		"much lower":                         {100, 1, 90, false},
	} {
		left, right := standing(false, 0, 1, 0, 100, 0), standing(true, c.x, c.module, c.down, 100+c.down, 0)
		assert.Equal(t, c.want, left.faces(right), name)
	}
}

// A stop that is less than half as high as another is an accident.
func TestAStartIsPairedWithTheHighestStops(t *testing.T) {
	for hits, want := range map[int]int{100: 2, 60: 2, 40: 1} {
		n := 0
		for _, s := range pairs([]*column{standing(false, 0, 1, 0, 100, 100), standing(true, 200, 1, 0, 100, 100),
			standing(true, 150, 1, 0, 100, hits)}) {
			if s.left != nil && s.right != nil {
				n++
			}
		}
		assert.Equal(t, want, n, "strips with a stop of 100 lines and one of %d", hits)
	}
}

// between is a strip of so many columns of data, three rows of ten pixels and two pixels a module.
func between(columns int) *strip {
	s := &strip{module: 2, layout: layout{rows: 3, columns: columns}}
	s.left, s.right = standing(false, 20, 2, 0, 30, 9), standing(true, 20+34*float64(columns+2), 2, 0, 30, 9)
	s.lines = [2]curve{{b: 10}, {b: 10}}
	s.left.rows, s.right.rows = rowFit{ok: true, line: curve{b: 10}}, rowFit{ok: true, line: curve{b: 10}}
	return s
}

// A layout has as many columns as there is room for between the patterns, but for a seventh and one.
func TestALayoutFitsBetweenThePatterns(t *testing.T) {
	for columns, want := range map[int]bool{10: true, 12: true, 13: false, 8: true, 7: false} {
		s := between(columns)
		s.right.centre.a += 34 // the middles of the patterns are a character farther apart than the indicators
		assert.Equal(t, columns, s.width(), "the columns that there is room for")
		assert.Equal(t, want, s.span(&layout{rows: 3, columns: 10}), "10 columns where there is room for %d", columns)
	}
}

// The ends of a column that stands upright are those of the symbol; those of one that slants are met along the rows.
func TestTheRowsOfOneColumnAreThoseOfTheOther(t *testing.T) {
	for slope, same := range map[float64]bool{0: true, 0.1: true, -0.1: true, 0.2: false, -0.2: false} {
		s := between(4)
		s.right.inner.b, s.right.from, s.right.to = slope, 2, 26
		for _, c := range []*column{s.left, s.right} {
			c.direction = pix.Point{X: 1}
		}
		s.copyLines(s.left, 1, s.right)
		assert.Equal(t, same, s.lines[1].a == 2 && s.lines[1].at(3) == 26, "a slope of %v: the ends are its own", slope)
	}
}

func TestLayoutsHaveBounds(t *testing.T) {
	for l, want := range map[layout]bool{
		{3, 1, 0}: true, {2, 20, 0}: false, {90, 10, 0}: true, {91, 10, 0}: false, {20, 30, 0}: true, {20, 31, 0}: false,
		{29, 32, 0}: false, {58, 16, 2}: true, {90, 11, 2}: false, {30, 25, 8}: true, {30, 25, 9}: false,
		{3, 2, 1}: true, {4, 1, 1}: false,
	} {
		assert.Equal(t, want, l.valid(), "%d rows, %d columns, level %d", l.rows, l.columns, l.level)
	}
}

// seenIn are row indicators of a column whose rows are ten lines high.
func seenIn(rows int) (seen []indication) {
	for k := range rows {
		seen = append(seen, indication{at: 10*float64(k) + 5, row: k})
	}
	return seen
}

func TestFourIndicatorsTellTheRows(t *testing.T) {
	for n, want := range map[int]bool{3: false, 4: true, 5: true} {
		assert.Equal(t, want, fitRows(seenIn(n)).ok, "%d indicators", n)
	}
}

func TestAnIndicatorIsSeenInItsRow(t *testing.T) {
	for off, want := range map[float64]int{0: 41, 0.85: 41, -0.85: 41, 1.1: 40, -1.1: 40} {
		seen := seenIn(41)
		seen[20].at += 10 * off
		assert.Len(t, fitRows(seen).seen, want, "one that is seen %v rows off", off)
	}
}
