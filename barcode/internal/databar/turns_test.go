package databar_test

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/databar"
	"github.com/stretchr/testify/assert"
)

// The last code that an encoder writes is some, and the next one is of another kind or none.
func TestCodesEndWhereTheStandardEndsThem(t *testing.T) {
	const general, number = "0/1 0/1 0/1 0/2 ", " 12/10 345/10 678/10 901/10 "
	const letters, small = " 28/7 0/4", " 28/7 0/4 4/5"
	const pounds = "0/1 0/1 1/1 1/2 " + number
	const weight = "0/1 0/1 1/1 3/2 0/3" + number
	for name, c := range map[string]struct{ codes, want string }{
		"the first letter":                {general + letters + " 32/6 0/2", "19A"},
		"the last letter":                 {general + letters + " 57/6 0/2", "19Z"},
		"the first sign":                  {general + letters + " 58/6 0/2", "19*"},
		"the last sign":                   {general + letters + " 62/6 0/2", "19/"},
		"the last weight of hundredths":   {pounds + "9999/15", "01901234567890153202009999"},
		"the first weight of thousands":   {pounds + "10000/15", "01901234567890153203000000"},
		"the first capital of two sets":   {general + small + " 64/7 0/5 0/1 0/2", "19A"},
		"the last capital of two sets":    {general + small + " 89/7 0/5 0/1 0/2", "19Z"},
		"the first small letter":          {general + small + " 90/7 0/5 0/1 0/2", "19a"},
		"the last small letter":           {general + small + " 115/7 0/5 0/1 0/2", "19z"},
		"the last day of all":             {weight + "999999/20 38399/16 ", "0190123456789015310909999911991231"},
		"no day":                          {weight + "999999/20 38400/16 ", "01901234567890153109099999"},
		"a day after the last":            {weight + "999999/20 38401/16 ", ""},
		"a number of three digits":        {"0/1 0/1 1/1 1/2 999/10 345/10 678/10 901/10 1/15", "01999934567890153202000001"},
		"a number of four digits":         {"0/1 0/1 1/1 1/2 1000/10 345/10 678/10 901/10 1/15", ""},
		"a sign of small ones":            {general + small + " 252/8 0/1 0/4 0/2", "19 "},
		"a sign that no small one stands": {general + small + " 253/8 0/1 0/4 0/2", ""},
	} {
		got, ok := databar.ElementString(charactersOf(t, c.codes))
		assert.Equal(t, c.want != "", ok, "%s: it is an element string", name)
		if ok {
			assert.Equal(t, c.want, got, name)
		}
	}
}

// The largest number of a DataBar Limited begins with 1.
func TestTheLargestNumberOfALimitedSymbol(t *testing.T) {
	for number, want := range map[int64]bool{1_600_000_000_001: true, 1_999_999_999_999: true, 2_000_000_000_000: false} {
		v := int64(databar.Limited.Values)
		_, ok := databar.FromLimited(int(number/v), int(number%v))
		assert.Equal(t, want, ok, "%d is a number", number)
	}
}
