package databar_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/internal/databar"
	"github.com/offlane/offlane/barcode/internal/databar/databartest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestEveryCharacterHasItsValue(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, k := range map[string]*databar.Kind{
		"outer": &databar.Outer, "inner": &databar.Inner, "expanded": &databar.Expanded, "limited": &databar.Limited,
	} {
		for v := range min(k.Values, 5000) {
			if k.Values > 5000 {
				v = random.IntN(k.Values)
			}
			widths := databartest.Widths(k, v)
			got, ok := k.Value(widths)
			require.True(t, ok, "%s %d %v", name, v, widths)
			require.Equal(t, v, got, "%s %v", name, widths)
		}
	}
}

// Widths that no character has are refused: of all rows of eight, as many pass as there are values.
func TestNoOtherWidthsAreACharacter(t *testing.T) {
	for _, k := range []*databar.Kind{&databar.Outer, &databar.Inner, &databar.Expanded} {
		passed := 0
		var walk func(widths []int, left int)
		walk = func(widths []int, left int) {
			if len(widths) == 7 {
				if _, ok := k.Value(append(widths, left)); ok {
					passed++
				}
				return
			}
			for w := 1; w <= left-(7-len(widths)); w++ {
				walk(append(widths, w), left-w)
			}
		}
		walk(make([]int, 0, 8), k.Modules)
		require.Equal(t, k.Values, passed)
	}
	_, ok := databar.Outer.Value([]int{1, 1, 1, 1, 1, 1, 1, 1})
	require.False(t, ok, "such widths are no character")
}

func TestEveryCheckCharacterOfLimitedIsTold(t *testing.T) {
	require.Equal(t, 0, databar.LimitedCheck([]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 1, 1}))
	require.Equal(t, 88, databar.LimitedCheck([]int{2, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 2, 1, 1}))
	require.Equal(t, -1, databar.LimitedCheck([]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}))
}

// Examples of the General Specifications and of ISO/IEC 24724 and the bounds of each way to compress.
var elementStrings = []string{
	"(01)98898765432106(3202)012345(15)991231", "(01)90614141000015(3202)000150", "(01)90012345678908(3103)001750",
	"(01)90012345678908(3103)032767", "(01)90012345678908(3103)032768", "(01)90012345678908(3202)009999",
	"(01)90012345678908(3203)010000", "(01)90012345678908(3203)022767", "(01)90012345678908(3922)795",
	"(01)90012345678908(3932)0401234", "(01)90012345678908(3102)001750(11)100312",
	"(01)90012345678908(3105)099999(13)991231",
	"(01)90012345678908(3209)000000(17)000100", "(01)00012345678905(10)ABC123", "(01)12345678901231",
	"(10)12A~(422)123~(21)123456", "(21)1~(91)a%b~(00)123456789012345675", "(8110)106141416543213150110120", "(10)1",
	"(10)12",
	"(10)1098-1234", "(21)lower case & signs?", "(99)A1B2C3D4E5F6789012345678901234567890",
}

func TestElementStringsGoRound(t *testing.T) {
	for _, text := range elementStrings {
		raw := strings.NewReplacer("(", "", ")", "", "~", "\x1d").Replace(text)
		got, ok := databar.ElementString(databartest.Characters(raw))
		require.True(t, ok, text)
		require.Equal(t, raw, got)
	}
}

func TestAnyElementStringGoesRound(t *testing.T) {
	part := rapid.StringOfN(rapid.RuneFrom([]rune(
		`0123456789012345678901234567890123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!"%&'()*+,-./:;<=>?_ `)),
		1, 20, -1)
	rapid.Check(t, func(t *rapid.T) {
		var parts []string
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			parts = append(parts, fmt.Sprintf("%02d", rapid.IntRange(10, 99).Draw(t, "ai"))+part.Draw(t, "value"))
		}
		text := strings.Join(parts, "\x1d")
		if rapid.Bool().Draw(t, "with GTIN") {
			text = "0112345678901231" + text
		}
		got, ok := databar.ElementString(databartest.Characters(text))
		require.True(t, ok, "the characters are an element string")
		require.Equal(t, text, got)
	})
}

// Some encoders lead back to digits after FNC1, which has done so already.
func TestALatchTooManyIsForgiven(t *testing.T) {
	// 00 00 | 10 -> 26, 12 -> 31, letters, A, FNC1, latch, 42 -> 54
	bits := "0" + "00" + "00" + "0011110" + "0010101" + "0000" + "100000" + "01111" + "000" + "0110110"
	var chars []int
	for bits += "0000001000010000"; len(bits) >= 12; bits = bits[12:] {
		var v int
		_, err := fmt.Sscanf(bits[:12], "%b", &v)
		require.NoError(t, err)
		chars = append(chars, v)
	}
	got, ok := databar.ElementString(chars)
	require.True(t, ok, "the characters are an element string")
	require.Equal(t, "2012A\x1d42", got)
}

func FuzzElementString(f *testing.F) {
	for _, text := range elementStrings {
		var b []byte
		for _, v := range databartest.Characters(strings.NewReplacer("(", "", ")", "", "~", "\x1d").Replace(text)) {
			b = append(b, byte(v>>8), byte(v))
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var chars []int
		for i := 0; i+1 < len(b) && len(chars) < 21; i += 2 {
			chars = append(chars, (int(b[i])<<8|int(b[i+1]))&0xfff)
		}
		text, ok := databar.ElementString(chars)
		require.LessOrEqual(t, len(text), 100)
		if ok {
			require.NotEmpty(t, text)
			require.NotEqual(t, byte(0x1d), text[len(text)-1])
		}
	})
}
