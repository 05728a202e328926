package aztec

import (
	"errors"
	"strings"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

var errStream = errors.New("barcode: the bit stream makes no sense")

// A table is a mode of the text: what its codes stand for (ISO/IEC 24778, table 2).
type table int

const (
	upper table = iota
	lower
	mixed
	punct
	digit
)

// codes are the characters of each mode by their codes; what changes the mode is in moves.
var codes = [...][]string{
	upper: strings.Split("\x00 ABCDEFGHIJKLMNOPQRSTUVWXYZ", ""),
	lower: strings.Split("\x00 abcdefghijklmnopqrstuvwxyz", ""),
	mixed: strings.Split("\x00 \x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x1b\x1c\x1d\x1e\x1f@\\^_`|~\x7f", ""),
	punct: append([]string{"\x00", "\r", "\r\n", ". ", ", ", ": "}, strings.Split("!\"#$%&'()*+,-./:;<=>?[]{}", "")...),
	digit: strings.Split("\x00 0123456789,.", ""),
}

// A move is what a code does that is no character.
type move struct {
	to    table
	latch bool // for good, not for one character
	bytes bool // to bytes, whose number follows
}

// moves are those of each mode by their codes.
var moves = [...]map[int]move{
	upper: {0: {to: punct}, 28: {to: lower, latch: true}, 29: {to: mixed, latch: true}, 30: {to: digit, latch: true},
		31: {bytes: true}},
	lower: {0: {to: punct}, 28: {to: upper}, 29: {to: mixed, latch: true}, 30: {to: digit, latch: true},
		31: {bytes: true}},
	mixed: {0: {to: punct}, 28: {to: lower, latch: true}, 29: {to: upper, latch: true}, 30: {to: punct, latch: true},
		31: {bytes: true}},
	punct: {31: {to: upper, latch: true}},
	digit: {0: {to: punct}, 14: {to: upper, latch: true}, 15: {to: upper}},
}

// A content is what the data bits of a symbol say.
type content struct {
	text   symbol.Text
	eci    int    // of what is to come
	named  bool   // an ECI was
	before []byte // the characters so far, as long as FNC1 behind them may be in second position
	fnc1   int    // 1 in first position, 2 in second position
	n      int    // characters so far
	header bool   // the header of a structured append is being read
	head   []byte
	part   symbol.Part
}

// modifier is the last character of the symbology identifier (ISO/IEC 24778, annex F).
func (c *content) modifier() byte {
	m := byte('0' + c.fnc1)
	if c.named {
		m += 3
	}
	return m
}

// A reader takes bits from the front.
type reader struct {
	bits []bool
	at   int
}

func (r *reader) remaining() int { return len(r.bits) - r.at }

func (r *reader) take(n int) (v int) {
	for _, bit := range r.bits[r.at : r.at+n] {
		v <<= 1
		if bit {
			v |= 1
		}
	}
	r.at += n
	return v
}

// isPadding says whether nothing but ones are left from a place on.
func (r *reader) isPadding(from int) bool {
	for _, bit := range r.bits[from:] {
		if !bit {
			return false
		}
	}
	return true
}

// parse reads data bits.
func parse(bits []bool) (*content, error) {
	r, c := &reader{bits: bits}, &content{eci: symbol.NoECI}
	if ahead := (&reader{bits: bits}); len(bits) >= 10 && ahead.take(5) == 29 && ahead.take(5) == 29 {
		c.header = true // a latch to mixed and back: a structured append
	}
	now, next := upper, upper
	for {
		width := 5
		if now == digit {
			width = 4
		}
		if r.remaining() < width {
			break
		}
		begun := r.at
		code := r.take(width)
		if m, ok := moves[now][code]; ok {
			switch {
			case m.bytes:
				if done, err := c.bytes(r, begun); done || err != nil {
					return c.end(err)
				}
				next = now // what is shifted from is come back to, a shift as well
			case m.latch:
				now, next = m.to, m.to
			default:
				now, next = m.to, now
			}
			continue
		}
		err := c.character(r, now, code)
		if err != nil {
			return nil, err
		}
		now = next
	}
	return c.end(nil)
}

func (c *content) end(err error) (*content, error) {
	if err == nil && c.header {
		err = errStream
	}
	return c, err
}

func (c *content) character(r *reader, now table, code int) error {
	if now == punct && code == 0 {
		return c.flag(r)
	}
	if code >= len(codes[now]) {
		return errStream
	}
	return c.add([]byte(codes[now][code])...)
}

// flag reads FLG(n): FNC1, or an ECI of n digits.
func (c *content) flag(r *reader) error {
	if r.remaining() < 3 {
		return errStream
	}
	n := r.take(3)
	switch {
	case n == 0:
		return c.function()
	case n == 7 || r.remaining() < 4*n:
		return errStream
	}
	eci := 0
	for range n {
		d := r.take(4) - 2
		if d < 0 || d > 9 {
			return errStream
		}
		eci = 10*eci + d
	}
	c.named, c.eci = true, eci
	return nil
}

// function is FNC1: in first position, in second position behind a letter or two digits, or a separator.
func (c *content) function() error {
	switch {
	case c.n == 0:
		c.fnc1 = 1
	case c.fnc1 == 0 && indicator(c.before):
		c.fnc1 = 2
	default:
		return c.add(0x1d)
	}
	return nil
}

// indicator says whether characters are an application indicator: a letter or two digits.
func indicator(s []byte) bool {
	number := func(c byte) bool { return c >= '0' && c <= '9' }
	letter := func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
	return len(s) == 1 && letter(s[0]) || len(s) == 2 && number(s[0]) && number(s[1])
}

// longBytes is the least number of bytes in the long form of the count.
const longBytes = 31

// bytes reads a binary shift. Done says that it is no such, but the padding at the end, which is ones.
func (c *content) bytes(r *reader, begun int) (done bool, err error) {
	if r.remaining() < 5 {
		return true, r.rest(begun)
	}
	n := r.take(5)
	if n == 0 {
		if r.remaining() < 11 {
			return true, errStream
		}
		n = r.take(11) + longBytes
	}
	if r.remaining() < 8*n {
		return true, r.rest(begun)
	}
	raw := make([]byte, n)
	for i := range raw {
		raw[i] = byte(r.take(8))
	}
	return false, c.add(raw...)
}

// rest is no error where nothing but padding is left.
func (r *reader) rest(from int) error {
	if !r.isPadding(from) {
		return errStream
	}
	return nil
}

// add appends characters, or takes them as the header of a structured append.
func (c *content) add(raw ...byte) error {
	for i, b := range raw {
		if !c.header {
			raw = raw[i:]
			break
		}
		if err := c.append(b); err != nil {
			return err
		}
		if i == len(raw)-1 {
			return nil
		}
	}
	if c.n += len(raw); c.n <= 2 {
		c.before = append(c.before, raw...)
	} else {
		c.before = nil
	}
	c.text.Add(raw, c.eci)
	return nil
}

// mostHead bounds the header of a structured append.
const mostHead = 64

// append reads the header of a structured append: an identifier between spaces, which may be missing, then two letters
// that tell which symbol it is and of how many (ISO/IEC 24778, 8).
func (c *content) append(b byte) error {
	if c.head = append(c.head, b); len(c.head) > mostHead {
		return errStream
	}
	letters := c.head
	if c.head[0] == ' ' {
		_, after, ok := strings.Cut(string(c.head[1:]), " ")
		if !ok {
			return nil
		}
		letters = []byte(after)
	}
	if len(letters) < 2 {
		return nil
	}
	c.header = false
	for _, b := range c.head[:len(c.head)-len(letters)] {
		c.part.Parity ^= b
	}
	c.part.Index, c.part.Total = int(letters[0])-'A', int(letters[1])-'A'+1
	if c.part.Index < 0 || c.part.Total > 26 || c.part.Index >= c.part.Total {
		return errStream
	}
	return nil
}
