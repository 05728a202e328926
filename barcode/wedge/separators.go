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

const (
	maxRestored = 8     // element strings that one text may be
	maxSteps    = 10000 // places tried for one scan
)

// restore returns the element strings, with their separators, that a text may have been before it lost them, each with
// its companions; none where there is none or more to try than there are steps left, which it counts down.
func restore(text string, steps *int) []string {
	r := restorer{steps: steps}
	r.from(text, nil)
	if *r.steps <= 0 {
		return nil
	}
	return r.found
}

type restorer struct {
	steps *int
	found []string
}

// from tries every way to read text behind the elements that were read.
func (r *restorer) from(text string, before gs1.Elements) {
	if *r.steps--; *r.steps <= 0 || len(r.found) >= maxRestored {
		return
	}
	if text == "" {
		if len(before) > 0 && before.Check() == nil {
			r.found = append(r.found, before.Raw())
		}
		return
	}
	ai, info, ok := firstAI(text)
	if !ok {
		return
	}
	for n := info.MinLen(); n <= min(info.MaxLen(), len(text)-len(ai)); n++ {
		element := gs1.Element{AI: ai, Value: text[len(ai) : len(ai)+n]}
		if _, err := gs1.AppendRaw(nil, element.AI+element.Value); err == nil {
			r.from(text[len(ai)+n:], append(before[:len(before):len(before)], element))
		}
	}
}

func firstAI(text string) (string, gs1.Info, bool) {
	const shortest, longest = 2, 4
	for n := shortest; n <= min(longest, len(text)); n++ {
		if info, ok := gs1.Lookup(text[:n]); ok {
			return text[:n], info, true
		}
	}
	return "", gs1.Info{}, false
}
