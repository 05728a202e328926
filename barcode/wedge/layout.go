package wedge

import (
	"strings"
	"unicode"
)

// A Layout names a keyboard layout: what each key writes.
type Layout string

// The layouts that are known, as Windows has them.
const (
	US      Layout = "us"
	UK      Layout = "uk"
	German  Layout = "de"
	French  Layout = "fr"
	Belgian Layout = "be"
	Spanish Layout = "es"
	Italian Layout = "it"
)

// none stands in a table for a key that writes nothing.
const none = '\x00'

// layout holds what the keys write, row by row from the top left: 13 keys, 13, 11, 10, and the key between the left
// shift and Z that American keyboards don't have.
type layout struct {
	name           Layout
	plain, shifted []rune
	// dead are the accents that wait for the next key.
	dead string
	// keys holds the first key that writes each character. The key that American keyboards don't have comes last, so
	// that a scanner which believes in an American keyboard never presses it.
	keys map[rune]key
}

// key is one key press: a place in the tables and whether shift is held.
type key struct {
	place int
	shift bool
}

func newLayout(name Layout, plain, shifted, dead string) layout {
	l := layout{name, []rune(plain), []rune(shifted), dead, map[rune]key{}}
	for place := len(l.plain) - 1; place >= 0; place-- {
		l.keys[l.shifted[place]] = key{place, true}
		l.keys[l.plain[place]] = key{place, false}
	}
	return l
}

var layouts = []layout{
	newLayout(US, "`1234567890-="+`qwertyuiop[]\`+"asdfghjkl;'"+"zxcvbnm,./"+`\`,
		"~!@#$%^&*()_+"+"QWERTYUIOP{}|"+`ASDFGHJKL:"`+"ZXCVBNM<>?"+"|", ""),
	newLayout(UK, "`1234567890-="+"qwertyuiop[]#"+"asdfghjkl;'"+"zxcvbnm,./"+`\`,
		`¬!"£$%^&*()_+`+"QWERTYUIOP{}~"+"ASDFGHJKL:@"+"ZXCVBNM<>?"+"|", ""),
	newLayout(German, "^1234567890ß´"+"qwertzuiopü+#"+"asdfghjklöä"+"yxcvbnm,.-"+"<",
		`°!"§$%&/()=?`+"`"+"QWERTZUIOPÜ*'"+"ASDFGHJKLÖÄ"+"YXCVBNM;:_"+">", "^´`"),
	newLayout(French, `²&é"'(-è_çà)=`+"azertyuiop^$*"+"qsdfghjklmù"+"wxcvbn,;:!"+"<",
		"\x001234567890°+"+"AZERTYUIOP¨£µ"+"QSDFGHJKLM%"+"WXCVBN?./§"+">", "^¨"),
	newLayout(Belgian, `²&é"'(§è!çà)-`+"azertyuiop^$µ"+"qsdfghjklmù"+"wxcvbn,;:="+"<",
		"³1234567890°_"+"AZERTYUIOP¨*£"+"QSDFGHJKLM%"+"WXCVBN?./+"+">", "^¨"),
	newLayout(Spanish, "º1234567890'¡"+"qwertyuiop`+ç"+"asdfghjklñ´"+"zxcvbnm,.-"+"<",
		`ª!"·$%&/()=?¿`+"QWERTYUIOP^*Ç"+"ASDFGHJKLÑ¨"+"ZXCVBNM;:_"+">", "`^´¨"),
	newLayout(Italian, `\1234567890'ì`+"qwertyuiopè+ù"+"asdfghjklòà"+"zxcvbnm,.-"+"<",
		`|!"£$%&/()=?^`+"QWERTYUIOPé*§"+"ASDFGHJKLç°"+"ZXCVBNM;:_"+">", ""),
}

func findLayout(name Layout) *layout {
	for i := range layouts {
		if layouts[i].name == name {
			return &layouts[i]
		}
	}
	return nil
}

// keyOf returns the first key that writes r.
func (l *layout) keyOf(r rune) (key, bool) {
	k, ok := l.keys[r]
	return k, ok && r != none
}

func (l *layout) writes(k key) rune {
	if k.shift {
		return l.shifted[k.place]
	}
	return l.plain[k.place]
}

func (l *layout) isDead(r rune) bool { return strings.ContainsRune(l.dead, r) }

// caps is what the caps lock key does to a scan.
type caps uint8

const (
	capsOff caps = iota
	// capsLetters turns letters to the other case.
	capsLetters
	// capsShift holds shift for every key, as it does with the French and the Belgian layout under Windows.
	capsShift
)

// caps returns what the caps lock key may do with this layout, nothing first.
func (l *layout) caps() []caps {
	if l.name == French || l.name == Belgian {
		return []caps{capsOff, capsLetters, capsShift}
	}
	return []caps{capsOff, capsLetters}
}

// press returns what a key writes while caps lock is as given.
func (l *layout) press(k key, c caps) rune {
	if c == capsShift || c == capsLetters && unicode.IsLetter(l.plain[k.place]) && unicode.IsLetter(l.shifted[k.place]) {
		k.shift = !k.shift
	}
	return l.writes(k)
}

// compositions holds for every accent the letters it can stand on and what both together are, in pairs.
var compositions = map[rune]string{
	'´': "AÁEÉIÍOÓUÚYÝaáeéiíoóuúyý",
	'`': "AÀEÈIÌOÒUÙaàeèiìoòuù",
	'^': "AÂEÊIÎOÔUÛaâeêiîoôuû",
	'¨': "AÄEËIÏOÖUÜaäeëiïoöuüyÿ",
}

// compose returns accent and letter as one.
func compose(accent, letter rune) (rune, bool) {
	pairs := []rune(compositions[accent])
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == letter {
			return pairs[i+1], true
		}
	}
	return 0, false
}

// decompose returns the accent, one of those given, and the letter that make r.
func decompose(r rune, accents string) (accent, letter rune, ok bool) {
	for _, accent := range accents {
		pairs := []rune(compositions[accent])
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i+1] == r {
				return accent, pairs[i], true
			}
		}
	}
	return 0, 0, false
}
