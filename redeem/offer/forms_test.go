package offer_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

var update = flag.Bool("update", false, "write the golden files anew")

func barePass() offer.Pass {
	return offer.Pass{ID: sample, IssuedAt: issued, NotAfter: issued.AddDate(0, 1, 0)}
}

// longPass is one whose parts need lengths of two bytes.
func longPass() offer.Pass {
	pass := samplePass()
	pass.Alias = "255:4012345000009123456789012"
	pass.Audience = []string{"bakery", "butcher", strings.Repeat("m", 60)}
	return pass
}

// The golden files hold passes as this version writes them; a change of the form shows here first.
func TestPassesAreOfTheFormThatTheirGoldenFilesShow(t *testing.T) {
	for name, pass := range map[string]offer.Pass{"bare": barePass(), "full": samplePass(), "long": longPass()} {
		t.Run(name, func(t *testing.T) {
			golden := "testdata/pass-v1-" + name + ".txt"
			text := issue(t, house, pass)
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(text+"\n"), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), text+"\n", "the form of passes changed: replace the files with -update and say so")
			presented, err := offer.Parse(text)
			require.NoError(t, err)
			assert.NoError(t, presented.Verify(keysOf(t, house.Key())))
		})
	}
	long, err := os.ReadFile("testdata/pass-v1-long.txt")
	require.NoError(t, err)
	data, err := offer.DecodeBase45(strings.TrimSpace(string(long))[len("OL1:"):])
	require.NoError(t, err)
	assert.Greater(t, len(data), 255)
}

func TestBase45IsThatOfRFC9285(t *testing.T) {
	for data, text := range map[string]string{"AB": "BB8", "Hello!!": "%69 VD92EX0", "base-45": "UJCLQE7W581",
		"ietf!": "QED8WEX0", "": ""} {
		assert.Equal(t, text, offer.EncodeBase45([]byte(data)))
		back, err := offer.DecodeBase45(text)
		require.NoError(t, err)
		assert.Equal(t, data, string(back))
	}
	for text, says := range map[string]string{
		"GGW": "stands for no byte", ":::": "stands for no byte", "ZZ": "stands for no byte", "A": "one is missing",
		"BB8A": "one is missing", "bb8": "character 1 is 'b'", "BB8!00": "character 4 is '!'",
	} {
		_, err := offer.DecodeBase45(text)
		assert.ErrorContains(t, err, says, text)
	}
}

// The first is example A.3 of RFC 8392, the second C.2.1 of RFC 9052.
func TestPassesSignedWithES256AreRefused(t *testing.T) {
	for name, message := range map[string]string{
		"RFC 8392": "d28443a10126a104524173796d6d657472696345434453413235365850" +
			"a70175636f61703a2f2f61732e6578616d706c652e636f6d" +
			"02656572696b77037818636f61703a2f2f6c696768742e6578616d706c652e636f6d041a5612aeb0051a5610d9f0061a5610d9f007420b71" +
			"58405427c1ff28d23fbad1f29c4c7c6a555e601d6fa29f9179bc3d7438bacaca5acd08c8d4d4f96131680c429a01f85951ecee743a52b9b6" +
			"3632c57209120e1c9e30",
		"RFC 9052": "d28443a10126a10442313154546869732069732074686520636f6e74656e742e5840" +
			"8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c" +
			"083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36",
	} {
		data, err := hex.DecodeString(message)
		require.NoError(t, err, name)
		_, err = offer.Parse("OL1:" + offer.EncodeBase45(data))
		assert.ErrorIs(t, err, fault.Algorithm, name)
	}
}

type header = map[any]any

func encode(t testing.TB, value any) []byte {
	t.Helper()
	mode, err := cbor.CoreDetEncOptions().EncMode()
	require.NoError(t, err)
	data, err := mode.Marshal(value)
	require.NoError(t, err)
	return data
}

// message makes a COSE_Sign1 of raw parts, signed as it stands, with everything that a hostile issuer could do.
func message(t testing.TB, protected, unprotected, payload []byte) []byte {
	t.Helper()
	signature := ed25519.Sign(house.Private, encode(t, []any{"Signature1", protected, []byte{}, payload}))
	return encode(t, cbor.Tag{Number: 18, Content: []any{protected, cbor.RawMessage(unprotected), payload, signature}})
}

