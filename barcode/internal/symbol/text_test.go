package symbol_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
)

// A part is bytes of one segment.
type part struct {
	bytes string
	eci   int
}

func bare(text string) []part { return []part{{text, symbol.NoECI}} }

func TestTheCharacterSetIsDecidedOnceForASymbol(t *testing.T) {
	for name, c := range map[string]struct {
		parts  []part
		caller int
		want   string
	}{
		"UTF-8":                              {bare("Köln, 10 €"), 0, "Köln, 10 €"},
		"UTF-8 and another set of callers":   {bare("Köln"), 22, "Köln"},
		"ISO 8859-1":                         {bare("K\xf6ln"), 0, "Köln"},
		"ISO 8859-1 in capitals":             {bare("PROMO\xc7\xc3O 10%"), 0, "PROMOÇÃO 10%"},
		"the caller's Windows-1251":          {bare("\xd1\xea\xe8\xe4\xea\xe0"), 22, "Скидка"},
		"a number that the caller invented":  {bare("\xd1"), 77, "Ñ"},
		"one segment UTF-8 and one not":      {[]part{{"ö", -1}, {"12", symbol.ASCII}, {"\xf6", -1}}, 0, "Ã¶12ö"},
		"a character over two segments":      {[]part{{"\xc3", -1}, {"\xb6", -1}}, 0, "ö"},
		"Shift JIS, two letters beside":      {bare("\x83N\x81[\x83|\x83\x93 10"), 0, "クーポン 10"},
		"one pair in text of Windows-1252":   {bare("it\x92s 10%"), 0, "it\u0092s 10%"},
		"half-width Katakana alone":          {bare("\xb6\xc5"), 0, "¶Å"},
		"an ECI stands before all":           {[]part{{"\xb0", 7}, {"\xf6", -1}}, 0, "Аö"},
		"several ECIs":                       {[]part{{"\xc4", 3}, {"\xe4", 7}, {"條", 26}}, 0, "Äф條"},
		"Hebrew, Arabic, Thai":               {[]part{{"\xf9", 10}, {"\xc8", 8}, {"\xa1", 13}}, 0, "שبก"},
		"two bytes, either end first":        {[]part{{"\x04\x10", 25}, {"\x10\x04", 33}}, 0, "АА"},
		"binary":                             {[]part{{"\x00\xff\x94", 899}}, 0, "\x00ÿ\u0094"},
		"binary that names nothing":          {bare("\x01\xe9\x94"), 0, "\x01é\u0094"},
		"bytes that the named set lacks":     {[]part{{"a\xff", 26}, {"\xfc\xfc", 20}}, 0, "aÿüü"},
		"what the caller's set lacks":        {bare("\x98\xd1"), 22, "\u0098Ñ"},
		"a replacement character that is so": {bare("\xef\xbf\xbd"), 0, "\ufffd"},
	} {
		var text symbol.Text
		for _, p := range c.parts {
			text.Add([]byte(p.bytes), p.eci)
		}
		require.Equal(t, c.want, text.Decode(c.caller), name)
	}
}

func TestKanjiSegmentsAreEvidenceOfShiftJIS(t *testing.T) {
	var text symbol.Text
	require.True(t, text.Empty(), "nothing yet")
	text.AddKanji([]byte("\x93_"))
	text.Add([]byte("\xb6\xc5"), symbol.NoECI)
	require.Equal(t, "点ｶﾅ", text.Decode(0))
}

// FuzzText holds that nothing is lost and nothing replaced.
func FuzzText(f *testing.F) {
	f.Add([]byte("K\xf6ln"), 0)
	f.Add([]byte("\x83N\x81["), 0)
	f.Fuzz(func(t *testing.T, raw []byte, caller int) {
		var text symbol.Text
		text.Add(raw, symbol.NoECI)
		got := text.Decode(caller)
		require.True(t, utf8.ValidString(got), "%q is UTF-8", got)
		if strings.ContainsRune(got, utf8.RuneError) {
			require.Equal(t, string(raw), got, "a replacement character is one of the symbol's own")
		}
		text = symbol.Text{}
		text.Add(raw, 899)
		back, err := charmap.ISO8859_1.NewEncoder().String(text.Decode(0))
		require.NoError(t, err)
		require.Equal(t, string(raw), back, "binary comes back")
	})
}
