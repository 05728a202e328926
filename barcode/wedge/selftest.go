package wedge

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// The texts of the self-test barcodes. Each holds a group separator between two halves. SelfTest has every character
// that a keyboard writes and wants a QR code or Data Matrix; SelfTestLinear has those that tell the layouts apart and
// those that offers are made of, and fits a Code 128 for scanners that read bars alone.
const (
	SelfTest = "OFFLANE1 ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789" + gs +
		`!x"x#x$x%x&x'x(x)x*x+x,x-x.x/x:x;x<x=x>x?x@x[x\x]x^x_x` + "`x{x|x}x~x"
	SelfTestLinear = "OFFLANE1 AQZWYM0189" + gs + `-x/x+x:x;x]x$x%x*x.x_x"x#x`
)

// errSelfTest is the error of Learn for a text that is no self-test, or one that came through so that it cannot be
// undone.
var errSelfTest = errors.New("wedge: the self-test did not come through: set the scanner to the keyboard layout of " +
	"this computer and scan it again")

// maxSelfTest is the greatest length in bytes of what arrives of a self-test.
const maxSelfTest = 1024

// Learn makes a profile from what arrived of one scan of a self-test barcode, with all that came before and after its
// text. It fails for a text that is no self-test.
func Learn(arrived []byte) (Profile, error) {
	if len(arrived) > maxSelfTest {
		return Profile{}, errSelfTest
	}
	text, _ := withoutEscapes(validText(arrived))
	text, _ = halfWidth(text)
	for _, test := range []string{SelfTest, SelfTestLinear} {
		for _, t := range everyTyping() {
			if p, ok := t.learn(text, test); ok {
				return p, nil
			}
		}
	}
	for _, test := range []string{SelfTest, SelfTestLinear} {
		if p, ok := learnCharacters(text, test); ok {
			return p, nil
		}
	}
	return Profile{}, errSelfTest
}

// everyTyping returns every pair of layouts with every mode of caps lock, the likeliest first.
func everyTyping() []typing {
	var all []typing
	for i := range layouts {
		for j := range layouts {
			all = withCaps(all, &layouts[i], &layouts[j], layouts[j].caps()...)
		}
	}
	return all
}

// learn returns the profile of a text in which both halves of the test stand as this typing writes them.
func (t typing) learn(arrived, test string) (Profile, bool) {
	first, second, _ := strings.Cut(test, gs)
	head, tail := t.write(first), t.write(second)
	before, rest, ok := strings.Cut(arrived, head)
	if !ok {
		return Profile{}, false
	}
	separator, after, ok := strings.Cut(rest, tail)
	if !ok {
		return Profile{}, false
	}
	p := Profile{Version: profileVersion, Scanner: t.scanner.name, Keyboard: t.keyboard.name, CapsLock: t.caps != capsOff,
		Prefix: t.withoutAIM(before), Suffix: after}
	p.Identifier = p.Prefix != before
	for sent := range t.undo(separator) {
		separator = sent
		break
	}
	p.setSeparator(separator)
	return p, true
}

func (p *Profile) setSeparator(sent string) {
	p.Separator, p.LostSeparator = sent, sent == ""
}

// withoutAIM returns what arrived before a text without the symbology identifier, which differs from symbol to symbol.
func (t typing) withoutAIM(before string) string {
	for n := range before {
		for sent := range t.undo(before[n:]) {
			if isAIM(sent) || t.losesBracket() && isAIM("]"+sent) {
				return before[:n]
			}
		}
	}
	return before
}

// learnCharacters makes a profile of a layout that is not known: every character must have come as one other, each as
// its own.
func learnCharacters(arrived, test string) (Profile, bool) {
	body := strings.TrimRight(arrived, "\r\n\t")
	sent := test
	if !strings.Contains(body, gs) {
		sent = strings.Replace(test, gs, "", 1)
	}
	if utf8.RuneCountInString(body) != len(sent) {
		return Profile{}, false
	}
	characters, back := map[string]string{}, map[string]string{}
	for i, r := range []rune(body) {
		was, is := sent[i:i+1], string(r)
		if before, ok := characters[is]; ok && before != was {
			return Profile{}, false
		}
		if before, ok := back[was]; ok && before != is {
			return Profile{}, false
		}
		characters[is], back[was] = was, is
	}
	p := Profile{Version: profileVersion, Suffix: arrived[len(body):], Characters: characters}
	p.setSeparator(characters[gs])
	return p, true
}
