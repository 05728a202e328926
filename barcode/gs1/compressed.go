package gs1

import (
	"math"
	"math/big"
	"net/url"
	"strconv"
	"strings"
)

// compressed reads the binary form of a compressed link (GS1 Digital Link Standard: URI Syntax, section on
// compression), from the most significant bit on.
//
//	link      = *( elements / parameter ) *5( zero bit )
//	elements  = AI value                     the AI in decimal digits of four bits each
//	          / code values                  a code of two hexadecimal digits for a sequence of AIs
//	parameter = 0xF, length of the name in 7 bits, name, value       what is no GS1 attribute
//	value     = its components in their order:
//	            digits of a fixed length     in one number
//	            digits up to a length        their number, then one number
//	            other characters             3 bits of encoding, their number unless it is fixed, then the characters
//
// A name and base64 characters have 6 bits each, hexadecimal digits 4, ASCII 7; digits are one number.
type compressed struct {
	bits    []byte // one bit each
	at      int
	tooFar  bool
	options Options

	elements   Elements
	parameters []string
}

// sequences are the codes that stand for several AIs.
var sequences = map[string][]string{
	"0A": {"01", "22"}, "0B": {"01", "10"}, "0C": {"01", "21"}, "0D": {"01", "17"}, "0E": {"01", "7003"},
	"0F": {"01", "30"},
	"1A": {"01", "10", "21", "17"}, "1B": {"01", "15"}, "1C": {"01", "11"}, "1D": {"01", "16"}, "1E": {"01", "91"},
	"1F": {"01", "10", "15"}, "2A": {"01", "3100"}, "2B": {"01", "3101"}, "2C": {"01", "3102"}, "2D": {"01", "3103"},
	"2E": {"01", "3104"}, "2F": {"01", "3105"}, "3A": {"01", "3200"}, "3B": {"01", "3201"}, "3C": {"01", "3202"},
	"3D": {"01", "3203"}, "3E": {"01", "3204"}, "3F": {"01", "3205"}, "9A": {"8010", "8011"}, "9B": {"8017", "8019"},
	"9C": {"8018", "8019"}, "9D": {"414", "254"}, "A0": {"01", "3920"}, "A1": {"01", "3921"}, "A2": {"01", "3922"},
	"A3": {"01", "3923"}, "A4": {"01", "3924"}, "A5": {"01", "3925"}, "A6": {"01", "3926"}, "A7": {"01", "3927"},
	"A8": {"01", "3928"}, "A9": {"01", "3929"}, "C0": {"255", "3900"}, "C1": {"255", "3901"}, "C2": {"255", "3902"},
	"C3": {"255", "3903"}, "C4": {"255", "3904"}, "C5": {"255", "3905"}, "C6": {"255", "3906"}, "C7": {"255", "3907"},
	"C8": {"255", "3908"}, "C9": {"255", "3909"}, "CA": {"255", "3940"}, "CB": {"255", "3941"}, "CC": {"255", "3942"},
	"CD": {"255", "3943"},
}

// readCompressed reads a path whose last segment is compressed, behind the primary key or alone. It reports whether
// there is a link in it; if not, nothing changed.
func (l *Link) readCompressed(path string) bool {
	segments := strings.Split(path, "/")
	last := len(segments) - 1
	c := compressed{options: l.options}
	if !c.unpack(segments[last]) || !c.read() {
		return false
	}
	read := *l
	const keyAndValue = 2
	stem := segments[:last]
	if last >= keyAndValue {
		if key := lookup(resolve(segments[last-2])); key != nil && key.PrimaryKey {
			if read.add(resolve(segments[last-2]), segments[last-1], 0, url.PathUnescape) != nil {
				return false
			}
			stem = segments[:last-2]
		}
	}
	elements := append(read.Elements, c.elements...)
	ordered, err := elements.path()
	if err != nil {
		return false
	}
	attributes, err := elements.attributes(ordered)
	if err != nil || len(ordered)+len(attributes) != len(elements) {
		return false
	}
	read.Elements = append(ordered, attributes...)
	read.Stem = strings.TrimRight(l.Stem+"/"+strings.Join(stem, "/"), "/")
	for _, parameter := range c.parameters {
		if read.readParameter(parameter, ordered, 0) != nil {
			return false
		}
	}
	*l = read
	return true
}

// unpack turns base64url characters into bits. It reports false for any other character and for a text that is too
// short.
func (c *compressed) unpack(text string) bool {
	const shortest, width = 3, 6
	if len(text) < shortest {
		return false
	}
	c.bits = make([]byte, 0, len(text)*width)
	for i := range len(text) {
		value := strings.IndexByte(set64, text[i])
		if value < 0 {
			return false
		}
		for bit := width - 1; bit >= 0; bit-- {
			c.bits = append(c.bits, byte(value>>bit&1))
		}
	}
	return true
}

// read takes everything, and reports whether it all is as it must be.
func (c *compressed) read() bool {
	const head = 8
	for len(c.bits)-c.at >= head {
		if !c.one() || c.tooFar {
			return false
		}
	}
	for _, bit := range c.bits[c.at:] {
		if bit != 0 {
			return false
		}
	}
	return len(c.elements) > 0
}

