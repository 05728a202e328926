package gs1_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/gs1"
)

func TestElementStringsAreRead(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"one":                           {"0109521234543213", "(01)09521234543213"},
		"AIM identifier":                {"]C10109521234543213", "(01)09521234543213"},
		"FNC1 as a caret":               {"^10ABC^21XYZ", "(10)ABC(21)XYZ"},
		"FNC1 first":                    {"\x1d0109521234543213", "(01)09521234543213"},
		"AIM identifier and FNC1":       {"]d2\x1d0109521234543213", "(01)09521234543213"},
		"predefined, then variable":     {"010952123454321310ABC", "(01)09521234543213(10)ABC"},
		"variable, separator, variable": {"10ABC\x1d21XYZ", "(10)ABC(21)XYZ"},
		"separator that is not needed":  {"0109521234543213\x1d10ABC", "(01)09521234543213(10)ABC"},
		"separator at the end":          {"10ABC\x1d", "(10)ABC"},
		"four digits":                   {"31031750000109521234543213", "(3103)175000(01)09521234543213"},
		"optional component":            {"2554012345000009123456", "(255)4012345000009123456"},
		"optional component missing":    {"2554012345000009", "(255)4012345000009"},
		"bracket in a value":            {"10A(B", `(10)A\(B`},
		"bracketed":                     {"(01)09521234543213(10)ABC", "(01)09521234543213(10)ABC"},
		"bracketed with escape":         {`(10)A\(B(21)C`, `(10)A\(B(21)C`},
		"five countries":                {"423276250826840056", "(423)276250826840056"},
	} {
		t.Run(name, func(t *testing.T) {
			elements, err := gs1.Parse(test.text)
			require.NoError(t, err)
			assert.Equal(t, test.want, elements.String())
		})
	}
}

func TestWhatIsNoElementStringSaysWhere(t *testing.T) {
	for name, test := range map[string]struct {
		text   string
		offset int
		ai     string
		linter string
	}{
		"empty":                     {"", 0, "", ""},
		"an AIM identifier alone":   {"]C1", 3, "", ""},
		"no AI":                     {"9", 0, "", ""},
		"an AI that is not there":   {"3499", 0, "3499", ""},
		"unknown prefix":            {"0500", 0, "05", ""},
		"unknown third digit":       {"2390", 0, "239", ""},
		"check digit":               {"0109521234543214", 15, "01", "csum"},
		"check digit after another": {"10ABC\x1d0109521234543214", 21, "01", "csum"},
		"too short":                 {"0109521", 7, "01", ""},
		"too long":                  {"10" + strings.Repeat("A", 21), 22, "10", ""},
		"empty value":               {"10\x1d21A", 2, "10", ""},
		"two separators":            {"10A\x1d\x1d21A", 4, "", ""},
		"character set":             {"10A B", 3, "10", ""},
		"date":                      {"17261340", 4, "17", "yymmd0"},
		"second component":          {"3912978ABC", 7, "3912", ""},
		"bracket unclosed":          {"(10", 0, "", ""},
		"bracket empty":             {"()A", 1, "", ""},
		"bracketed value empty":     {"(10)(21)A", 4, "10", ""},
		"bracketed check digit":     {"(10)A(01)09521234543214", 22, "01", "csum"},
		"too long for any symbol":   {strings.Repeat("1", 8193), 8192, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := gs1.Parse(test.text)
			var fault *gs1.Error
			require.True(t, errors.As(err, &fault), "%v", err)
			assert.Equal(t, test.offset, fault.Offset, err)
			assert.Equal(t, test.ai, fault.AI, err)
			assert.Equal(t, test.linter, fault.Linter, err)
		})
	}
}

func TestRawPutsSeparatorsWhereTheyBelong(t *testing.T) {
	for bracketed, raw := range map[string]string{
		"(01)09521234543213(10)ABC(21)X": "010952123454321310ABC\x1d21X",
		"(10)ABC(01)09521234543213":      "10ABC\x1d0109521234543213",
		"(8111)0100(255)4012345000009":   "81110100\x1d2554012345000009",
	} {
		elements, err := gs1.ParseBracketed(bracketed)
		require.NoError(t, err)
		assert.Equal(t, raw, elements.Raw())
	}
}

func TestAppendRawKeepsWhatItHadWhenItFails(t *testing.T) {
	dst := gs1.Elements{{AI: "10", Value: "A"}}
	got, err := gs1.AppendRaw(dst, "21B\x1d0101")
	assert.Error(t, err)
	assert.Equal(t, dst, got)
}

