package cbor_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/cbor"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	require.NoError(t, err)
	return data
}

// deterministic are items of which each byte is as RFC 8949, section 4.2.1, has it; other are items that are not.
var (
	deterministic = []string{
		"00", "17", "1818", "18ff", "190100", "19ffff", "1a00010000", "1affffffff", "1b0000000100000000",
		"1bffffffffffffffff", "20", "3818", "3bffffffffffffffff", "40", "4100", "60", "6161", "62c3bc", "80",
		"820102", "a0", "a10102", "a201020302", "a3010220024100f4", "f4", "f5", "f6", "8181818181818180",
		"5818" + strings.Repeat("61", 24),
	}
	other = map[string]string{
		"nothing":                      "",
		"a head cut off":               "18",
		"a length cut off":             "1901",
		"a text cut off":               "6261",
		"an array cut off":             "8201",
		"a map without a value":        "a101",
		"23 in two bytes":              "1817",
		"255 in three":                 "1900ff",
		"65535 in five":                "1a0000ffff",
		"a number in nine":             "1b00000000ffffffff",
		"a long length of a text":      "780161",
		"a long length of a map":       "b80101" + "02",
		"not UTF-8":                    "61ff",
		"keys that descend":            "a203020102",
		"a key twice":                  "a201020102",
		"text before a number":         "a2616101" + "0102",
		"a long key after a short one": "a241000141ff01" + "00",
		"a tag":                        "c101",
		"half a float":                 "f93c00",
		"a float":                      "fa3f800000",
		"a double":                     "fb3ff0000000000000",
		"undefined":                    "f7",
		"a simple value":               "e0",
		"a simple value in two bytes":  "f8ff",
		"true in two bytes":            "f815",
		"an indefinite text":           "7f6161ff",
		"an indefinite array":          "9f01ff",
		"an indefinite map":            "bf0102ff",
		"reserved":                     "1c",
		"reserved in a map":            "bc",
		"a break":                      "ff",
		"two items":                    "0000",
		"nine levels":                  "818181818181818180",
		"more elements than bytes":     "9bffffffffffffffff",
		"more pairs than bytes":        "bbffffffffffffffff",
		"an endless text":              "7bffffffffffffffff61",
	}
)

func TestOneFormIsTaken(t *testing.T) {
	for _, item := range deterministic {
		assert.True(t, cbor.IsDeterministic(unhex(t, item)), "%s is deterministic", item)
	}
	for name, item := range other {
		assert.False(t, cbor.IsDeterministic(unhex(t, item)), "%s (%s) is not deterministic", name, item)
	}
}

func TestTheCheckOfTheFormAllocatesNothing(t *testing.T) {
	data := unhex(t, "a3010220024100f4")
	assert.Zero(t, testing.AllocsPerRun(100, func() { cbor.IsDeterministic(data) }), "allocations")
}

func TestADecoderKeepsToItsLimits(t *testing.T) {
	type pair struct {
		One  int   `cbor:"1,keyasint"`
		List []int `cbor:"2,keyasint,omitempty"`
	}
	tolerant := cbor.NewDecoder(cbor.Limits{Elements: 16, Pairs: 16})
	strict := cbor.NewDecoder(cbor.Limits{KnownKeys: true})
	loose := cbor.NewDecoder(cbor.Limits{Loose: true})
	for name, test := range map[string]struct {
		item                    string
		tolerant, strict, loose bool
	}{
		"a pair":              {"a10101", true, true, true},
		"an unknown key":      {"a201010902", true, false, true},
		"a key twice":         {"a201010102", false, false, true},
		"a tagged number":     {"a101c101", false, false, true},
		"long forms":          {"a1180118" + "01", true, true, true},
		"an indefinite map":   {"bf0101ff", false, false, false},
		"something behind":    {"a1010100", false, false, false},
		"cut off":             {"a101", false, false, false},
		"17 elements":         {"a2010102" + "91" + strings.Repeat("00", 17), false, true, true},
		"nine levels":         {"a109" + strings.Repeat("81", 8) + "80", false, false, false},
		"a text for a number": {"a1016161", false, false, false},
	} {
		data := unhex(t, test.item)
		var got pair
		assert.Equal(t, test.tolerant, tolerant.Unmarshal(data, &got) == nil, "%s: taken by the tolerant one", name)
		assert.Equal(t, test.strict, strict.Unmarshal(data, &got) == nil, "%s: taken by the strict one", name)
		assert.Equal(t, test.loose, loose.Unmarshal(data, &got) == nil, "%s: taken by the loose one", name)
	}
}

func TestSplitPartsTheFirstItem(t *testing.T) {
	loose := cbor.NewDecoder(cbor.Limits{Loose: true})
	first, rest, err := loose.Split(unhex(t, "d2818000"))
	require.NoError(t, err)
	assert.Equal(t, unhex(t, "d28180"), first, "the first item, with its tag")
	assert.Equal(t, []byte{0}, rest, "what follows")
	_, _, err = loose.Split(unhex(t, "82"))
	assert.Error(t, err, "there is no whole item")
}