func goodHeader() header {
	return header{1: -8, 4: []byte(house.KeyID), 16: 61}
}

func goodClaims() header {
	return header{1: house.Name, 4: 1900000000, 6: 1800000000, 7: sample[:], -65537: header{0: 1}}
}

func with(m header, key, value any) header {
	if value == nil {
		delete(m, key)
		return m
	}
	m[key] = value
	return m
}

func TestPassesAreHeldToOneForm(t *testing.T) {
	good := func(t *testing.T) []byte {
		return message(t, encode(t, goodHeader()), []byte{0xa0}, encode(t, goodClaims()))
	}
	protected := func(h header) func(*testing.T) []byte {
		return func(t *testing.T) []byte { return message(t, encode(t, h), []byte{0xa0}, encode(t, goodClaims())) }
	}
	claims := func(c header) func(*testing.T) []byte {
		return func(t *testing.T) []byte { return message(t, encode(t, goodHeader()), []byte{0xa0}, encode(t, c)) }
	}
	rawClaims := func(payload string) func(*testing.T) []byte {
		return func(t *testing.T) []byte {
			data, err := hex.DecodeString(strings.ReplaceAll(payload, " ", ""))
			require.NoError(t, err)
			return message(t, encode(t, goodHeader()), []byte{0xa0}, data)
		}
	}
	id := hex.EncodeToString(sample[:])
	for name, test := range map[string]struct {
		make func(*testing.T) []byte
		code fault.Code // none: it is good
	}{
		"good":              {good, ""},
		"Ed25519 under -19": {protected(with(goodHeader(), 1, -19)), ""},
		"an unknown header": {protected(with(goodHeader(), 99, "x")), ""},
		"an unknown claim":  {claims(with(goodClaims(), 2, "subject")), ""},
		"ES256":             {protected(with(goodHeader(), 1, -7)), fault.Algorithm},
		"no algorithm":      {protected(with(goodHeader(), 1, nil)), fault.Algorithm},
		"algorithm by name": {protected(with(goodHeader(), 1, "EdDSA")), fault.Algorithm},
		"no header at all": {func(t *testing.T) []byte {
			return message(t, []byte{}, []byte{0xa0},
				encode(t, goodClaims()))
		}, fault.Algorithm},
		"a critical header":       {protected(with(with(goodHeader(), 99, "x"), 2, []any{99})), fault.CriticalHeader},
		"a known critical header": {protected(with(goodHeader(), 2, []any{4})), fault.CriticalHeader},
		"no key id":               {protected(with(goodHeader(), 4, nil)), fault.Malformed},
		"a key id of text":        {protected(with(goodHeader(), 4, "text")), fault.Malformed},
		"no type":                 {protected(with(goodHeader(), 16, nil)), fault.Malformed},
		"another type":            {protected(with(goodHeader(), 16, "application/json")), fault.Malformed},
		"an unprotected header": {func(t *testing.T) []byte {
			return message(t, encode(t, goodHeader()), []byte{0xa1, 0x04, 0x41, 0x31}, encode(t, goodClaims()))
		}, fault.NotCanonical},
		"an unsorted header": {func(t *testing.T) []byte {
			return message(t, unhex(t, "a3 10183d 0127 0447323032362d3131"), []byte{0xa0}, encode(t, goodClaims()))
		}, fault.NotCanonical},
		"a long integer in it": {func(t *testing.T) []byte {
			return message(t, unhex(t, "a3 013807 0447323032362d3131 10183d"), []byte{0xa0}, encode(t, goodClaims()))
		}, fault.NotCanonical},
		"bytes behind":   {func(t *testing.T) []byte { return append(good(t), 0) }, fault.Malformed},
		"no tag":         {func(t *testing.T) []byte { return good(t)[1:] }, fault.Malformed},
		"a tag too many": {func(t *testing.T) []byte { return append([]byte{0xd8, 61}, good(t)...) }, fault.Malformed},
		"a long length": {func(t *testing.T) []byte {
			return bytes.Replace(good(t), []byte{0x58, 0x40},
				[]byte{0x59, 0, 0x40}, 1)
		}, fault.NotCanonical},
		"an indefinite length": {func(t *testing.T) []byte {
			return append(append([]byte{0xd2, 0x9f}, good(t)[2:]...),
				0xff)
		}, fault.Malformed},
		"a short signature": {func(t *testing.T) []byte {
			data := good(t)
			return append(bytes.Replace(data[:len(data)-64], []byte{0x58, 0x40}, []byte{0x58, 0x3f}, 1), data[len(data)-63:]...)
		}, fault.NotCanonical},
		"claims unsorted": {rawClaims("a5 061a6b49d200 016e6f66666572732e6578616d706c65 041a713fb300 0750" + id +
			"3a00010000a10001"), fault.NotCanonical},
		"a claim twice": {rawClaims("a6 016161 016162 041a713fb300 061a6b49d200 0750" + id + "3a00010000a10001"),
			fault.Malformed},
		"bytes behind the claims": {rawClaims("a5 016e6f66666572732e6578616d706c65 041a713fb300 061a6b49d200 0750" + id +
			"3a00010000a1000100"), fault.Malformed},
		"claims with a tagged time": {claims(with(goodClaims(), 4, cbor.Tag{Number: 1, Content: 1900000000})),
			fault.Malformed},
		"a time of fractions":      {claims(with(goodClaims(), 4, 1900000000.5)), fault.Malformed},
		"a whole time as a float":  {claims(with(goodClaims(), 4, 1900000000.0)), fault.Malformed},
		"no claims":                {rawClaims("40"), fault.Malformed},
		"no issuer":                {claims(with(goodClaims(), 1, nil)), fault.Malformed},
		"no identifier":            {claims(with(goodClaims(), 7, nil)), fault.Malformed},
		"a short identifier":       {claims(with(goodClaims(), 7, sample[:15])), fault.Malformed},
		"a zero identifier":        {claims(with(goodClaims(), 7, make([]byte, 16))), fault.Malformed},
		"no end":                   {claims(with(goodClaims(), 4, nil)), fault.Malformed},
		"a time before 1970":       {claims(with(goodClaims(), 6, -1)), fault.Malformed},
		"an end before its start":  {claims(with(goodClaims(), 4, 1700000000)), fault.Malformed},
		"one merchant in an array": {claims(with(goodClaims(), 3, []any{"bakery"})), fault.Malformed},
		"a merchant twice":         {claims(with(goodClaims(), 3, []any{"bakery", "bakery"})), fault.Malformed},
		"nothing of ours":          {claims(with(goodClaims(), -65537, nil)), fault.Malformed},
		"another version":          {claims(with(goodClaims(), -65537, header{0: 2, 77: true})), fault.UnsupportedVersion},
		"no version":               {claims(with(goodClaims(), -65537, header{})), fault.UnsupportedVersion},
		"an unknown key of ours":   {claims(with(goodClaims(), -65537, header{0: 1, 7: true})), fault.Malformed},
		"a zero that is stated":    {claims(with(goodClaims(), -65537, header{0: 1, 3: 0})), fault.NotCanonical},
		"an alias that is none":    {claims(with(goodClaims(), -65537, header{0: 1, 5: "255:123"})), fault.Malformed},
		"terms that are none":      {claims(with(goodClaims(), -65537, header{0: 1, 6: header{1: 1}})), fault.Malformed},
		"not UTF-8": {rawClaims("a5 0161ff 041a713fb300 061a6b49d200 0750" + id + "3a00010000a10001"),
			fault.Malformed},
		"too large": {claims(with(goodClaims(), 2, strings.Repeat("s", 300))), fault.TooLarge},
		"nothing":   {func(*testing.T) []byte { return nil }, fault.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			err := verify("OL1:"+offer.EncodeBase45(test.make(t)), keysOf(t, house.Key()))
			if test.code == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorIs(t, err, test.code)
			t.Log(err)
		})
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	require.NoError(t, err)
	return data
}
