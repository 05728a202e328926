package wedge

import (
	"fmt"
	"iter"
	"strings"
)

// typing is a scanner that presses the keys of one layout on a computer that is set to another.
type typing struct {
	scanner, keyboard *layout
	caps              caps
}

// Type returns what arrives of a text where a scanner that believes in one layout types on a computer that is set to
// another, with caps lock on or off: the fault that this package undoes, for tests. Its error says which layout is not
// known.
func Type(text string, scanner, keyboard Layout, capsLock bool) (string, error) {
	t := typing{scanner: findLayout(scanner), keyboard: findLayout(keyboard)}
	if t.scanner == nil || t.keyboard == nil {
		return "", fmt.Errorf("wedge: the layouts %q and %q are not both known", scanner, keyboard)
	}
	if capsLock {
		modes := t.keyboard.caps()
		t.caps = modes[len(modes)-1]
	}
	return t.write(text), nil
}

// isPlain reports whether text arrives as it was sent.
func (t typing) isPlain() bool { return t.scanner == t.keyboard && t.caps == capsOff }

// losesBracket reports whether the scanner has no key for the bracket that symbology identifiers begin with.
func (t typing) losesBracket() bool {
	_, ok := t.scanner.keyOf(']')
	return !ok
}

// write returns what arrives of a text. Control characters pass; a character that the scanner has no key for is lost.
func (t typing) write(text string) string {
	var b strings.Builder
	var accent rune
	for _, r := range text {
		out, pressed := t.one(r)
		switch {
		case !pressed:
			continue
		case accent == 0 && t.keyboard.isDead(out) && t.scanner != t.keyboard:
			accent = out // a scanner set to this keyboard knows to press space after it
		case accent != 0:
			writeAccented(&b, accent, out)
			accent = 0
		default:
			b.WriteRune(out)
		}
	}
	if accent != 0 {
		b.WriteRune(accent)
	}
	return b.String()
}

// one returns what the key for one character writes; pressed is false where there is none.
func (t typing) one(r rune) (out rune, pressed bool) {
	if r <= ' ' {
		return r, true
	}
	k, ok := t.scanner.keyOf(r)
	if !ok {
		return 0, false
	}
	out = t.keyboard.press(k, t.caps)
	return out, out != none
}

// writeAccented writes an accent that waited and what came after it: as one letter where there is one, the accent alone
// where a space came, and both otherwise.
func writeAccented(b *strings.Builder, accent, next rune) {
	if letter, ok := compose(accent, next); ok {
		b.WriteRune(letter)
		return
	}
	b.WriteRune(accent)
	if next != ' ' {
		b.WriteRune(next)
	}
}

const (
	// maxUndo is the greatest length in bytes of a text that is undone: several times that of any offer.
	maxUndo = 4096
	// maxUndone bounds the bytes of all texts that are tried for one that arrived with accents, each of which may have
	// swallowed a space.
	maxUndone = 1 << 19
)

// undo yields the texts that may arrive as arrived, none where no text does: the first as if no accent had swallowed a
// space, then those where one had, then those where two had, and so on. Whether a text does arrive like this, write
// tells.
func (t typing) undo(arrived string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if t.isPlain() {
			yield(arrived)
			return
		}
		pieces, ok := t.pieces(arrived)
		if !ok || len(arrived) > maxUndo {
			return
		}
		left := maxUndone
		tryOne := func(at []int) bool {
			text := joinWithSpaces(pieces, at)
			left -= len(text)
			return yield(text) && left > 0
		}
		for spaces := 0; spaces < len(pieces); spaces++ {
			if !choose(nil, len(pieces)-1, spaces, tryOne) {
				return
			}
		}
	}
}

// choose calls try with every choice of so many of the first n numbers, in order, behind those chosen already. It
// returns false where try did.
func choose(chosen []int, n, more int, try func([]int) bool) bool {
	if more == 0 {
		return try(chosen)
	}
	from := 0
	if len(chosen) > 0 {
		from = chosen[len(chosen)-1] + 1
	}
	for next := from; next <= n-more; next++ {
		if !choose(append(chosen, next), n, more-1, try) {
			return false
		}
	}
	return true
}

// joinWithSpaces returns the pieces as one, with a space behind those whose numbers are given.
func joinWithSpaces(pieces []string, at []int) string {
	var b strings.Builder
	for i, piece := range pieces {
		b.WriteString(piece)
		if len(at) > 0 && at[0] == i {
			b.WriteByte(' ')
			at = at[1:]
		}
	}
	return b.String()
}

// pieces returns what was sent, cut behind every accent; ok is false where a character cannot have come from any key.
func (t typing) pieces(arrived string) (pieces []string, ok bool) {
	from := t.inverse()
	var b strings.Builder
	for _, r := range arrived {
		if r <= ' ' {
			b.WriteRune(r)
			continue
		}
		if sent, ok := from[r]; ok {
			b.WriteRune(sent)
			if t.keyboard.isDead(r) {
				pieces = append(pieces, b.String())
				b.Reset()
			}
			continue
		}
		accent, letter, ok := decompose(r, t.keyboard.dead)
		if !ok || from[accent] == 0 || from[letter] == 0 {
			return nil, false
		}
		b.WriteRune(from[accent])
		b.WriteRune(from[letter])
	}
	return append(pieces, b.String()), true
}

// inverse returns for every character that arrives which one was sent. Where two arrive as one, as # and \ do of a
// British scanner on an American computer, it is the one whose key comes first; neither is in any text that offers are
// shown in.
func (t typing) inverse() map[rune]rune {
	from := make(map[rune]rune, 2*len(t.keyboard.plain))
	for place := range t.keyboard.plain {
		for _, k := range []key{{place, false}, {place, true}} {
			sent := t.scanner.writes(k)
			first, ok := t.scanner.keyOf(sent)
			if _, taken := from[t.keyboard.press(k, t.caps)]; ok && first == k && !taken {
				from[t.keyboard.press(k, t.caps)] = sent
			}
		}
	}
	return from
}
