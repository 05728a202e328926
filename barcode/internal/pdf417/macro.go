package pdf417

import (
	"fmt"
	"strconv"
	"strings"
)

// indexWords is how many codewords the place of a part takes.
const indexWords = 2

// fieldCount names the optional field that tells how many parts there are (ISO/IEC 15438, H.2.3).
const fieldCount = 1

// readMacro reads the control block of a symbol that is a part of a message: its place, the identification of the
// message and the optional fields, of which only the number of parts counts here. Nothing follows it.
func (p *parser) readMacro() bool {
	if p.at+indexWords > len(p.words) {
		return false
	}
	index, ok := numberOf(p.words[p.at : p.at+indexWords])
	if !ok {
		return false
	}
	p.at += indexWords
	p.part.Index = index
	var id strings.Builder
	for _, w := range p.run() {
		fmt.Fprintf(&id, "%03d", w)
	}
	p.part.ID = id.String()
	for p.at < len(p.words) {
		switch w := p.words[p.at]; w {
		case macroField:
			if p.at++; !p.readField() {
				return false
			}
		case macroEnd:
			p.at++
			if p.part.Total == 0 {
				p.part.Total = p.part.Index + 1
			}
		case textLatch: // padding
			p.at++
		default:
			return false
		}
	}
	return p.part.Total == 0 || p.part.Index < p.part.Total
}

// readField reads an optional field.
func (p *parser) readField() bool {
	if p.at >= len(p.words) {
		return false
	}
	kind := p.words[p.at]
	p.at++
	from := p.at
	for p.at < len(p.words) && p.words[p.at] != macroField && p.words[p.at] != macroEnd {
		p.at++
	}
	if kind != fieldCount {
		return true
	}
	data := p.words[from:p.at]
	if len(data) > 0 && data[0] == numericLatch {
		data = data[1:]
	}
	total, ok := numberOf(data[:min(indexWords, len(data))])
	p.part.Total = total
	return ok && total > 0
}

// numberOf is a number in numeric compaction.
func numberOf(words []int) (int, bool) {
	for _, w := range words {
		if w >= latchFrom {
			return 0, false
		}
	}
	digits, ok := digitsOf(words)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}
