package databar

import (
	"fmt"
	"strings"
)

// ElementString returns the element string in the data characters of a DataBar Expanded, 12 bits each, the check
// character left out: AIs and values run together, GS between where the standard has FNC1 (ISO/IEC 24724, 7.2.5).
// It returns false for bits that no encoder writes.
func ElementString(chars []int) (text string, ok bool) {
	b := bits{chars: chars}
	b.take(1) // tells of a two-dimensional component
	var f field
	switch {
	case b.take(1) == 1:
		b.take(2) // how long the symbol is, which is known
		f.gtin(&b, int64(b.take(4)))
		f.general(&b)
	case b.take(1) == 0:
		b.take(2)
		f.general(&b)
	default:
		f.readCompressed(&b)
	}
	text = strings.TrimRight(f.text.String(), "\x1d")
	return text, !f.bad && !b.short && text != ""
}

// bits reads a row of 12-bit characters.
type bits struct {
	chars []int
	at    int
	short bool // somebody asked for more than there was
}

func (b *bits) remaining() int { return 12*len(b.chars) - b.at }

// peek returns the next n bits, which must be there.
func (b *bits) peek(n int) (v int) {
	for i := b.at; i < b.at+n; i++ {
		v = v<<1 | b.chars[i/12]>>(11-i%12)&1
	}
	return v
}

// take returns the next n bits and goes on.
func (b *bits) take(n int) (v int) {
	if b.remaining() < n {
		b.short = true
		return 0
	}
	v = b.peek(n)
	b.at += n
	return v
}

// A field is the element string as it comes together.
type field struct {
	text strings.Builder
	bad  bool
}

// gtin appends AI 01: a first digit, and twelve more in 40 bits.
func (f *field) gtin(b *bits, first int64) {
	digits := fmt.Sprintf("%d", first)
	for range 4 {
		three := b.take(10)
		f.bad = f.bad || three > 999
		digits += fmt.Sprintf("%03d", three)
	}
	if f.bad = f.bad || len(digits) != 13; !f.bad {
		f.text.WriteString("01" + addCheck(digits))
	}
}

// readCompressed reads what follows the bits 01: a GTIN of variable measure that begins with 9, and a weight or a
// price.
func (f *field) readCompressed(b *bits) {
	switch b.take(2) {
	case 0b00:
		f.gtin(b, 9)
		f.weight(3103, b.take(15))
	case 0b01:
		f.gtin(b, 9)
		if w := b.take(15); w < 10000 {
			f.weight(3202, w)
		} else {
			f.weight(3203, w-10000)
		}
	case 0b10:
		f.readPrice(b, b.take(1) == 1)
	default:
		f.readDate(b, b.take(3))
	}
}

func (f *field) weight(ai, value int) { fmt.Fprintf(&f.text, "%04d%06d", ai, value) }

// readPrice reads AI 392n, or 393n with an ISO 4217 currency.
func (f *field) readPrice(b *bits, currency bool) {
	b.take(2)
	f.gtin(b, 9)
	n := b.take(2)
	if !currency {
		fmt.Fprintf(&f.text, "392%d", n)
	} else {
		code := b.take(10)
		f.bad = f.bad || code > 999
		fmt.Fprintf(&f.text, "393%d%03d", n, code)
	}
	f.general(b)
}

// readDate reads AI 310n or 320n and one of the dates 11, 13, 15 and 17.
func (f *field) readDate(b *bits, kind int) {
	f.gtin(b, 9)
	weight := b.take(20)
	f.bad = f.bad || weight > 999999
	f.weight(3100+kind%2*100+weight/100000, weight%100000)
	date := b.take(16)
	if date == noDate {
		return
	}
	f.bad = f.bad || date > noDate
	fmt.Fprintf(&f.text, "%d%02d%02d%02d", 11+kind/2*2, date/384, date/32%12+1, date%32)
}

// noDate stands where a symbol has a weight alone: one past the last day of year 99.
const noDate = 100 * 12 * 32
