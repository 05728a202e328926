package bars

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// luma draws a line at so many pixels a module, its last element in a luma of its own.
func (l line) luma(pixels int, zone byte) (out []byte) {
	const dark, light = 40, 200
	for i, w := range l {
		v := byte(light)
		switch {
		case i == len(l)-1:
			v = zone
		case i%2 == 1:
			v = dark
		}
		for range int(w) * pixels {
			out = append(out, v)
		}
	}
	return out
}

// Something gray over the rest of a symbol is lighter than bars and no quiet zone. So it is with light bars on dark.
func TestAQuietZoneIsAsLightAsTheSpaces(t *testing.T) {
	for _, f := range []symbol.Format{symbol.ITF, symbol.Codabar, symbol.Code39} {
		zones := map[byte]int{200: 1, 160: 1, 140: 0, 90: 0}
		if f == symbol.ITF {
			zones = map[byte]int{200: 1, 178: 1, 166: 0, 140: 0}
		}
		for zone, want := range zones {
			for turn := range 4 {
				r := NewReader(symbol.SetOf(f), Rules{symbol.ITF: {Lengths: []int{len(samples[f].text)}}})
				r.line = symbolOf(t, f, 14).luma(3, zone)
				backwards, inverted := turn%2 == 1, turn/2 == 1
				if backwards {
					r.line = reversed(r.line)
				}
				if inverted {
					r.line = negative(r.line)
				}
				r.readLine(Effort{Edges: 1, Inverted: inverted})
				require.Len(t, r.votes, want, "%v, a quiet zone of luma %d, backwards: %v, inverted: %v", f, zone, backwards,
					inverted)
			}
		}
	}
}

// A quiet zone is as light far from a symbol as near it: the edge of a label over a symbol leaves narrow elements that
// pass for a start or a stop, and a little of the paper.
func TestAQuietZoneDoesNotEndInALabel(t *testing.T) {
	const paper = 200
	for _, f := range []symbol.Format{symbol.ITF, symbol.Codabar, symbol.Code39} {
		for label, want := range map[byte]int{paper: 1, 190: 1, 170: 0, 160: 0} {
			for turn := range 4 {
				backwards, away := turn%2 == 1, 2+turn/2
				r := NewReader(symbol.SetOf(f), Rules{symbol.ITF: {Lengths: []int{len(samples[f].text)}}})
				r.line = symbolOf(t, f, 14).luma(3, paper)
				for i := len(r.line) - 3*(14-away); i < len(r.line); i++ {
					r.line[i] = label
				}
				if backwards {
					r.line = reversed(r.line)
				}
				r.readLine(Effort{Edges: 1})
				assert.Len(t, r.votes, want, "%v, a label of luma %d %d modules away, backwards: %v", f, label, away,
					backwards)
			}
		}
	}
}

// What is no quiet zone on most lines is none: between the threads of a fabric over an ITF some lines are light.
func TestMostLinesHaveLightQuietZones(t *testing.T) {
	for unlit, want := range map[int]bool{0: false, 8: false, 9: true, 30: true} {
		var votes []vote
		for k := range 8 + unlit {
			y := float64(2 * k)
			votes = append(votes, vote{reading: reading{format: symbol.ITF, text: "6041685963"}, line: k, length: 200,
				from: pix.Point{Y: y}, to: pix.Point{X: 200, Y: y}, figure: figure{module: 2}})
		}
		groups := gather(votes[unlit:], votes[:unlit])
		require.Len(t, groups, 1, "%d of %d lines", unlit, len(votes))
		require.Equal(t, want, groups[0].isRefuted(groups, sheet{}), "%d of %d lines have no light quiet zones", unlit,
			len(votes))
	}
}

func negative(line []byte) (out []byte) {
	for _, v := range line {
		out = append(out, 255-v)
	}
	return out
}

func reversed(line []byte) (out []byte) {
	for i := range line {
		out = append(out, line[len(line)-1-i])
	}
	return out
}

// A part of a character of a Codabar passes for a start or a stop, but for its size and the width of its elements.
func TestStartAndStopOfACodabarAreOfOneKind(t *testing.T) {
	l := symbolOf(t, symbol.Codabar, 14)
	stretched := func(by float32) line {
		out := l
		for i := range 7 {
			out = out.with(1+i, l[1+i]*by)
		}
		return out
	}
	require.Equal(t, "12345-67", stretched(1.15).reads(t, readCodabar), "a start that is a little larger")
	require.Empty(t, stretched(1.35).reads(t, readCodabar), "a start that is much larger")
	start := l
	for i := range 7 {
		if l[1+i] > 1 {
			start = start.with(1+i, 1.5)
		}
	}
	require.Empty(t, start.with(15+1, 1.4).with(15+2, 1.4).reads(t, readCodabar), "wide ones that are narrow elsewhere")
}

