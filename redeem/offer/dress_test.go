package offer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

const (
	gcn      = "4012345000009"
	coupon   = "012345612345611110123" // AI (8110) without a serial
	positive = "001234561234560123456" // AI (8112)
	serial   = "50123456"              // AI (8110)'s optional field 5
)

func TestGS1CouponsAreRead(t *testing.T) {
	for name, test := range map[string]struct{ text, coupon, alias string }{
		"GCN":                {"]C1255" + gcn + "123456", "255:" + gcn, "255:" + gcn + "123456"},
		"GCN without AIM":    {"255" + gcn + "123456", "255:" + gcn, "255:" + gcn + "123456"},
		"GCN without serial": {"]C1255" + gcn, "255:" + gcn, ""},
		"GCN with others":    {"]C1255" + gcn + "1\x1d17261231", "255:" + gcn, "255:" + gcn + "1"},
		"GCN last":           {"17261231255" + gcn + "1", "255:" + gcn, "255:" + gcn + "1"},
		"GCN bracketed":      {"(255)" + gcn + "123456", "255:" + gcn, "255:" + gcn + "123456"},
		"GCN in a link": {"https://example.com/shop/255/" + gcn + "123456?3900=250", "255:" + gcn, "255:" + gcn +
			"123456"},
		"GCN in a link with alpha": {"]Q1https://example.com/gcn/" + gcn + "7", "255:" + gcn, "255:" + gcn + "7"},
		"a blank before a link":    {" https://example.com/255/" + gcn + "7 ", "255:" + gcn, "255:" + gcn + "7"},
		"a scheme in mixed case":   {"]Q1hTTps://example.com/255/" + gcn + "7", "255:" + gcn, "255:" + gcn + "7"},
		"a mark of byte order":     {"\ufeff]C1255" + gcn + "7", "255:" + gcn, "255:" + gcn + "7"},
		"coupon":                   {"8110" + coupon, "8110:123456.123456", ""},
		"coupon with serial":       {"]e08110" + coupon + serial, "8110:123456.123456", "8110:123456.123456.123456"},
		"positive offer":           {"]d28112" + positive, "8112:0.123456.123456", "8112:0.123456.123456.123456"},
		"FNC1 at the front":        {"\x1d8112" + positive, "8112:0.123456.123456", "8112:0.123456.123456.123456"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := offer.Parse(test.text)
			require.NoError(t, err)
			assert.Equal(t, offer.GS1, p.Dress)
			assert.True(t, p.ID.IsZero(), "a GS1 number has no identifier")
			assert.Equal(t, test.coupon, p.Coupon)
			assert.Equal(t, test.alias, p.Alias)
			assert.Equal(t, test.alias != "", p.Identifies())
			assert.NotEmpty(t, p.Elements)
			assert.ErrorIs(t, p.Verify(keysOf(t, house.Key())), fault.Unproven)
		})
	}
}

func TestTheSavingsOfACouponDoNotMakeItAnother(t *testing.T) {
	a, err := offer.Parse("8110" + "0123456123456" + "11" + "110123" + serial)
	require.NoError(t, err)
	b, err := offer.Parse("8110" + "0123456123456" + "299" + "110123" + serial)
	require.NoError(t, err)
	assert.Equal(t, a.Alias, b.Alias)
}

func TestWhatIsNoOfferSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		code fault.Code
		says string
	}{
		"empty":                     {"", fault.Unreadable, "empty"},
		"an AIM identifier alone":   {"]Q1", fault.Unreadable, "empty"},
		"too long":                  {strings.Repeat("A", 4097), fault.TooLarge, "4097 bytes"},
		"a GTIN":                    {"]C10109521234543213", fault.NotAnOffer, "a product's code"},
		"a wrong check digit":       {"]C12554012345000008", fault.Malformed, "csum"},
		"a wrong check digit, bare": {"2554012345000008", fault.Malformed, "csum"},
		"a bad pair":                {"]C1255" + gcn + "1\x1d0109521234543213", fault.Malformed, "must not stand with"},
		"two coupons":               {"]C1255" + gcn + "1\x1d8112" + positive, fault.Ambiguous, "two coupons"},
		"a link without offer":      {"https://example.com/about", fault.NotAnOffer, "a web link"},
		"a broken bracket":          {"(255", fault.Malformed, "bracket"},
		"EAN-13":                    {"]E04012345000009", fault.NotAnOffer, "a product's code"},
		"QR of digits, not GS1":     {"]Q1255" + gcn + "1", fault.Mistyped, "40 digits"},
		"caps lock":                 {strings.ToLower("OL1:6BF"), fault.Unreadable, "caps lock"},
		"a later version":           {"OL2:6BF", fault.UnsupportedVersion, "another version"},
		"a word":                    {"hello", fault.NotAnOffer, "something else"},
		"a pass too long":           {"OL1:" + strings.Repeat("0", offer.MaxPassText), fault.TooLarge, "characters"},
		"a pass of no base45":       {"OL1:!!!", fault.Malformed, "character 1 is '!'"},
		"a pass of nothing":         {"OL1:", fault.Malformed, "no COSE_Sign1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := offer.Parse(test.text)
			assert.ErrorIs(t, err, test.code)
			assert.ErrorContains(t, err, test.says)
		})
	}
}

