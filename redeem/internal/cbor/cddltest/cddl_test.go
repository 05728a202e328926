package cddltest_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/cbor/cddltest"
)

func TestItemsAreCheckedAgainstTheirType(t *testing.T) {
	for cddl, items := range map[string]map[string]bool{
		"a = any":                           {"00": true, "c100": true, "": false, "0000": false, "1800": false},
		"a = uint":                          {"00": true, "20": false},
		"a = nint / text ; two":             {"20": true, "6161": true, "4161": false, "00": false},
		"a = bool":                          {"f4": true, "f5": true, "f6": false},
		"a = 2..23":                         {"01": false, "02": true, "17": true, "1818": false},
		"a = -2..2":                         {"21": true, "22": false, "00": true},
		"a = -8 / -19":                      {"27": true, "32": true, "28": false},
		`a = "x"`:                           {"6178": true, "6179": false, "4178": false},
		"a = bstr .size 2":                  {"426161": true, "4161": false, "626161": false},
		"a = tstr .size (1..2)":             {"60": false, "6161": true, "626161": true, "63616161": false},
		"a = bstr .cbor b\nb = {1: uint}":   {"43a10100": true, "42a101": false, "43a10120": false},
		"a = #6.18([uint])":                 {"d28100": true, "8100": false, "d38100": false},
		"a = {1: uint, ? 2: text}":          {"a10100": true, "a20100026161": true, "a0": false, "a201000300": false},
		"a = {-65537: b}\nb = {}":           {"a13a00010000a0": true, "a0": false, "80": false},
		"a = {b, 3: true}\nb = (1: 1, 2:2)": {"a3010102020" + "3f5": true, "a10" + "3f5": false},
		"a = [2* uint]":                     nil,
		"a = [+ uint]":                      {"8100": true, "820001": true, "80": false, "8120": false},
		"a = [* uint]":                      {"80": true, "820001": true, "8120": false},
		"a = [x: uint, ? y: text]":          {"8100": true, "82006161": true, "820000": false, "80": false},
		"a = text .size 3 / [2: uint]":      {"63616161": true, "8100": true},
		"a = b":                             nil,
		"a = uint a = text":                 nil,
		"a = {uint => text}":                nil,
		"a = {x: text}":                     nil,
		"a = text .regexp \"x\"":            nil,
		"a = 1..b\nb = 2":                   nil,
		"a = [":                             nil,
		"a = !":                             nil,
	} {
		s, err := cddltest.Parse(cddl)
		if items == nil {
			assert.Error(t, err, "%q is not CDDL that is known here", cddl)
			continue
		}
		require.NoError(t, err, cddl)
		for item, fits := range items {
			data, err := hex.DecodeString(item)
			require.NoError(t, err)
			err = s.Check("a", data)
			assert.Equal(t, fits, err == nil, "%s is %q: %v", item, cddl, err)
		}
	}
}

func TestErrorsSayWhere(t *testing.T) {
	s, err := cddltest.Parse("a = {1: b}\nb = [+ {2: text .size 1}]")
	require.NoError(t, err)
	err = s.Check("a", []byte("\xa1\x01\x82\xa1\x02\x61x\xa1\x02\x62xy"))
	assert.ErrorContains(t, err, "a: key 1: b: element 1")
	assert.ErrorContains(t, s.Check("c", nil), "no rule c")
}

func TestTheKeysOfAMapAreThoseOfAStruct(t *testing.T) {
	s, err := cddltest.Parse("a = {1: uint, ? 2: text}")
	require.NoError(t, err)
	assert.NoError(t, s.CheckKeys("a", struct {
		A int    `cbor:"1,keyasint"`
		B string `cbor:"2,keyasint,omitempty"`
		C int    `cbor:"-"`
	}{}), "both have two keys")
	err = s.CheckKeys("a", struct {
		A int `cbor:"1,keyasint,omitempty"`
		D int `cbor:"4,keyasint"`
	}{})
	for _, key := range []string{"key 1", "key 2", "key 4"} {
		assert.ErrorContains(t, err, key, "it differs")
	}
	assert.Error(t, s.CheckKeys("b", struct{}{}), "there is no rule b")
}
