package pdf417

import "math/big"

// readByte reads the one byte that text shifts to.
func (p *parser) readByte() bool {
	if p.at >= len(p.words) || p.words[p.at] > 0xff {
		return false
	}
	p.text.Add([]byte{byte(p.words[p.at])}, p.eci)
	p.at++
	return true
}

const (
	group      = 5 // codewords that are
	groupBytes = 6 // bytes
)

// readBytes reads six bytes from every five codewords and the rest from one each. Where the bytes are said to be no
// multiple of six the last five codewords are such a rest, too. The name of a character set may stand between groups.
func (p *parser) readBytes(sixes bool) bool {
	left := p.lookAhead()
	for left > group || left == group && sixes {
		if !p.readECIs() || !p.readGroup() {
			return false
		}
		left -= group
	}
	for range left {
		if !p.readECIs() || !p.readByte() {
			return false
		}
	}
	return true
}

// lookAhead counts the codewords of data up to where another kind of compaction begins; the names of character sets are
// passed over.
func (p *parser) lookAhead() (n int) {
	for i := p.at; i < len(p.words); i++ {
		switch w := p.words[i]; {
		case w == eciGeneral:
			i += 2
		case w == eciUser || w == eciCharset:
			i++
		case w >= latchFrom:
			return n
		default:
			n++
		}
	}
	return n
}

// readGroup reads a number to the base 900 as one to the base 256.
func (p *parser) readGroup() bool {
	if p.at+group > len(p.words) {
		return false
	}
	v := uint64(0)
	for _, w := range p.words[p.at : p.at+group] {
		if w >= latchFrom {
			return false
		}
		v = v*latchFrom + uint64(w)
	}
	if v>>(8*groupBytes) != 0 {
		return false
	}
	var out [groupBytes]byte
	for i := range out {
		out[i] = byte(v >> (8 * (groupBytes - 1 - i)))
	}
	p.text.Add(out[:], p.eci)
	p.at += group
	return true
}

// longest is how many codewords are one number.
const longest = 15

// readNumbers reads digits: up to 15 codewords are a number to the base 900 whose decimal digits follow a 1. The name
// of a character set may stand between numbers.
func (p *parser) readNumbers() bool {
	for p.at < len(p.words) {
		if !p.readECIs() {
			return false
		}
		run := p.run()
		if len(run) == 0 {
			return true
		}
		for len(run) > 0 {
			n := min(longest, len(run))
			digits, ok := digitsOf(run[:n])
			if !ok {
				return false
			}
			p.text.Add([]byte(digits), p.eci)
			run = run[n:]
		}
	}
	return true
}

// digitsOf returns the digits behind the 1.
func digitsOf(words []int) (string, bool) {
	v, base := new(big.Int), big.NewInt(latchFrom)
	for _, w := range words {
		v.Add(v.Mul(v, base), big.NewInt(int64(w)))
	}
	s := v.String()
	return s[1:], s[0] == '1' && len(s) > 1
}
