package bars

import (
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/databar/databartest"
	"github.com/stretchr/testify/require"
)

// databarLine is a row that begins with a space, ten modules of light around it.
func databarLine(row databartest.Row) line {
	l := line{10}
	for i, w := range row.Widths {
		if i == 0 {
			l[0] += float32(w)
		} else {
			l = append(l, float32(w))
		}
	}
	if len(l)%2 == 0 {
		return append(l, 10)
	}
	return l.with(-1, 10)
}

func readsOmnidirectional(l line) string {
	found := finders(nil, l.widths())
	for i := range found {
		if got, ok := readOmnidirectional(found, i); ok {
			return got.text
		}
	}
	return ""
}

func readsLimited(l line) string {
	got, _ := readLimited(l.widths(), 1)
	return got.text
}

// withEdges moves the edges before some elements.
func (l line) withEdges(by float32, edges ...int) line {
	l = slices.Clone(l)
	for _, i := range edges {
		l[i-1], l[i] = l[i-1]+by, l[i]-by
	}
	return l
}

// Two guards of a space and a bar, and two halves: a character, a finder of five elements from element 10 on, another
// character; the right half the other way round.
func TestWidthsOfADataBarHaveBounds(t *testing.T) {
	const gtin = "20012345678909"
	l := databarLine(databartest.Omnidirectional(gtin, 33, false)[0])
	require.Len(t, l, 47, "the elements of a DataBar Omnidirectional and what is around it")
	beside := func(zone float32) line { return slices.Concat(line{5, 3}, l.with(0, zone)) }
	character := func(by float32) line {
		return slices.Concat(l[:2], l[2:10].spread(by), l[10:])
	}
	for name, c := range map[string]struct {
		l    line
		want string
	}{
		"as printed":                       {l, gtin},
		"an edge of a character off":       {l.withEdges(0.385, 5), gtin},
		"farther off":                      {l.withEdges(0.42, 5), ""},
		"that of the other character":      {l.withEdges(0.42, 18), ""},
		"and both of one half":             {l.withEdges(0.42, 5, 18), gtin},
		"and one of each half":             {l.withEdges(0.42, 5, 32), ""},
		"bars that are wider":              {l.spread(0.45), gtin},
		"bars that are narrower":           {l.spread(-0.45), gtin},
		"bars that are much wider":         {l.spread(0.9), ""},
		"a character a little larger":      {l.scaled(2, 10, 1.1), gtin},
		"a character much larger":          {l.scaled(2, 10, 1.25), ""},
		"a character with wider bars":      {character(0.4), gtin},
		"a character with much wider bars": {character(0.65), ""},
		"a guard a little wider":           {l.with(-2, 1.5), gtin},
		"a guard much wider":               {l.with(-2, 1.8), ""},
		"half a module of light before it": {beside(0.5), gtin},
		"less light before it":             {beside(0.3), ""},
		"half a module of light behind it": {slices.Concat(l[:46], line{0.5, 3, 5}), gtin},
		"less light behind it":             {slices.Concat(l[:46], line{0.3, 3, 5}), ""},
	} {
		require.Equal(t, c.want, readsOmnidirectional(c.l), name)
	}
}

func TestWidthsOfADataBarLimitedHaveBounds(t *testing.T) {
	const gtin = "00012345678905"
	l := databarLine(databartest.DrawLimited(gtin)[0])
	zone := func(width float32) line { return slices.Concat(l[:46], line{width, 3, 5}) }
	for name, c := range map[string]struct {
		l    line
		want string
	}{
		"as printed":                         {l, gtin},
		"its check character a little wider": {l.scaled(1+15, 1+29, 1.07), gtin},
		"its check character much wider":     {l.scaled(1+15, 1+29, 1.15), ""},
		"enough light behind it":             {zone(4.5), gtin},
		"less light behind it":               {zone(3), ""},
		"edges of a character off":           {l.withEdges(0.365, 4, 8), gtin},
		"farther off":                        {l.withEdges(0.405, 4, 8), ""},
		"those of the check character":       {l.withEdges(0.405, 18, 22), ""},
		"of two of three":                    {l.withEdges(0.405, 4, 8, 18, 22), gtin},
	} {
		require.Equal(t, c.want, readsLimited(c.l), name)
	}
}

// A gray label across the bars of 03994107892705 leaves a part of a bar and a space that is wider than any other, in
// pixels. With the elements around them they pass for characters of another number, and its check character is right.
func TestALabelAcrossADataBarLimitedMakesNoNumber(t *testing.T) {
	require.Empty(t, readsLimited(line{42.24, 3.75, 4.02, 3.98, 4.01, 4.01, 3.74, 3.51, 7.73, 4.02, 3.98, 15.01, 16,
		7.25, 11.75, 11.75, 3.5, 3.75, 4.02, 7.95, 4.02, 3.76, 3.49, 7.77, 3.99, 4.02, 11.23, 3.75, 4.02, 3.98, 3.98,
		4.02, 3.75, 3.51, 3.75, 16, 7.02, 2.49, 21.97, 6.5, 4.01, 4.03, 7.98, 10.99, 4.01, 4, 57}),
		"a number that nobody printed")
}
