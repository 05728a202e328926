package bars

import (
	"bytes"
	"slices"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/require"
)

var weakOnes = []symbol.Format{symbol.EAN8, symbol.UPCE, symbol.ITF, symbol.Codabar, symbol.Code39}

// texts are what lines across a picture of rows of a symbol, three pixels to a module, read.
func texts(rows [][]byte) (all []string) {
	g := pix.NewGray(len(rows[0]), len(rows))
	for y, row := range rows {
		copy(g.Row(y), row)
	}
	r := NewReader(everyFormat, nil)
	r.Read(g, 1, Effort{Lines: g.H, Angles: []float64{0}, Edges: 1})
	for _, s := range r.Symbols() {
		all = append(all, s.Text)
	}
	return all
}

// covered are rows of a symbol; where hidden says so, six elements from the tenth on are gray.
func covered(row []byte, l line, high int, hidden func(y int) bool) (rows [][]byte) {
	from, to := len(l[:10].luma(3, 200)), len(l[:16].luma(3, 200))
	for y := range high {
		rows = append(rows, append([]byte(nil), row...))
		for x := from; x < to && hidden(y); x++ {
			rows[y][x] = 120
		}
	}
	return rows
}

// A weave over a part of a weak symbol may look like its elements on some lines and does not go on between them.
func TestElementsGoOnBetweenTheLines(t *testing.T) {
	for name, test := range map[string]struct {
		hidden func(y int) bool
		want   int
	}{
		"nothing hidden":           {func(int) bool { return false }, 1},
		"one band hidden":          {func(y int) bool { return y >= 20 && y < 50 }, 1},
		"the lower half hidden":    {func(y int) bool { return y >= 40 }, 0},
		"most hidden by one thing": {func(y int) bool { return y >= 10 && y < 70 }, 0},
		"a scratch or two":         {func(y int) bool { return y%30 == 10 || y%30 == 11 }, 1},
		"two thirds hidden":        {func(y int) bool { return y%12 >= 4 }, 0},
		"seen on isolated lines":   {func(y int) bool { return y%14 > 0 }, 0},
	} {
		for _, f := range weakOnes {
			l := symbolOf(t, f, 14)
			rows := covered(l.luma(3, 200), l, 80, test.hidden)
			require.Len(t, texts(rows), test.want, "%v, %s", f, name)
		}
	}
}

// Scratches break a bar some times, the threads of a fabric that passes for one many times, and hide less of
// it. Where they break all elements alike they are print's own.
func TestAThreadBreaksAnElementOften(t *testing.T) {
	for name, c := range map[string]struct {
		times, of, want int // how often, and how many of the symbol's elements
	}{
		"a bar, four times":        {4, 1, 1},
		"a bar, five times":        {5, 1, 0},
		"two bars, twelve times":   {12, 3, 0},
		"all elements, five times": {5, 1000, 1},
	} {
		for _, f := range weakOnes {
			l := symbolOf(t, f, 14)
			row := l.luma(3, 200)
			from := len(l[:9].luma(3, 200))
			to := len(l[:min(9+c.of, len(l)-1)].luma(3, 200))
			if c.of > len(l) {
				from = len(l[:1].luma(3, 200))
			}
			var rows [][]byte
			for y := range 80 {
				rows = append(rows, append([]byte(nil), row...))
				for x := from; x < to && y%6 >= 4 && y < 6*c.times; x++ {
					rows[y][x] = 200
				}
			}
			require.Len(t, texts(rows), c.want, "%v, %s", f, name)
		}
	}
}

// Two labels of one text, one above the other, are read though white lies between them.
func TestTwoLabelsOfOneTextAreNoWeave(t *testing.T) {
	for _, f := range weakOnes {
		row := symbolOf(t, f, 14).luma(3, 200)
		blank := make([]byte, len(row))
		for i := range blank {
			blank[i] = 200
		}
		var rows [][]byte
		for y := range 90 {
			rows = append(rows, row)
			if y%45 >= 25 {
				rows[y] = blank
			}
		}
		require.NotEmpty(t, texts(rows), "%v", f)
	}
}