func TestCompanions(t *testing.T) {
	for text, detail := range map[string]string{
		"(255)4012345000009":                         "",
		"(255)4012345000009(3900)250":                "",
		"(255)4012345000009(8111)0100":               "",
		"(255)4012345000009(3940)0100(8111)0100":     "must not stand with (8111)",
		"(255)4012345000009(01)09521234543213":       "must not stand with (01)",
		"(8111)0100":                                 "needs one of 255 with it",
		"(01)09521234543213(10)ABC":                  "",
		"(10)ABC":                                    "needs one of 01,02,03,8006,8026 with it",
		"(01)09521234543213(250)A":                   "needs one of 01+21,03+21,8006+21 with it",
		"(01)09521234543213(21)S(250)A":              "",
		"(01)09521234543213(01)09521234543213":       "",
		"(01)09521234543213(01)04012345000009":       "stands twice with different values",
		"(01)09521234543213(3103)000100":             "",
		"(01)09521234543213(3103)000100(3102)000100": "must not stand with (310n)",
		"(01)09521234543213(3103)000100(3923)100":    "",
		"(01)09521234543213(3923)100":                "needs one of 01+30,01+31nn,01+32nn,01+35nn,01+36nn with it",
		"(8020)ABC(415)4012345000009":                "",
		"(8110)012345612345611110123":                "",
	} {
		t.Run(text, func(t *testing.T) {
			elements, err := gs1.ParseBracketed(text)
			require.NoError(t, err)
			err = elements.Check()
			if detail == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, detail)
		})
	}
	assert.Error(t, gs1.Elements{{AI: "5", Value: "1"}}.Check(), "what is no AI at all")
}

func TestLinksAreRead(t *testing.T) {
	for uri, want := range map[string]string{
		"https://id.gs1.org/01/09521234543213": "(01)09521234543213",
		"HTTPS://ID.GS1.ORG/01/09521234543213": "(01)09521234543213",
		"http://example.com/some/path/01/09521234543213/10/ABC/21/XYZ" +
			"?17=261231": "(01)09521234543213(10)ABC(21)XYZ(17)261231",
		"https://example.com:8443/gtin/09521234543213/lot/ABC/ser/XYZ": "(01)09521234543213(10)ABC(21)XYZ",
		"https://example.com/gcn/4012345000009123456?3900=250":         "(255)4012345000009123456(3900)250",
		"https://example.com/01/9521234543213":                         "(01)09521234543213",
		"https://example.com/01/95212340":                              "(01)00000095212340",
		"https://example.com/01/09521234543213/10/A%2FB%26C":           "(01)09521234543213(10)A/B&C",
		"https://example.com/01/09521234543213" +
			"?linkType=gs1:pip&15=261231;utm_source=x#section": "(01)09521234543213(15)261231",
		"https://example.com/01/x/00/006141411234567890":    "(00)006141411234567890",
		"https://example.com/00/faux/00/006141411234567890": "(00)006141411234567890",
		"https://[2001:db8::1]/8010/0614141ABC/8011/12":     "(8010)0614141ABC(8011)12",
		"https://example.com/01/09521234543213/235/ABC":     "(01)09521234543213(235)ABC",
		"https://example.com/414/9521234000006/254/A":       "(414)9521234000006(254)A",
	} {
		t.Run(uri, func(t *testing.T) {
			elements, err := gs1.Parse(uri)
			require.NoError(t, err)
			assert.Equal(t, want, elements.String())
		})
	}
}

func TestALinkKeepsWhatIsNotGS1(t *testing.T) {
	link, err := gs1.ParseLink("https://example.com/a/b/01/09521234543213?linkType=gs1:pip&15=261231&x#frag")
	require.NoError(t, err)
	assert.Equal(t, "https://example.com/a/b", link.Stem)
	assert.Equal(t, []string{"linkType=gs1:pip", "x"}, link.Parameters)
	assert.Equal(t, "frag", link.Fragment)
	link, err = gs1.ParseLink("https://example.com///01/09521234543213")
	require.NoError(t, err)
	assert.Equal(t, "https://example.com", link.Stem)
}

