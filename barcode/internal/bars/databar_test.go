package bars_test

import (
	"fmt"
	"image"
	"testing"

	"github.com/offlane/offlane/barcode/internal/bars"
	"github.com/offlane/offlane/barcode/internal/databar/databartest"
	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// gtin returns the 14 digits of a random GTIN.
func gtin(t *rapid.T, most int64) string {
	number := fmt.Sprintf("%013d", rapid.Int64Range(0, most).Draw(t, "GTIN"))
	sum := 0
	for i, c := range number {
		sum += int(c-'0') * (3 - i%2*2)
	}
	return number + fmt.Sprint((10-sum%10)%10)
}

// seen draws how a till's camera sees a picture whose modules are so many pixels in it.
func seen(t *rapid.T, img image.Image, module float64) *pix.Gray {
	b := img.Bounds()
	size := float64(max(b.Dx(), b.Dy())) / 4 * module
	turn := rapid.SampledFrom([]int{0, 90, 180, 270, 4, 94, 177, 266}).Draw(t, "turn")
	w, h := b.Dx(), b.Dy()
	if (turn+45)/90%2 == 1 {
		w, h = h, w
	}
	return pix.FromImage(degrade.Camera{
		Width: int(float64(w)/4*module) + 40, Height: int(float64(h)/4*module) + 40, Size: size, Turn: float64(turn),
		Tilt: float64(rapid.IntRange(0, 3).Draw(t, "tilt")) / 100, Blur: float64(rapid.IntRange(0, 10).Draw(t, "blur")) / 10,
		Noise: float64(rapid.IntRange(0, 6).Draw(t, "noise")), Seed: rapid.Uint64().Draw(t, "seed"),
	}.See(img))
}

// TestDataBarReadsBack lets a few pictures go unread: the smallest modules, blurred by a whole pixel, are at the edge
// of what is read, so that the noise decides. What is read is right, always.
func TestDataBarReadsBack(t *testing.T) {
	reader := bars.NewReader(symbol.SetOf(symbol.DataBar, symbol.DataBarExpanded, symbol.DataBarLimited), nil)
	tries, missed := 0, 0
	check := func(t *rapid.T, format symbol.Format, text string, rows []databartest.Row) {
		module := float64(rapid.IntRange(24, 32).Draw(t, "module")) / 10
		reader.Reset()
		reader.Read(seen(t, databartest.Draw(4, rows...), module), 1, bars.Effort{Lines: 40, Angles: []float64{0, 90},
			Edges: 3})
		got := reader.Symbols()
		tries++
		if len(got) == 0 {
			missed++
			return
		}
		require.Len(t, got, 1)
		require.Equal(t, format, got[0].Format)
		require.Equal(t, text, got[0].Text)
		require.Equal(t, "]e0", got[0].AIM)
		require.NotEmpty(t, got[0].Raw)
	}
	rapid.Check(t, func(t *rapid.T) {
		switch rapid.SampledFrom([]string{"omnidirectional", "stacked", "limited", "expanded"}).Draw(t, "kind") {
		case "omnidirectional":
			g := gtin(t, 9_999_999_999_999)
			height := rapid.SampledFrom([]int{13, 33}).Draw(t, "height")
			check(t, symbol.DataBar, g, databartest.Omnidirectional(g, height, rapid.Bool().Draw(t, "linked")))
		case "stacked":
			g := gtin(t, 9_999_999_999_999)
			heights := rapid.SampledFrom([][2]int{{8, 10}, {33, 33}}).Draw(t, "heights")
			check(t, symbol.DataBar, g, databartest.DrawStacked(g, heights[0], heights[1]))
		case "limited":
			g := gtin(t, 1_999_999_999_999)
			check(t, symbol.DataBarLimited, g, databartest.DrawLimited(g))
		default:
			text := expandedText(t)
			columns := rapid.IntRange(1, 4).Draw(t, "columns")
			check(t, symbol.DataBarExpanded, text, databartest.DrawExpanded(databartest.Characters(text), columns, 34))
		}
	})
	require.LessOrEqual(t, 25*missed, tries, "%d of %d pictures were missed", missed, tries)
}

// expandedText is an element string that fits into 21 characters.
func expandedText(t *rapid.T) string {
	value := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789ABCDEFGHIJabc-/")), 1, 8, -1)
	switch rapid.IntRange(0, 3).Draw(t, "AIs") {
	case 0:
		return "01" + gtin(t, 9_999_999_999_999) + "10" + value.Draw(t, "batch")
	case 1:
		return "0190012345678908" + fmt.Sprintf("3103%06d", rapid.IntRange(0, 32767).Draw(t, "weight"))
	case 2:
		return "0190012345678908" + fmt.Sprintf("3102%06d17%02d1231", rapid.IntRange(0, 99999).Draw(t, "weight"),
			rapid.IntRange(0, 99).Draw(t, "year"))
	}
	return "10" + value.Draw(t, "batch") + "\x1d21" + value.Draw(t, "serial")
}