func TestIdentifiersAreReadInEveryWriting(t *testing.T) {
	for _, text := range []string{sample.Code(), sample.Grouped(), sample.Digits(), "]C0" + sample.Digits(),
		"]Q1" + sample.Code(), strings.ToLower(sample.Code()),
		sample.Code() + "\r\n"} {
		p, err := offer.Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, offer.ShortCode, p.Dress)
		assert.Equal(t, sample, p.ID)
	}
}

// Digits may be an identifier and a coupon at once; then neither is guessed.
func TestDigitsThatAreTwoThingsAreAmbiguous(t *testing.T) {
	for year := 0; ; year++ {
		require.Less(t, year, 100, "one in ten has the check digit of an identifier")
		text := fmt.Sprintf("17%02d1231"+"410"+gcn+"255"+gcn, year)
		if _, err := offer.ParseDigits(text); err != nil {
			p, err := offer.Parse(text)
			require.NoError(t, err)
			require.Equal(t, offer.GS1, p.Dress)
			continue
		}
		_, err := offer.Parse(text)
		assert.ErrorIs(t, err, fault.Ambiguous)
		p, err := offer.Parse("]C1" + text)
		require.NoError(t, err, "the symbology tells")
		assert.Equal(t, offer.GS1, p.Dress)
		p, err = offer.Parse("]C0" + text)
		require.NoError(t, err, "the symbology tells")
		assert.Equal(t, offer.ShortCode, p.Dress)
		return
	}
}

func TestChooseNeverGuesses(t *testing.T) {
	other := randomIDs(1)[0]
	p, err := offer.Reader{}.Choose("zzz", sample.Code(), sample.Grouped())
	require.NoError(t, err)
	assert.Equal(t, sample, p.ID)
	_, err = offer.Reader{}.Choose(sample.Code(), other.Code())
	assert.ErrorIs(t, err, fault.Ambiguous)
	_, err = offer.Reader{}.Choose("hello", "O"+sample.Code()[1:], "OL1:!")
	assert.ErrorIs(t, err, fault.Mistyped, "the error of the first reading that looks like an offer")
	_, err = offer.Reader{}.Choose("hello", "4012345000009")
	assert.ErrorIs(t, err, fault.NotAnOffer, "where none does")
	_, err = offer.Reader{}.Choose()
	assert.ErrorIs(t, err, fault.Unreadable)
}

func TestAPassNamesItsAliasInTheFormThatTheCouponHas(t *testing.T) {
	for _, text := range []string{"]C1255" + gcn + "123456", "8110" + coupon + serial, "8112" + positive} {
		shown, err := offer.Parse(text)
		require.NoError(t, err)
		pass := samplePass()
		pass.Alias = shown.Alias
		p, err := offer.Parse(issue(t, house, pass))
		require.NoError(t, err)
		assert.Equal(t, shown.Alias, p.Alias)
	}
	for _, alias := range []string{"255", "255:", "255:" + gcn, "255:4012345000008" + "1", "255:" + gcn + "A",
		"01:09521234543213", "8110:123456.123456",
		"8110:123456.123456.12345", "8112:0.123456.123456", "8112:2.123456.123456.123456", "8110:a.b.c", "8112:....", ":",
		"8110:" + strings.Repeat("1", 99) + ".1.1"} {
		pass := samplePass()
		pass.Alias = alias
		_, err := house.Issue(pass)
		assert.ErrorIs(t, err, fault.InvalidRequest, alias)
	}
}

func TestRandomTextsAreNotGenuine(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	keys := keysOf(t, house.Key())
	prefixes := []string{"", "OL1:", "]C1255", "]Q1OL1:", "8110", "https://example.com/", "("}
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:abcdefghijklmnopqrstuvwxyz()\x1d"
	text := make([]byte, 0, 200)
	for range trials() {
		text = append(text[:0], prefixes[random.IntN(len(prefixes))]...)
		set := letters[:[]int{10, 45, len(letters)}[random.IntN(3)]]
		for range random.IntN(100) {
			text = append(text, set[random.IntN(len(set))])
		}
		if p, err := offer.Parse(string(text)); err == nil && p.Verify(keys) == nil {
			t.Fatalf("%q is reported as genuine", text)
		}
	}
}

func TestWellFormedShortCodesAreNotGenuine(t *testing.T) {
	keys := keysOf(t, house.Key())
	random := rand.NewChaCha8([32]byte{2})
	for range trials() {
		var id offer.ID
		_, _ = random.Read(id[:])
		p, err := offer.Parse(id.Code())
		require.NoError(t, err)
		if p.ID != id || p.Verify(keys) == nil {
			t.Fatalf("%q is reported as genuine, or as another", id.Code())
		}
	}
}

// An offer can be printed in all three dresses.
func ExampleParse() {
	gs1Text := gs1.Elements{{AI: "255", Value: gs1.GCN{Number: gcn, Serial: "123456"}.String()}}.Raw()
	p, err := offer.Parse("]C1" + gs1Text)
	if err != nil {
		panic(err)
	}
	pass := samplePass()
	pass.Alias = p.Alias
	text, err := house.Issue(pass)
	if err != nil {
		panic(err)
	}
	for _, shown := range []string{pass.ID.Grouped(), pass.ID.Digits(), text, "]C1" + gs1Text} {
		p, err := offer.Parse(shown)
		fmt.Printf("%s: %v %q %v\n", p.Dress, p.ID, p.Alias, err)
	}
	// Output:
	// short code: 7XUJ… "" <nil>
	// short code: 7XUJ… "" <nil>
	// signed pass: 7XUJ… "255:4012345000009123456" <nil>
	// GS1: none "255:4012345000009123456" <nil>
}
