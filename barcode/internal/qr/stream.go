package qr

import (
	"errors"
	"strings"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A content is what the data codewords of a symbol say.
type content struct {
	text        symbol.Text
	eci         int  // of the segments to come
	named       bool // an ECI was
	first, next bool // FNC1 in first and in second position
	part        symbol.Part
}

// modifier is the last character of the symbology identifier (ISO/IEC 18004, annex F).
func (c *content) modifier() byte {
	m := byte('1')
	switch {
	case c.first:
		m = '3'
	case c.next:
		m = '5'
	}
	if c.named {
		m++
	}
	return m
}

var errStream = errors.New("barcode: the bit stream makes no sense")

// bitReader reads the data codewords from the highest bit of the first on.
type bitReader struct {
	bytes []byte
	at, n int // in bits
}

func (r *bitReader) remaining() int { return r.n - r.at }

func (r *bitReader) take(n int) (v int, err error) {
	if n > r.remaining() {
		return 0, errStream
	}
	for range n {
		v = v<<1 | int(r.bytes[r.at>>3]>>(7-uint(r.at&7))&1)
		r.at++
	}
	return v, nil
}

// A mode is how a segment is written.
type mode int

const (
	modeEnd    mode = 0
	modeDigits mode = 1
	modeAlnum  mode = 2
	modeAppend mode = 3
	modeBytes  mode = 4
	modeFirst  mode = 5
	modeECI    mode = 7
	modeKanji  mode = 8
	modeNext   mode = 9
	modeHanzi  mode = 13
)

// A variety is the version's part in the bit stream: the lengths of mode and count indicators (ISO/IEC 18004, tables 2
// and 3). For Micro QR micro is 1 to 4.
type variety struct {
	version, micro int
}

// mode reads the next mode indicator; where fewer bits are left than a terminator has, it is the end.
func (v variety) mode(r *bitReader) (mode, error) {
	if v.micro == 0 {
		if r.remaining() < 4 {
			return modeEnd, nil
		}
		m, err := r.take(4)
		return mode(m), err
	}
	ahead := *r
	if z, err := ahead.take(2*v.micro + 1); err != nil || z == 0 {
		*r = ahead
		return modeEnd, nil
	}
	m, err := r.take(v.micro - 1)
	if err != nil || m > 3 {
		return 0, errStream
	}
	return [4]mode{modeDigits, modeAlnum, modeBytes, modeKanji}[m], nil
}

// countBits is the length of the character count of a mode.
func (v variety) countBits(m mode) int {
	if v.micro > 0 {
		return map[mode]int{modeDigits: 2, modeAlnum: 1, modeBytes: 1, modeKanji: 0}[m] + v.micro
	}
	i := 0
	switch {
	case v.version > 26:
		i = 2
	case v.version > 9:
		i = 1
	}
	switch m {
	case modeDigits:
		return [3]int{10, 12, 14}[i]
	case modeAlnum:
		return [3]int{9, 11, 13}[i]
	case modeBytes:
		return [3]int{8, 16, 16}[i]
	}
	return [3]int{8, 10, 12}[i]
}

// parse reads n bits of data codewords.
func (v variety) parse(data []byte, n int) (*content, error) {
	r, c := &bitReader{bytes: data, n: n}, &content{eci: symbol.NoECI}
	for {
		m, err := v.mode(r)
		if err != nil {
			return nil, err
		}
		if m == modeEnd {
			return c, nil
		}
		if err := v.segment(c, r, m); err != nil {
			return nil, err
		}
	}
}

func (v variety) segment(c *content, r *bitReader, m mode) error {
	switch m {
	case modeAppend:
		return c.append(r)
	case modeFirst:
		c.first = true
		return nil
	case modeNext:
		return c.indicator(r)
	case modeECI:
		return c.assign(r)
	case modeHanzi:
		if set, err := r.take(4); err != nil || set != 1 {
			return errStream // only GB 2312 is defined
		}
	case modeDigits, modeAlnum, modeBytes, modeKanji:
	default:
		return errStream
	}
	n, err := r.take(v.countBits(m))
	if err != nil {
		return err
	}
	switch m {
	case modeDigits:
		return c.digits(r, n)
	case modeAlnum:
		return c.alnum(r, n)
	case modeBytes:
		return c.bytes(r, n)
	case modeKanji:
		raw, err := pairs(r, n, 0xc0, 0x8140, 0xc140, 0x1f00)
		c.text.AddKanji(raw)
		return err
	}
	raw, err := pairs(r, n, 0x60, 0xa1a1, 0xa6a1, 0x0a00)
	c.text.Add(raw, symbol.GB18030)
	return err
}

func (c *content) append(r *bitReader) error {
	v, err := r.take(16)
	c.part = symbol.Part{Index: v >> 12, Total: v>>8&15 + 1, Parity: byte(v)}
	if c.part.Index >= c.part.Total {
		return errStream
	}
	return err
}

// indicator reads the application indicator after FNC1 in second position: two digits, or a letter as 100 plus its
// code. A scanner transmits it before the data.
func (c *content) indicator(r *bitReader) error {
	v, err := r.take(8)
	switch {
	case err != nil:
		return err
	case v < 100:
		c.ascii(byte('0'+v/10), byte('0'+v%10))
	case v >= 165 && v <= 190 || v >= 197 && v <= 222:
		c.ascii(byte(v - 100))
	default:
		return errStream
	}
	c.next = true
	return nil
}

// assign reads an ECI designator. One that names no character set we know leaves the bytes as they are, each the
// character of the same number.
func (c *content) assign(r *bitReader) error {
	v, err := r.take(8)
	if err != nil {
		return err
	}
	more := 0
	switch {
	case v&0x80 == 0:
	case v&0xc0 == 0x80:
		v, more = v&0x3f, 8
	case v&0xe0 == 0xc0:
		v, more = v&0x1f, 16
	default:
		return errStream
	}
	rest, err := r.take(more)
	if err != nil {
		return err
	}
	c.named, c.eci = true, v<<more|rest
	return nil
}

// ascii appends characters that no character set changes.
func (c *content) ascii(text ...byte) { c.text.Add(text, symbol.ASCII) }

func (c *content) digits(r *bitReader, n int) error {
	for n > 0 {
		k := min(n, 3)
		v, err := r.take(3*k + 1)
		if err != nil {
			return err
		}
		limit := [4]int{1, 10, 100, 1000}[k]
		if v >= limit {
			return errStream
		}
		for limit /= 10; limit > 0; limit /= 10 {
			c.ascii(byte('0' + v/limit%10))
		}
		n -= k
	}
	return nil
}

const alphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// alnum reads pairs of characters. With FNC1 in effect a percent sign is the separator, and two are one percent sign
// (ISO/IEC 18004, 7.4.8.2).
func (c *content) alnum(r *bitReader, n int) error {
	var out []byte
	for ; n > 0; n -= 2 {
		if n == 1 {
			v, err := r.take(6)
			if err != nil || v >= 45 {
				return errStream
			}
			out = append(out, alphanumerics[v])
			break
		}
		v, err := r.take(11)
		if err != nil || v >= 45*45 {
			return errStream
		}
		out = append(out, alphanumerics[v/45], alphanumerics[v%45])
	}
	text := string(out)
	if c.first || c.next {
		text = strings.NewReplacer("%%", "%", "%", "\x1d").Replace(text)
	}
	c.ascii([]byte(text)...)
	return nil
}

// bytes reads text in the character set of the ECI, or in one that is decided when the whole symbol is read.
func (c *content) bytes(r *bitReader, n int) error {
	if 8*n > r.remaining() {
		return errStream
	}
	raw := make([]byte, n)
	for i := range raw {
		v, _ := r.take(8)
		raw[i] = byte(v)
	}
	c.text.Add(raw, c.eci)
	return nil
}

// pairs reads characters of two bytes in 13 bits each.
func pairs(r *bitReader, n, base, low, high, below int) (raw []byte, err error) {
	for range n {
		v, err := r.take(13)
		if err != nil {
			return nil, err
		}
		v = v/base<<8 | v%base
		if v < below {
			v += low
		} else {
			v += high
		}
		raw = append(raw, byte(v>>8), byte(v))
	}
	return raw, nil
}
