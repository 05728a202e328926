package datamatrix

import (
	"errors"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

var errStream = errors.New("barcode: the codewords make no sense")

// Codewords of the ASCII mode that are no characters (ISO/IEC 16022, table 2).
const (
	pad         = 129
	digitPairs  = 130
	latchC40    = 230
	latchBytes  = 231
	fnc1        = 232
	part        = 233
	programming = 234
	upperShift  = 235
	macro05     = 236
	macro06     = 237
	latchX12    = 238
	latchText   = 239
	latchEDI    = 240
	eci         = 241
	unlatch     = 254
)

// A content is what the data codewords of a symbol say.
type content struct {
	text  symbol.Text
	eci   int  // of what is to come
	named bool // an ECI was
	fnc1  int  // 1 in first position, 2 in second position
	part  symbol.Part
	words []byte
	at    int
	begin int  // where the data begin, behind the header of a structured append
	macro bool // the text ends as a macro does
	upper byte // 128 where the next character is in the upper half
}

// modifier is the last character of the symbology identifier (ISO/IEC 16022, annex M).
func (c *content) modifier() byte {
	m := byte('1' + c.fnc1)
	if c.named {
		m += 3
	}
	return m
}

// parse reads data codewords.
func parse(words []byte) (*content, error) {
	c := &content{eci: symbol.NoECI, words: words}
	for c.remaining() > 0 {
		w := c.next()
		if w == pad {
			break
		}
		if err := c.ascii(w); err != nil {
			return nil, err
		}
	}
	if c.upper != 0 {
		return nil, errStream
	}
	if c.macro {
		c.add(0x1e, 0x04)
	}
	return c, nil
}

func (c *content) remaining() int { return len(c.words) - c.at }

func (c *content) next() byte {
	c.at++
	return c.words[c.at-1]
}

// add appends characters, the first in the upper half where a shift says so.
func (c *content) add(raw ...byte) {
	if len(raw) > 0 && c.upper != 0 {
		raw[0] += c.upper
		c.upper = 0
	}
	c.text.Add(raw, c.eci)
}

// ascii reads a codeword of the ASCII mode.
func (c *content) ascii(w byte) error {
	first := c.at-1 == c.begin
	switch {
	case w == 0:
		return errStream
	case w < pad:
		c.add(w - 1)
		return nil
	case w < latchC40:
		c.add('0'+(w-digitPairs)/10, '0'+(w-digitPairs)%10)
		return nil
	}
	switch w {
	case latchC40:
		return c.triples(&c40)
	case latchText:
		return c.triples(&text)
	case latchX12:
		return c.x12()
	case latchEDI:
		return c.edifact()
	case latchBytes:
		return c.bytes()
	case fnc1:
		c.function(c.at - 1 - c.begin)
	case upperShift:
		c.upper = 128
	case eci:
		return c.assign()
	case part:
		return c.append()
	case macro05, macro06: // encoders latch to a mode and back before it
		if !c.text.Empty() || c.fnc1 != 0 || c.macro {
			return errStream
		}
		c.macro = true
		c.add([]byte("[)>\x1e0" + string(rune('5'+w-macro05)) + "\x1d")...)
	case programming:
		if !first {
			return errStream
		}
		c.begin++
	default:
		return errStream
	}
	return nil
}

// function is FNC1 in place of a codeword: in first position, in second position, or a separator.
func (c *content) function(position int) {
	switch {
	case position == 0:
		c.fnc1 = 1
	case position == 1 && c.fnc1 == 0:
		c.fnc1 = 2
	default:
		c.add(0x1d)
	}
}

// assign reads an ECI (ISO/IEC 16022, 5.2.4.7).
func (c *content) assign() error {
	const low, middle = 127, 16383
	if c.remaining() < 1 {
		return errStream
	}
	v, more := int(c.next()), 0
	switch {
	case v == 0 || v > 207:
		return errStream
	case v <= low:
		v--
	case v < 192:
		v, more = v-128, 1
	default:
		v, more = v-192, 2
	}
	if c.remaining() < more {
		return errStream
	}
	for range more {
		w := int(c.next())
		if w == 0 || w > 254 {
			return errStream
		}
		v = 254*v + w - 1
	}
	c.named, c.eci = true, v+[3]int{0, low, middle}[more]
	return nil
}

// append reads the header of a structured append: which symbol it is, of how many, and the number of the file, which
// is the same in all (ISO/IEC 16022, 5.6).
func (c *content) append() error {
	if c.at != 1 || c.remaining() < 3 {
		return errStream
	}
	v, file := c.next(), [2]byte{c.next(), c.next()}
	c.part = symbol.Part{Index: int(v >> 4), Total: 17 - int(v&15), Parity: file[0] ^ file[1]}
	if c.part.Total > 16 || c.part.Index >= c.part.Total {
		return errStream
	}
	c.begin = c.at
	return nil
}

// bytes reads a segment of base 256, whose codewords are disguised by their places (ISO/IEC 16022, 5.2.9).
func (c *content) bytes() error {
	if c.remaining() < 1 {
		return errStream
	}
	n := int(c.plain())
	switch {
	case n == 0:
		n = c.remaining()
	case n >= 250:
		if c.remaining() < 1 {
			return errStream
		}
		n = 250*(n-249) + int(c.plain())
	}
	if n > c.remaining() {
		return errStream
	}
	raw := make([]byte, n)
	for i := range raw {
		raw[i] = c.plain()
	}
	c.add(raw...)
	return nil
}

// plain is the next codeword without its disguise.
func (c *content) plain() byte { return c.next() - byte(149*c.at%255+1) }
