package databar_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/internal/databar"
	"github.com/offlane/offlane/barcode/internal/databar/databartest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// charactersOf are those of numbers with their widths in bits, such as "0/1 5/4": as many as there must be.
func charactersOf(t *testing.T, codes string) (chars []int) {
	t.Helper()
	var bits strings.Builder
	for _, code := range strings.Fields(codes) {
		v, width, _ := strings.Cut(code, "/")
		n, err := strconv.Atoi(v)
		require.NoError(t, err, "%q is a number and a width", code)
		w, err := strconv.Atoi(width)
		require.NoError(t, err, "%q is a number and a width", code)
		fmt.Fprintf(&bits, "%0*b", w, n)
	}
	all := bits.String()
	require.Zero(t, len(all)%12, "%d bits are whole characters", len(all))
	for ; len(all) > 0; all = all[12:] {
		v, err := strconv.ParseUint(all[:12], 2, 12)
		require.NoError(t, err, "bits are bits")
		chars = append(chars, int(v))
	}
	return chars
}

// Digits are in seven bits for two; 0/4 leads to letters, 4/5 from there to small ones.
func TestBitsThatNoEncoderWrites(t *testing.T) {
	const general, number = "0/1 0/1 0/1 0/2 ", " 12/10 345/10 678/10 901/10 "
	const digits, letters, small = " 28/7", " 0/4", " 0/4 4/5"
	const weight = "0/1 0/1 1/1 3/2 0/3" + number
	const price = "0/1 0/1 1/1 2/2 1/1 0/2" + number + "2/2 "
	for name, c := range map[string]struct{ codes, want string }{
		"digits":                           {general + digits, "19"},
		"a last digit in six bits":         {general + strings.Repeat(digits, 7) + " 6/4 0/2", "191919191919195"},
		"a last digit that is none":        {general + strings.Repeat(digits, 7) + " 12/4 0/2", ""},
		"a sign of letters that is none":   {general + digits + letters + " 63/6 0/2", ""},
		"a sign of small ones":             {general + digits + small + " 232/8 0/1 0/4 0/2", "19!"},
		"a sign of small ones that is not": {general + digits + small + " 254/8 0/1 0/4 0/2", ""},
		"FNC1 before three bits":           {general + digits + letters + " 15/5 0/3", "19"},
		"a weight of six digits":           {weight + "999999/20 38400/16 ", "01901234567890153109099999"},
		"a weight of seven digits":         {weight + "1000001/20 38400/16 ", ""},
		"a currency":                       {price + "800/10", "01901234567890153932800"},
		"a currency of four digits":        {price + "1001/10", ""},
	} {
		got, ok := databar.ElementString(charactersOf(t, c.codes))
		assert.Equal(t, c.want != "", ok, "%s: it is an element string", name)
		if ok {
			assert.Equal(t, c.want, got, name)
		}
	}
}

// A number that is as large as none of a symbol alone is that of one with a two-dimensional component above it.
func TestNumbersOfLinkedSymbols(t *testing.T) {
	omni := func(n int64) (string, bool) {
		half := int64(databar.Outer.Values * databar.Inner.Values)
		left, right := int(n/half), int(n%half)
		inner := databar.Inner.Values
		return databar.Omnidirectional([4]int{left / inner, left % inner, right / inner, right % inner})
	}
	limited := func(n int64) (string, bool) {
		v := int64(databar.Limited.Values)
		return databar.FromLimited(int(n/v), int(n%v))
	}
	for _, c := range []struct {
		name   string
		of     func(int64) (string, bool)
		number int64
		want   string
	}{
		{"Omnidirectional", omni, 7_000_000_000_000, "7000000000000"},
		{"Omnidirectional, linked", omni, 12_000_000_000_000, "2000000000000"},
		{"Omnidirectional, too large", omni, 20_000_000_000_001, ""},
		{"Limited", limited, 1_500_000_000_000, "1500000000000"},
		{"Limited, linked", limited, 2_015_133_531_096 + 5, "0000000000005"},
		{"Limited, too large", limited, 2_000_000_000_001, ""},
	} {
		got, ok := c.of(c.number)
		assert.Equal(t, c.want != "", ok, "%s: %d is a number", c.name, c.number)
		if ok {
			assert.Equal(t, c.want, got[:13], "%s: %d", c.name, c.number)
		}
	}
}

// Weights in hundredths of a pound go over to thousandths in the middle of the range.
func TestAWeightInPoundsOfEitherPart(t *testing.T) {
	const text = "01900123456789083203005000"
	got, ok := databar.ElementString(databartest.Characters(text))
	assert.True(t, ok, "the characters are an element string")
	assert.Equal(t, text, got, "five pounds")
}