// Two lines of print of one length are two symbols where white lies between them. Without it they are one, of which a
// part is covered, and nobody knows which.
func TestBarsThatGoOnSayOneThing(t *testing.T) {
	row := func(text string) []byte {
		return elements(t, oned.NewCode39Writer(), gozxing.BarcodeFormat_CODE_39, text, 14).luma(3, 200)
	}
	one, other := row(".H61"), row(".H6A")
	blank := bytes.Repeat([]byte{200}, len(one))
	for between, want := range map[int][]string{0: nil, 12: {".H61", ".H6A"}} {
		rows := slices.Concat(slices.Repeat([][]byte{one}, 40), slices.Repeat([][]byte{blank}, between),
			slices.Repeat([][]byte{other}, 30))
		require.ElementsMatch(t, want, texts(rows), "%d rows of white between", between)
		slices.Reverse(rows)
		require.ElementsMatch(t, want, texts(rows), "%d rows of white between, the other first", between)
	}
	few := slices.Concat(slices.Repeat([][]byte{one}, 40), slices.Repeat([][]byte{other}, 4))
	require.Empty(t, texts(few), "ten times as many lines say the one")
	require.Equal(t, []string{".H61"}, texts(few[:40]), "all lines say the one")
}

// What another line says counts against a symbol: of one without a check character whatever its own lines are, of one
// with it from a third of them on.
func TestWhatAnotherLineSaysCounts(t *testing.T) {
	for _, c := range []struct {
		format     symbol.Format
		own, other int
		want       bool
	}{
		{symbol.Codabar, 100, 1, true}, {symbol.Code39, 40, 2, true}, {symbol.ITF, 40, 0, false},
		{symbol.Code128, 40, 13, false}, {symbol.Code128, 39, 13, true}, {symbol.EAN13, 3, 1, false},
	} {
		l := symbolOf(t, c.format, 14)
		lines := func(text string, n int, first float64) *group {
			heights := make([]float64, n)
			for k := range heights {
				heights[k] = first + 2*float64(k)
			}
			return groupOf(reading{format: c.format, text: text}, l, 2, heights...)
		}
		groups := []*group{lines("one", c.own, 0)}
		if c.other > 0 {
			groups = append(groups, lines("other", c.other, 1)) // between the lines of the one
		}
		require.Equal(t, c.want, isDisputed(groups, 0, sheet{}), "%v, %d lines and %d", c.format, c.own, c.other)
	}
}

// What a label has in the place of the last bar ends with its print, and what stands beside the bars is no quiet zone.
func TestTheEndsOfAnUncheckedSymbolGoOn(t *testing.T) {
	none := func(int) bool { return false }
	for name, test := range map[string]struct {
		hidden, printed func(y int) bool // the last bar, and something dark beside it
		want, ofITF     int
	}{
		"as printed":                {none, none, 1, 1},
		"a notch in the last bar":   {func(y int) bool { return y >= 30 && y < 40 }, none, 1, 1},
		"a last bar of print":       {func(y int) bool { return y%16 >= 10 }, none, 0, 0},
		"a last bar that is short":  {func(y int) bool { return y >= 50 }, none, 0, 0},
		"a dot of print beside it":  {none, func(y int) bool { return y >= 30 && y < 36 }, 1, 1},
		"a line of print beside it": {none, func(y int) bool { return y >= 30 && y < 45 }, 1, 0},
		"print beside it":           {none, func(y int) bool { return y%16 >= 9 }, 0, 0},
	} {
		for _, f := range []symbol.Format{symbol.ITF, symbol.Codabar, symbol.Code39} {
			l := symbolOf(t, f, 14)
			row := l.luma(3, 200)
			last := [2]int{len(row) - 3*14 - 3*int(l[len(l)-2]), len(row) - 3*14}
			var rows [][]byte
			for y := range 80 {
				rows = append(rows, append([]byte(nil), row...))
				for x := last[0]; x < last[1] && test.hidden(y); x++ {
					rows[y][x] = 200
				}
				for x := last[1] + 3*4; x < last[1]+3*7 && test.printed(y); x++ {
					rows[y][x] = 40
				}
			}
			want := test.want
			if f == symbol.ITF {
				want = test.ofITF
			}
			require.Len(t, texts(rows), want, "%v, %s", f, name)
			for y := range rows {
				rows[y] = reversed(rows[y])
			}
			require.Len(t, texts(rows), want, "%v, %s, backwards", f, name)
		}
	}
}
