package symbol

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A Text gathers what the segments of a symbol say. The character set of bytes for which the symbol names none is
// decided once, when all are there: a text is not in two.
type Text struct {
	spans []span
	kanji bool // a segment in the symbology's own mode for Shift JIS is there
}

// A span is bytes of one character set.
type span struct {
	bytes []byte
	eci   int // NoECI: none is named
}

// Empty says whether there is nothing yet.
func (t *Text) Empty() bool { return len(t.spans) == 0 }

// Add appends bytes in the character set of a number, or NoECI.
func (t *Text) Add(raw []byte, eci int) {
	if len(raw) == 0 {
		return
	}
	if n := len(t.spans); n > 0 && t.spans[n-1].eci == eci {
		t.spans[n-1].bytes = append(t.spans[n-1].bytes, raw...)
		return
	}
	t.spans = append(t.spans, span{bytes.Clone(raw), eci})
}

// AddKanji appends bytes of a mode that is Shift JIS.
func (t *Text) AddKanji(raw []byte) {
	t.kanji = true
	t.Add(raw, ShiftJIS)
}

// Decode returns the text. Bytes without a named character set are UTF-8 where all of them are, else of the caller's
// set; where that is zero, Shift JIS if the symbol gives evidence of it, else ISO 8859-1. Bytes that their set does not
// have are taken as ISO 8859-1: nothing is lost, and no replacement character stands for anything.
func (t *Text) Decode(caller int) string {
	set := t.guess(caller)
	var out strings.Builder
	for _, s := range t.spans {
		eci := s.eci
		if eci == NoECI {
			eci = set
		}
		out.WriteString(decodeText(s.bytes, eci))
	}
	return out.String()
}

func (t *Text) guess(caller int) int {
	var all []byte
	for _, s := range t.spans {
		if s.eci == NoECI {
			all = append(all, s.bytes...)
		}
	}
	switch {
	case utf8.Valid(all):
		return UTF8ECI
	case caller != 0:
		return caller
	case t.japanese(all):
		return ShiftJIS
	}
	return Latin1
}

// japanese says whether bytes that are no UTF-8 give evidence of Shift JIS: they must be it without fault, and the
// symbol have a segment of Kanji, or two of their characters of two bytes stand side by side and begin with bytes that
// are no printing characters of ISO 8859-1.
func (t *Text) japanese(all []byte) bool {
	if _, ok := decode(all, ShiftJIS); !ok {
		return false
	}
	run := 0
	for i := 0; i < len(all); i++ {
		switch c := all[i]; {
		case c >= 0x81 && c <= 0x9f:
			i++
			if run++; run == 2 || t.kanji {
				return true
			}
		case c >= 0xe0 && c <= 0xfc:
			i++
			run = 0
		default:
			run = 0
		}
	}
	return t.kanji
}

// decodeText returns the text of bytes in a character set, or in ISO 8859-1 where they are not of it.
func decodeText(raw []byte, eci int) string {
	if text, ok := decode(raw, eci); ok {
		return text
	}
	text, _ := decode(raw, Latin1)
	return text
}

// decode is not ok where a character set does not have all of the bytes.
func decode(raw []byte, eci int) (string, bool) {
	set := charsets[eci]
	if set == nil {
		set = charmap.ISO8859_1
	}
	if eci == UTF8ECI {
		return string(raw), utf8.Valid(raw)
	}
	out, err := set.NewDecoder().Bytes(raw)
	return string(out), err == nil && !bytes.ContainsRune(out, utf8.RuneError)
}
