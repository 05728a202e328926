package pdf417

// A submode is a table of text compaction (ISO/IEC 15438, 5.4.1).
type submode uint8

const (
	alpha submode = iota
	lower
	mixed
	punctuation
)

// Values of text compaction that say what the next ones are; where one stands tells what it means.
const (
	toLower      = 27 // in alpha and mixed
	alphaShift   = 27 // in lower, for one character
	toMixed      = 28 // in alpha and lower
	mixedToAlpha = 28
	punctShift   = 29 // in alpha, lower and mixed, for one character
	mixedToPunct = 25
	punctToAlpha = 29
)

const space = 26 // in all but punctuation

var (
	mixedText = "0123456789&\r\t,:#-.$/+%*=^"
	punctText = ";<>@[\\]_`~!\r\t,:\n-.$/\"|*()?{}'"
)

// readText reads codewords of two characters each. A mode that was latched stays after bytes that are shifted to and
// after the name of a character set.
func (p *parser) readText() bool {
	var out []byte
	shift := p.mode // of the next character; that of the mode where nothing is shifted
	for _, w := range p.run() {
		for _, v := range [2]int{w / 30, w % 30} {
			c, next := p.character(shift, v)
			if shift = next; c != 0 {
				out = append(out, c)
			}
		}
	}
	p.text.Add(out, p.eci)
	return true
}

// character returns what a value means in a submode, zero where it is no character, and the submode of the next.
func (p *parser) character(in submode, v int) (c byte, next submode) {
	switch {
	case in == punctuation && v == punctToAlpha:
		p.mode = alpha
	case in == punctuation:
		c = punctText[v]
	case v == space:
		c = ' '
	case v == punctShift:
		return 0, punctuation
	case in == mixed && v == mixedToPunct:
		p.mode = punctuation
	case in == mixed && v == mixedToAlpha:
		p.mode = alpha
	case in == lower && v == alphaShift:
		return 0, alpha
	case v == toLower:
		p.mode = lower
	case v == toMixed:
		p.mode = mixed
	case in == mixed:
		c = mixedText[v]
	case in == lower:
		c = byte('a' + v)
	default:
		c = byte('A' + v)
	}
	return c, p.mode
}