// one takes one AI, one sequence of them or one parameter.
func (c *compressed) one() bool {
	code := c.hex() + c.hex()
	switch sequence := sequences[code]; {
	case sequence != nil:
		for _, ai := range sequence {
			if !c.element(ai) {
				return false
			}
		}
		return true
	case code[0] == 'F':
		c.at -= 4
		return c.parameter()
	case !isDigits(code):
		return false
	}
	for range int(lengthByPrefix[c.decimal(code)]-'0') - len(code) {
		code += c.hex()
	}
	return c.element(code)
}

func (c *compressed) decimal(code string) int {
	n, _ := strconv.Atoi(code)
	return n
}

// parameter takes a part of the query that is no GS1 attribute.
func (c *compressed) parameter() bool {
	name := c.characters(int(c.number(7).Int64()), 6, set64)
	encoding := int(c.number(3).Int64())
	value, ok := c.decode(encoding, int(c.number(7).Int64()))
	c.parameters = append(c.parameters, name+"="+value)
	return ok && name != ""
}

// element takes the value of an AI.
func (c *compressed) element(ai string) bool {
	info := lookup(ai)
	if info == nil {
		return false
	}
	var value strings.Builder
	for _, p := range info.packedParts() {
		s, ok := c.component(p)
		if !ok || c.tooFar {
			return false
		}
		value.WriteString(s)
	}
	e := Element{AI: ai, Value: value.String()}
	if c.tooFar || e.Check() != nil {
		return false
	}
	if _, twice := c.elements.Get(ai); twice {
		return false
	}
	c.elements = append(c.elements, e)
	return true
}

// packedParts returns the components as they are packed: neighbours of one kind are one, of a variable length where
// they may be left out.
func (i *Info) packedParts() (all []part) {
	for _, p := range i.parts {
		p.linters = nil
		if p.set != 'N' {
			p.set = 'X'
		}
		if p.optional {
			p.min = 0
		}
		if n := len(all) - 1; n >= 0 && all[n].packsWith(p) {
			all[n].min += p.min
			all[n].max += p.max
			continue
		}
		all = append(all, p)
	}
	return all
}

// packsWith reports whether a component is packed together with the next one.
func (p *part) packsWith(next part) bool {
	if p.set != next.set || p.set == 'X' {
		return p.set == next.set
	}
	return p.optional == next.optional && (p.optional || next.min == next.max)
}

func (c *compressed) component(p part) (string, bool) {
	encoding := 0
	if p.set == 'X' {
		encoding = int(c.number(3).Int64())
	}
	length := p.max
	if p.min != p.max {
		length = int(c.number(bitLen(p.max)).Int64())
	}
	if length > p.max || c.tooFar {
		return "", false
	}
	return c.decode(encoding, length)
}

// bitLen is how many bits a number up to n takes.
func bitLen(n int) int { return big.NewInt(int64(n)).BitLen() }

// decode takes so many characters in one of the five encodings.
func (c *compressed) decode(encoding, length int) (string, bool) {
	const digits, lowerHex, upperHex, base64, ascii = 0, 1, 2, 3, 4
	switch encoding {
	case digits:
		return c.digits(length)
	case lowerHex:
		return c.characters(length, 4, "0123456789abcdef"), true
	case upperHex:
		return c.characters(length, 4, "0123456789ABCDEF"), true
	case base64:
		return c.characters(length, 6, set64), true
	case ascii:
		return c.characters(length, 7, ""), true
	}
	return "", false
}

// digits takes a number of so many digits. No digits at all take one bit.
func (c *compressed) digits(length int) (string, bool) {
	number := c.number(int(math.Ceil(float64(length)*math.Log2(10) + 0.01))) // the standard's formula
	if length == 0 {
		return "", number.Sign() == 0
	}
	text := number.String()
	if len(text) > length {
		return "", false
	}
	return strings.Repeat("0", length-len(text)) + text, true
}

// characters takes so many characters of an alphabet, or of ASCII where there is none.
func (c *compressed) characters(length, width int, alphabet string) string {
	var b strings.Builder
	for range length {
		if n := byte(c.number(width).Int64()); alphabet == "" {
			b.WriteByte(n)
		} else {
			b.WriteByte(alphabet[n])
		}
	}
	return b.String()
}

// hex takes one hexadecimal digit.
func (c *compressed) hex() string { return strings.ToUpper(strconv.FormatInt(c.number(4).Int64(), 16)) }

// number takes so many bits as a number; beyond the end it is zero, and tooFar says so.
func (c *compressed) number(width int) *big.Int {
	n := new(big.Int)
	if c.at+width > len(c.bits) {
		c.tooFar, c.at = true, len(c.bits)
		return n
	}
	for _, bit := range c.bits[c.at : c.at+width] {
		n.Lsh(n, 1).Add(n, big.NewInt(int64(bit)))
	}
	c.at += width
	return n
}
