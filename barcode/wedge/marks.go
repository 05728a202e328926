package wedge

import (
	"bytes"
	"slices"
)

// marks are the forms in which a prefix or a suffix of the profile may arrive: as the self-test showed it, and as it is
// typed while caps lock is the other way.
type marks []string

// marksOf returns the forms of what stood around the text in the self-test; none for the empty text.
func (p *Profile) marksOf(learned string) marks {
	if learned == "" {
		return nil
	}
	all := marks{learned}
	keyboard := findLayout(p.Keyboard)
	if p.Characters != nil || keyboard == nil {
		return all
	}
	for _, then := range keyboard.caps() {
		for _, now := range keyboard.caps() {
			if (then != capsOff) != p.CapsLock || then == now {
				continue
			}
			if form, ok := retype(learned, keyboard, then, now); ok && !slices.Contains(all, form) {
				all = append(all, form)
			}
		}
	}
	return all
}

// retype returns what arrives of the keys that wrote a text under one mode of caps lock when they are pressed under
// another.
func retype(text string, keyboard *layout, then, now caps) (string, bool) {
	sent := typing{keyboard, keyboard, then}.inverse()
	keys := make([]rune, 0, len(text))
	for _, r := range text {
		if r > ' ' {
			r = sent[r]
		}
		if r == 0 {
			return "", false
		}
		keys = append(keys, r)
	}
	form := make([]rune, 0, len(keys))
	for _, r := range keys {
		out, _ := typing{keyboard, keyboard, now}.one(r)
		form = append(form, out)
	}
	return string(form), true
}

// cutPrefix returns data without the form that it begins with.
func (m marks) cutPrefix(data []byte) []byte {
	for _, form := range m {
		if rest, ok := bytes.CutPrefix(data, []byte(form)); ok {
			return rest
		}
	}
	return data
}

// cutSuffix returns data without the form that it ends with.
func (m marks) cutSuffix(data []byte) []byte {
	for _, form := range m {
		if rest, ok := bytes.CutSuffix(data, []byte(form)); ok {
			return rest
		}
	}
	return data
}

// endOf reports whether data ends with one of the forms.
func (m marks) endOf(data []byte) bool {
	return slices.ContainsFunc(m, func(form string) bool { return bytes.HasSuffix(data, []byte(form)) })
}
