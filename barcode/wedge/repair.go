package wedge

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/offlane/offlane/barcode/gs1"
)

// A reading is one text that a scan may have been, and what was undone to get it.
type reading struct {
	text    string
	repairs []string
	// typed is the text as the scanner typed it, before its separators were repaired, and how it was typed.
	typed  string
	typing typing
}

// fits reports whether what was typed does arrive as arrived.
func (r reading) fits(arrived string) bool {
	return r.typing.keyboard == nil || r.typing.isPlain() || r.typing.write(r.typed) == arrived
}

// onlyCaseOf reports whether one of those found was typed with the same keys while caps lock was the other way: a text
// that is good in both cases means the same in both, and the likelier is there already.
func (r reading) onlyCaseOf(found []reading) bool {
	return slices.ContainsFunc(found, func(f reading) bool {
		return f.typing.scanner == r.typing.scanner && f.typing.keyboard == r.typing.keyboard &&
			f.typing.caps != r.typing.caps
	})
}

// repairer undoes what scanner and keyboard did to a text.
type repairer struct {
	profile Profile
	accept  func(string) bool
	decides bool // accept is the caller's
}

// readings returns the texts that arrived may have been and that are accepted, the likeliest first; none where none is.
func (r *repairer) readings(arrived string) []reading {
	found := r.readingsOf(arrived)
	if narrow, wide := halfWidth(arrived); wide && len(found) == 0 {
		for _, f := range r.readingsOf(narrow) {
			if f = f.withRepair(f.text, "full-width characters"); r.mayChange(f.text) {
				found = append(found, f)
			}
		}
	}
	return found
}

func (r *repairer) readingsOf(arrived string) []reading {
	var found []reading
	arrived, escaped := withoutEscapes(arrived)
	for candidate := range r.candidates(arrived) {
		if candidate.onlyCaseOf(found) || !r.accept(candidate.text) || !candidate.fits(arrived) {
			continue
		}
		if escaped {
			candidate = candidate.withRepair(candidate.text, "group separator from a key")
		}
		if len(candidate.repairs) > 0 && !r.mayChange(candidate.text) {
			continue
		}
		if len(candidate.repairs) == 0 {
			return []reading{candidate} // it arrived as it was sent: no layout turns one good text into another
		}
		if !slices.ContainsFunc(found, func(f reading) bool { return f.text == candidate.text }) {
			found = append(found, candidate)
		}
	}
	return found
}

// best returns the likeliest reading of a text that is not accepted: what the profile makes of it, or without a profile
// the text as it arrived.
func (r *repairer) best(arrived string) reading {
	if r.profile.isZero() {
		return reading{text: arrived}
	}
	arrived, _ = withoutEscapes(arrived)
	arrived, _ = halfWidth(arrived)
	for candidate := range r.candidates(arrived) {
		if candidate.fits(arrived) {
			return candidate
		}
	}
	return reading{text: arrived}
}

// mayChange reports whether a text may be taken that did not arrive like this: under a profile, or where it carries a
// check of its own, so that no item's code happens to become one.
func (r *repairer) mayChange(text string) bool {
	if !r.profile.isZero() {
		return true
	}
	_, rest := gs1.CutAIM(text)
	if elements, err := gs1.Parse(rest); err == nil {
		return elements.HasCheckDigit()
	}
	return r.decides // Config.Accept asks for a check in what it accepts
}

// candidates yields every text that arrived may have been, by the profile or by everything that is known.
func (r *repairer) candidates(arrived string) iter.Seq[reading] {
	return func(yield func(reading) bool) {
		if r.profile.Characters != nil {
			r.yieldSeparated(r.translate(arrived), yield)
			return
		}
		for _, t := range r.typings() {
			for text := range t.undo(arrived) {
				from := reading{text: text, repairs: t.repairs(), typed: text, typing: t}
				if !r.withBracket(from, yield) || !r.yieldSeparated(from, yield) {
					return
				}
			}
		}
	}
}

// withBracket yields a reading whose symbology identifier lost its bracket, where the scanner has no key for it and the
// profile does not say that it sends none. It returns false where yield did.
func (r *repairer) withBracket(from reading, yield func(reading) bool) bool {
	text := "]" + from.text
	if aim, _ := gs1.CutAIM(text); !from.typing.losesBracket() || aim.Symbology() == "" || !isDigit(rune(aim.Modifier)) ||
		!r.profile.isZero() && !r.profile.Identifier {
		return true
	}
	return r.yieldSeparated(from.withRepair(text, "the bracket of the symbology identifier"), yield)
}

// typings returns what may have been typed how, the likeliest first.
func (r *repairer) typings() []typing {
	if !r.profile.isZero() {
		scanner, keyboard := findLayout(r.profile.Scanner), findLayout(r.profile.Keyboard)
		order := keyboard.caps()
		if r.profile.CapsLock {
			slices.Reverse(order)
		}
		return withCaps(nil, scanner, keyboard, order...)
	}
	us := findLayout(US)
	all := withCaps(nil, us, us, us.caps()...)
	for i := range layouts {
		if l := &layouts[i]; l != us {
			all = withCaps(all, us, l, l.caps()...)
			all = withCaps(all, l, us, us.caps()...)
		}
	}
	return all
}

func withCaps(all []typing, scanner, keyboard *layout, modes ...caps) []typing {
	for _, mode := range modes {
		all = append(all, typing{scanner, keyboard, mode})
	}
	return all
}

// repairs says in words what was undone.
func (t typing) repairs() (all []string) {
	if t.scanner != t.keyboard {
		all = append(all, fmt.Sprintf("keyboard layout %s, scanner layout %s", t.keyboard.name, t.scanner.name))
	}
	if t.caps != capsOff {
		all = append(all, "caps lock")
	}
	return all
}

// translate undoes a layout that the self-test learned character by character.
func (r *repairer) translate(arrived string) reading {
	var b strings.Builder
	for _, c := range arrived {
		if sent, ok := r.profile.Characters[string(c)]; ok {
			b.WriteString(sent)
			continue
		}
		b.WriteRune(c)
	}
	if b.String() == arrived {
		return reading{text: arrived}
	}
	return reading{text: b.String(), repairs: []string{"learned keyboard layout"}}
}

// yieldSeparated yields a reading with its group separators: as it is, and with substitutes replaced. Separators that
// were lost are not put back: what such a text can mean is known only to who knows what it is about. It returns false
// where yield did.
func (r *repairer) yieldSeparated(from reading, yield func(reading) bool) bool {
	if !yield(from) {
		return false
	}
	text, substitute := r.withSeparators(from.text)
	return substitute == "" || yield(from.withRepair(text, fmt.Sprintf("group separator from %q", substitute)))
}

// withSeparators replaces the usual substitutes, and the one that the profile has.
func (r *repairer) withSeparators(text string) (repaired, substitute string) {
	repaired, substitute = withSeparators(text)
	if own := r.profile.Separator; own != "" && own != gs && strings.Contains(repaired, own) {
		return strings.ReplaceAll(repaired, own, gs), own
	}
	return repaired, substitute
}

func (r reading) withRepair(text, repair string) reading {
	r.text, r.repairs = text, append(slices.Clone(r.repairs), repair)
	return r
}
