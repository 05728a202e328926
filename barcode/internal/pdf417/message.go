package pdf417

import (
	"encoding/binary"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

// Codewords that are no data (ISO/IEC 15438, 5.4 and 5.5).
const (
	textLatch       = 900
	byteLatch       = 901
	numericLatch    = 902
	byteShift       = 913
	linkedOther     = 918 // a linear symbol beside it belongs to it
	linkedGS1       = 920 // ditto, of GS1
	initialise      = 921 // the message sets up a reader; it stands first
	macroEnd        = 922 // the last part of a message
	macroField      = 923
	byteLatchSixes  = 924
	eciUser         = 925
	eciGeneral      = 926
	eciCharset      = 927
	macroBegin      = 928
	latchFrom       = 900 // the first that is no data
	eciUserFirst    = 810900
	eciGeneralFirst = 900
)

// A message is what the data codewords of a symbol say.
type message struct {
	text  symbol.Text
	part  symbol.Part
	eci   int  // what bytes are in now; symbol.NoECI: nothing is named
	named bool // a character set was named
}

// A parser reads the data codewords of one symbol.
type parser struct {
	words []int // behind the length descriptor
	at    int
	message
	mode submode // of text compaction
}

// parse reads the data codewords of a symbol, the length descriptor first; not ok where they say nothing. That the
// message is meant for setting up a reader is passed over: what it says is text as any other.
func parse(words []int) (m message, ok bool) {
	if len(words) < 1 || words[0] != len(words) {
		return m, false
	}
	p := parser{words: words[1:]}
	p.eci = symbol.NoECI
	for ok = true; ok && p.at < len(p.words); {
		ok = p.segment()
	}
	return p.message, ok && !p.text.Empty()
}

// segment reads up to where another kind of compaction begins.
func (p *parser) segment() bool {
	w := p.words[p.at]
	if w < latchFrom {
		return p.readText()
	}
	p.at++
	switch w {
	case textLatch:
		p.mode = alpha
		return p.readText()
	case byteLatch, byteLatchSixes:
		return p.readBytes(w == byteLatchSixes)
	case byteShift:
		return p.readByte()
	case numericLatch:
		return p.readNumbers()
	case eciUser, eciGeneral, eciCharset:
		return p.readECI(w)
	case macroBegin:
		return p.readMacro()
	case linkedOther, linkedGS1:
		return true
	case initialise:
		return p.at == 1
	}
	return false // what is reserved, and what belongs to MicroPDF417 alone
}

// run takes the codewords up to the next that is no data.
func (p *parser) run() []int {
	from := p.at
	for p.at < len(p.words) && p.words[p.at] < latchFrom {
		p.at++
	}
	return p.words[from:p.at]
}

// readECI reads the number of a character set behind its codeword.
func (p *parser) readECI(kind int) bool {
	n := 1
	if kind == eciGeneral {
		n = 2
	}
	if p.at+n > len(p.words) || p.words[p.at] >= latchFrom || p.words[p.at+n-1] >= latchFrom {
		return false
	}
	switch kind {
	case eciCharset:
		p.eci = p.words[p.at]
	case eciGeneral:
		p.eci = (p.words[p.at]+1)*eciGeneralFirst + p.words[p.at+1]
	case eciUser:
		p.eci = eciUserFirst + p.words[p.at]
	}
	p.at += n
	p.named = true
	return true
}

// ECIs takes the numbers of character sets that stand here, within a run of bytes or numbers.
func (p *parser) readECIs() bool {
	for p.at < len(p.words) && p.words[p.at] >= eciUser && p.words[p.at] <= eciCharset {
		p.at++
		if !p.readECI(p.words[p.at-1]) {
			return false
		}
	}
	return true
}

// rawOf has two bytes for each codeword, the higher first.
func rawOf(words []int) (raw []byte) {
	for _, w := range words {
		raw = binary.BigEndian.AppendUint16(raw, uint16(w))
	}
	return raw
}
