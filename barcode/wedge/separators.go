package wedge

import (
	"strings"

	"github.com/offlane/offlane/barcode/gs1"
)

const gs = string(gs1.GS)

// escapes are what a terminal sends for the keys that some scanners press for a group separator: Alt held with 029, and
// F8. They are no characters of any layout.
var escapes = strings.NewReplacer("\x1b0\x1b2\x1b9", gs, "\x1b[19~", gs)

// withoutEscapes returns text with the keys' sequences replaced; found says that there were any.
func withoutEscapes(text string) (replaced string, found bool) {
	replaced = escapes.Replace(text)
	return replaced, replaced != text
}

// substitutes are what scanners type for a group separator that no key has, the longest first.
var substitutes = []string{"Alt+029", "ALT+029", "<F8>", "{F8}", "<GS>", "{GS}", "[GS]", "^]", "\u241d"}

// withSeparators returns text with every usual substitute replaced, and the substitute that it found first; empty:
// none.
func withSeparators(text string) (repaired, substitute string) {
	for _, s := range substitutes {
		if strings.Contains(text, s) {
			if substitute == "" {
				substitute = s
			}
			text = strings.ReplaceAll(text, s, gs)
		}
	}
	return text, substitute
}
