package pdf417

import (
	"slices"
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pdf417/pdf417test"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// told is the text and the part of data codewords.
func told(t *testing.T, words ...[]int) (string, message) {
	t.Helper()
	all := append([]int{0}, slices.Concat(words...)...)
	all[0] = len(all)
	m, ok := parse(all)
	require.True(t, ok, "%v are a message", all)
	return m.text.Decode(0), m
}

func TestCompactions(t *testing.T) {
	text, raw, digits := pdf417test.Text, pdf417test.Bytes, pdf417test.Digits
	long := strings.Repeat("0987654321", 10)
	all := "All Modes: 12 & 34, [a_b] {c} \"d\"\r\n\tE-f.G 5 ~!"
	for name, c := range map[string]struct {
		words [][]int
		want  string
	}{
		"the standard's example":         {[][]int{{453, 178, 121, 239}}, "PDF417"},
		"all submodes":                   {[][]int{text(all)}, all},
		"padding":                        {[][]int{text("Ab1;"), {900, 900, 900}}, "Ab1;"},
		"a latch begins in alpha":        {[][]int{{27*30 + 0}, {900}, {0*30 + 1}}, "aAB"},
		"punctuation latched":            {[][]int{{28*30 + 25, 10*30 + 20, 29*30 + 1}}, "!\"B"},
		"one capital among small ones":   {[][]int{{27*30 + 0, 27*30 + 1, 2*30 + 29, 10*30 + 3}}, "aBc!d"},
		"a byte among text":              {[][]int{text("ab"), {913, 0xe4}, {2*30 + 3}}, "abäcd"},
		"bytes":                          {[][]int{raw("abc\x00\x01")}, "abc\x00\x01"},
		"bytes by sixes":                 {[][]int{raw("0123456789ab")}, "0123456789ab"},
		"bytes, seven":                   {[][]int{raw("1234567")}, "1234567"},
		"bytes, five behind six":         {[][]int{raw("12345678901")}, "12345678901"},
		"bytes, five that could be six":  {[][]int{{901, 1, 2, 3, 4, 5}}, "\x01\x02\x03\x04\x05"},
		"numbers":                        {[][]int{digits("00123456789")}, "00123456789"},
		"the standard's number":          {[][]int{{902, 1, 624, 434, 632, 282, 200}}, "000213298174000"},
		"a hundred digits":               {[][]int{digits(long)}, long},
		"one behind the other":           {[][]int{text("A1"), digits("123"), raw("x\xfcy"), {900}, text("B")}, "A1123xüyB"},
		"UTF-8":                          {[][]int{pdf417test.ECI(26), raw("Größe €")}, "Größe €"},
		"a character set amid bytes":     {[][]int{raw("\xe4bcdef"), pdf417test.ECI(7), {901, 0xd6}}, "äbcdefж"},
		"a character set between groups": {[][]int{{901, 65, 927, 7, 0xd6}}, "Aж"},
		"a character set amid text":      {[][]int{text("ab"), pdf417test.ECI(3), {2*30 + 3}}, "abcd"},
		"a large number of a set":        {[][]int{pdf417test.ECI(900), pdf417test.ECI(810900), text("A")}, "A"},
		"a character set between numbers": {[][]int{digits("12"), pdf417test.ECI(3), {1*900/900 + 12}},
			"123"},
		"a linear symbol belongs to it": {[][]int{{920}, text("AB")}, "AB"},
		"for the reader's own settings": {[][]int{{921}, text("SET")}, "SET"},
	} {
		got, _ := told(t, c.words...)
		assert.Equal(t, c.want, got, name)
	}
}

func TestWhatIsNoMessage(t *testing.T) {
	for name, words := range map[string][]int{
		"nothing":                            {},
		"another length":                     {3, 1},
		"nothing but padding":                {3, 900, 900},
		"reserved":                           {3, 903, 1},
		"an initialisation amid data":        {3, 1, 921},
		"a shift to no byte":                 {2, 913},
		"a shift to more than a byte":        {3, 913, 256},
		"more than six bytes":                {7, 924, 899, 899, 899, 899, 899},
		"a rest that is no byte":             {3, 901, 300},
		"a number that begins with 2":        {3, 902, 23},
		"no number of a character set":       {2, 927},
		"a codeword as one":                  {3, 927, 900},
		"a part without a place":             {2, 928},
		"a part whose place is no number":    {4, 928, 1, 1},
		"a part behind the last one":         {10, 928, 111, 106, 17, 923, 1, 111, 103, 922},
		"a count of parts that is no number": {8, 928, 111, 100, 923, 1, 900, 922},
		"an optional field without a name":   {5, 928, 111, 100, 923},
		"text behind the control block":      {6, 928, 111, 100, 922, 5},
	} {
		_, ok := parse(words)
		assert.False(t, ok, "%s is no message", name)
	}
}

func TestPartsOfAMessage(t *testing.T) {
	text, macro := pdf417test.Text("PART"), pdf417test.Macro
	name := []int{923, 0, 13*30 + 0, 12*30 + 4} // a file's name
	for what, c := range map[string]struct {
		block []int
		want  symbol.Part
	}{
		"the first of three":          {macro(0, 3, 17, 53), symbol.Part{Index: 0, Total: 3, ID: "017053"}},
		"the last of three":           {macro(2, 3, 17, 53), symbol.Part{Index: 2, Total: 3, ID: "017053"}},
		"one of nobody says how many": {macro(1, 0, 899), symbol.Part{Index: 1, ID: "899"}},
		"the last of nobody says how many": {append(macro(4, 0, 5), 922),
			symbol.Part{Index: 4, Total: 5, ID: "005"}},
		"with a name": {append(append(macro(1, 2, 9)[:4:4], name...), 922), symbol.Part{Index: 1, Total: 2, ID: "009"}},
	} {
		got, m := told(t, text, c.block)
		assert.Equal(t, "PART", got, what)
		assert.Equal(t, c.want, m.part, what)
	}
}

func FuzzMessage(f *testing.F) {
	for _, words := range [][]int{pdf417test.Text("Abc"), pdf417test.Bytes("1234567"), pdf417test.Digits("123"),
		pdf417test.Macro(1, 3, 5), pdf417test.ECI(26)} {
		f.Add(rawOf(words))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		words := []int{0}
		for i := 0; i+1 < len(raw) && len(words) < maxCodewords; i += 2 {
			words = append(words, (int(raw[i])<<8|int(raw[i+1]))%codewords)
		}
		words[0] = len(words)
		m, ok := parse(words)
		if ok {
			require.LessOrEqual(t, len(m.text.Decode(0)), 12*len(words), "a codeword says three characters at most")
			require.True(t, m.part.Total == 0 || m.part.Index < m.part.Total, "a part is within its message")
		}
	})
}