// A bar that something cuts in two is no start and no stop of an ITF, and nor is a space whose rest lies under it.
func TestStartAndStopOfAnITFAreOfItsElements(t *testing.T) {
	l := symbolOf(t, symbol.ITF, 14)
	for i := range 4 {
		require.Equal(t, "1234567890", l.with(1+i, 1.15).reads(t, readITF), "element %d of the start, a little wider", i)
		require.Empty(t, l.with(1+i, 1.3).reads(t, readITF), "element %d of the start, much wider", i)
		require.Empty(t, l.with(1+i, 0.75).reads(t, readITF), "element %d of the start, much narrower", i)
	}
	for i, width := range map[int]float32{-2: 0.7, -3: 1.4, -4: 2.3} {
		require.Empty(t, l.with(i, width).reads(t, readITF), "element %d from the end, %v modules", i, width)
	}
}

// White that would hide two more digits and a quiet zone may hide them.
func TestTenDigitsBesideMuchWhiteMayBeAPart(t *testing.T) {
	for zone, want := range map[float32]int{12: 1, 22: 1, 27: 0} {
		for _, side := range []int{0, -1} {
			l := symbolOf(t, symbol.ITF, 14).with(side, zone)
			require.Len(t, readRows(t, l, nil), want, "a quiet zone of %v modules", zone)
			named := Rules{symbol.ITF: {Lengths: []int{10}}}
			require.Len(t, readRows(t, l, named), 1, "a quiet zone of %v modules, where ten digits are named", zone)
		}
	}
}

// readRows are the texts of eight rows of a line, three pixels apart and to a module.
func readRows(t *testing.T, l line, rules Rules) (texts []string) {
	t.Helper()
	return readRowsApart(l, rules, 8, 3)
}

func readRowsApart(l line, rules Rules, rows int, apart float64) (texts []string) {
	r := NewReader(everyFormat, rules)
	for y := range rows {
		r.line = l.luma(3, 200)
		r.lines++
		r.place, r.step = place{0, apart * float64(y), 1, 0}, apart
		r.readLine(Effort{Edges: 1})
	}
	for _, s := range r.Symbols() {
		texts = append(texts, s.Text)
	}
	return texts
}

// Lines close together see the same flaw: those of a symbology that says much by accident lie five modules apart.
func TestLinesOfAWeakSymbologyLieApart(t *testing.T) {
	for f := range samples {
		l := symbolOf(t, f, 14)
		require.Len(t, readRowsApart(l, nil, 5, 4.5), 1, "%v, five lines over six modules", f)
		want := 1
		if linesNeeded(f) > 2 {
			want = 0
		}
		require.Len(t, readRowsApart(l, nil, 5, 3), want, "%v, five lines over four modules", f)
	}
}

var everyFormat = symbol.SetOf(symbol.Code128, symbol.Code39, symbol.Code93, symbol.Codabar, symbol.ITF, symbol.EAN13,
	symbol.EAN8, symbol.UPCA, symbol.UPCE, symbol.DataBar, symbol.DataBarExpanded, symbol.DataBarLimited)

// A scratch across a quiet zone is lighter than a bar, and so is no end of the zone; print there is one.
func TestAScratchIsNoEndOfAQuietZone(t *testing.T) {
	for _, f := range []symbol.Format{symbol.Codabar, symbol.Code39} {
		for luma, want := range map[byte]int{160: 1, 140: 0} {
			for _, modules := range []int{6, 8, 10} {
				row := symbolOf(t, f, 14).luma(3, 200)
				at := len(row) - 3*14 + 3*modules
				row[at], row[at+1] = luma, luma
				r := NewReader(symbol.SetOf(f), nil)
				r.line = reversed(row)
				r.readLine(Effort{Edges: 1})
				if float32(modules) > full {
					want = 1
				}
				require.Len(t, r.votes, want, "%v, luma %d across the quiet zone after %d modules", f, luma, modules)
			}
		}
	}
}

// A label over a part of the first character makes a start of it whose wide bar is no wider than narrow ones elsewhere.
func TestTheStartOfACode39IsAsWideAsItsText(t *testing.T) {
	l := symbolOf(t, symbol.Code39, 14)
	narrow := 11
	for l[narrow] > 1 {
		narrow += 2
	}
	l = l.with(narrow, 1.2)
	require.Equal(t, samples[symbol.Code39].text, l.reads(t, readCode39), "a narrow bar of 1.2 modules in the text")
	require.Equal(t, samples[symbol.Code39].text, l.with(5, 1.6).reads(t, readCode39), "a wide bar of 1.6 in the start")
	require.Empty(t, l.with(5, 1.33).reads(t, readCode39), "a wide bar of 1.33 in the start")
	require.Empty(t, l.with(-6, 1.33).reads(t, readCode39), "a wide bar of 1.33 in the stop")
}