func TestWhatIsNoLinkSaysWhere(t *testing.T) {
	for uri, offset := range map[string]int{
		"ftp://example.com/01/09521234543213":                       0,
		"https://":                                                  8,
		"https:///01/09521234543213":                                8,
		"https://user@example.com/01/09521234543213":                8,
		"https://example.com":                                       8,
		"https://example.com/":                                      20,
		"https://example.com/about":                                 20,
		"https://example.com/01":                                    20,
		"https://example.com/10/ABC":                                20,
		"https://example.com/01/09521234543214":                     23,
		"https://example.com/01/09521234543213/10/":                 41,
		"https://example.com/01/09521234543213/10/A/22/B":           20,
		"https://example.com/01/09521234543213/235/A/10/B":          20,
		"https://example.com/01/09521234543213/10/A/10/B":           20,
		"https://example.com/01/09521234543213/10/A%2":              41,
		"https://example.com/01/09521234543213/10/A%00B":            41,
		"https://example.com/01/09521234543213/10/A B":              42,
		"https://example.com/01/09521234543213?10=ABC":              38,
		"https://example.com/01/09521234543213?15=261231&15=261231": 48,
		"https://example.com/01/09521234543213?03=09521234543213":   38,
		"https://example.com/01/09521234543213?05=1":                38,
		"https://example.com/01/09521234543213?a=b&15=261331":       45,
	} {
		t.Run(uri, func(t *testing.T) {
			_, err := gs1.ParseLink(uri)
			var fault *gs1.Error
			require.True(t, errors.As(err, &fault), "%v", err)
			assert.Equal(t, offset, fault.Offset, err)
		})
	}
}

func TestLinksAreWritten(t *testing.T) {
	for text, want := range map[string]string{
		"(01)09521234543213": "https://id.gs1.org/01/09521234543213",
		"(10)A/B(01)09521234543213(21)X(17)261231(3923)10": "https://id.gs1.org/01/09521234543213" +
			"/10/A%2FB/21/X?17=261231&3923=10",
		"(255)4012345000009123(3900)250(17)261231": "https://id.gs1.org/255/4012345000009123?17=261231&3900=250",
		"(01)09521234543213(235)A%B":               "https://id.gs1.org/01/09521234543213/235/A%25B",
		"(01)09521234543213(240)A(240)A":           "https://id.gs1.org/01/09521234543213?240=A",
	} {
		elements, err := gs1.ParseBracketed(text)
		require.NoError(t, err)
		uri, err := elements.Link("https://id.gs1.org/")
		require.NoError(t, err)
		assert.Equal(t, want, uri)
	}
	for _, text := range []string{"(10)A", "(8110)012345612345611110123", "(01)09521234543213(7040)1ABC",
		"(01)09521234543213(10)A(235)B"} {
		elements, err := gs1.ParseBracketed(text)
		require.NoError(t, err)
		_, err = elements.Link("https://id.gs1.org")
		assert.Error(t, err, text)
	}
	_, err := gs1.Elements{{AI: "01", Value: "09521234543213"}}.Link("id.gs1.org")
	assert.Error(t, err)
}

func TestAIMIdentifiers(t *testing.T) {
	for text, test := range map[string]struct {
		id, rest, symbology string
		isGS1               bool
	}{
		"]C1010952": {"]C1", "010952", "GS1-128", true},
		"]C0ABC":    {"]C0", "ABC", "Code 128", false},
		"]d2X":      {"]d2", "X", "GS1 DataMatrix", true},
		"]d1X":      {"]d1", "X", "Data Matrix", false},
		"]Q3X":      {"]Q3", "X", "GS1 QR Code", true},
		"]Q1":       {"]Q1", "", "QR Code", false},
		"]e0X":      {"]e0", "X", "GS1 DataBar", true},
		"]J1X":      {"]J1", "X", "DotCode", true},
		"]E4X":      {"]E4", "X", "EAN-8", false},
		"]E0X":      {"]E0", "X", "EAN/UPC", false},
		"]zAX":      {"]zA", "X", "Aztec Code", false},
		"]99X":      {"", "]99X", "", false},
		"]C":        {"", "]C", "", false},
		"ABC":       {"", "ABC", "", false},
		"":          {"", "", "", false},
	} {
		id, rest := gs1.CutAIM(text)
		assert.Equal(t, test.id, id.String(), text)
		assert.Equal(t, test.rest, rest, text)
		assert.Equal(t, test.symbology, id.Symbology(), text)
		assert.Equal(t, test.isGS1, id.IsGS1(), text)
		assert.Equal(t, test.id == "", id == gs1.AIM{}, text)
	}
}

func TestLookup(t *testing.T) {
	info, ok := gs1.Lookup("3103")
	require.True(t, ok, "the AI is in the table")
	assert.Equal(t, "NET WEIGHT (kg)", info.Title)
	assert.True(t, info.Predefined && info.Attribute && !info.PrimaryKey,
		"3103 is an attribute of predefined length, and no key")
	assert.Equal(t, 6, info.MinLen())
	assert.Equal(t, 6, info.MaxLen())
	for _, ai := range []string{"", "0", "1", "03000", "310", "3106", "05", "23", "ab", "9", "999", "3999"} {
		_, ok := gs1.Lookup(ai)
		assert.False(t, ok, ai)
	}
}
