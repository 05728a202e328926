package databartest

import (
	"fmt"
	"strconv"
	"strings"
)

// Characters encodes an element string for [DrawExpanded], compressing as ISO/IEC 24724, 7.2.5.4 allows. GS stands for
// FNC1. It panics on characters that no mode has.
func Characters(text string) (chars []int) {
	e := &encoder{}
	e.add(0, 1)
	rest := e.header(text)
	e.general(rest)
	e.pad()
	for i := 0; i < len(e.bits); i += 12 {
		v, err := strconv.ParseInt(e.bits[i:i+12], 2, 0)
		if err != nil {
			panic(err)
		}
		chars = append(chars, int(v))
	}
	return chars
}

type encoder struct {
	bits string
	mode byte // 'n'umeric, 'a'lphanumeric, 'i'so646
	open bool // a general-purpose field was begun
}

func (e *encoder) add(v, n int) { e.bits += fmt.Sprintf("%0*b", n, v) }

func (e *encoder) gtin(digits string) {
	for i := 0; i < 12; i += 3 {
		e.add(number(digits[i:i+3]), 10)
	}
}

func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic(err)
	}
	return n
}

// header writes the method and what it compresses, and returns the rest for the general-purpose field.
func (e *encoder) header(text string) (rest string) {
	if !strings.HasPrefix(text, "01") {
		e.add(0b0000, 4)
		e.open = true
		return text
	}
	gtin, rest := text[2:16], text[16:]
	if gtin[0] == '9' {
		if rest, ok := e.encodeMeasure(gtin, rest); ok {
			return rest
		}
	}
	e.add(0b100, 3)
	e.open = true
	e.add(number(gtin[:1]), 4)
	e.gtin(gtin[1:])
	return rest
}

func (e *encoder) encodeMeasure(gtin, rest string) (string, bool) {
	ai := ""
	if len(rest) >= 4 {
		ai = rest[:4]
	}
	weight := 1 << 20
	if len(rest) >= 10 && (ai[:3] == "310" || ai[:3] == "320") {
		weight = number(rest[4:10])
	}
	switch {
	case ai == "3103" && len(rest) == 10 && weight < 1<<15:
		e.add(0b0100, 4)
		e.gtin(gtin[1:])
		e.add(weight, 15)
		return "", true
	case (ai == "3202" && weight < 10000 || ai == "3203" && weight < 22768) && len(rest) == 10:
		e.add(0b0101, 4)
		e.gtin(gtin[1:])
		e.add(weight+number(ai[3:])%2*10000, 15)
		return "", true
	case ai != "" && (ai[:3] == "392" || ai[:3] == "393") && ai[3] <= '3':
		e.add(0b01100+number(ai[2:3])-2, 5)
		e.add(0, 2)
		e.open = true
		e.gtin(gtin[1:])
		e.add(number(ai[3:]), 2)
		if ai[2] == '3' {
			e.add(number(rest[4:7]), 10)
			return rest[7:], true
		}
		return rest[4:], true
	case weight < 100000 && (len(rest) == 10 || len(rest) == 18 && strings.Contains("11 13 15 17", rest[10:12])):
		kind, date := number(ai[:3])/320, 38400
		if len(rest) == 18 {
			kind += number(rest[10:12]) - 11
			date = number(rest[12:14])*384 + (number(rest[14:16])-1)*32 + number(rest[16:18])
		}
		e.add(0b0111000+kind, 7)
		e.gtin(gtin[1:])
		e.add(number(ai[3:])*100000+weight, 20)
		e.add(date, 16)
		return "", true
	}
	return rest, false
}

const alphas = "ABCDEFGHIJKLMNOPQRSTUVWXYZ*,-./"

const signs = `!"%&'()*+,-./:;<=>?_ `

func isDigit(c byte) bool { return c >= '0' && c <= '9' || c == 0x1d }

// general writes the general-purpose field.
func (e *encoder) general(text string) {
	e.mode = 'n'
	for len(text) > 0 {
		if e.mode == 'n' {
			text = e.numeric(text)
		} else {
			text = e.letter(text)
		}
	}
}

func code(c byte) int {
	if c == 0x1d {
		return 10
	}
	return int(c - '0')
}

func (e *encoder) numeric(text string) string {
	switch {
	case len(text) > 1 && isDigit(text[0]) && isDigit(text[1]) && text[:2] != "\x1d\x1d":
		e.add(11*code(text[0])+code(text[1])+8, 7)
		return text[2:]
	case len(text) == 1 && isDigit(text[0]):
		if free := (12 - len(e.bits)%12) % 12; free >= 4 && free <= 6 && len(e.bits) > 36 {
			e.add(code(text[0])+1, 4)
		} else {
			e.add(11*code(text[0])+10+8, 7)
		}
		return ""
	}
	e.add(0, 4)
	e.mode = 'a'
	return text
}

func (e *encoder) letter(text string) string {
	digits := 0
	for digits < len(text) && isDigit(text[digits]) {
		digits++
	}
	c := text[0]
	switch at := strings.IndexByte(alphas, c); {
	case digits >= 6 || digits == len(text) && digits >= 4:
		e.add(0, 3)
		e.mode = 'n'
		return text
	case c == 0x1d:
		e.add(15, 5)
		e.mode = 'n'
	case isDigit(c):
		e.add(code(c)+5, 5)
	case e.mode == 'a' && at >= 0:
		e.add(32+at, 6)
	case e.mode == 'i' && c >= 'A' && c <= 'Z':
		e.add(int(c-'A')+64, 7)
	case e.mode == 'i' && c >= 'a' && c <= 'z':
		e.add(int(c-'a')+90, 7)
	case e.mode == 'i':
		k := strings.IndexByte(signs, c)
		if k < 0 {
			panic("no sign " + strconv.Quote(string(c)))
		}
		e.add(232+k, 8)
	default:
		e.add(4, 5)
		e.mode = 'i'
		return text
	}
	if e.mode == 'i' && len(text) > 5 && strings.Trim(text[1:6], alphas) == "" {
		e.add(4, 5)
		e.mode = 'a'
	}
	return text[1:]
}

// pad fills the last character, and up to the least of three.
func (e *encoder) pad() {
	want := max(36, (len(e.bits)+11)/12*12)
	if e.open && e.mode == 'n' && len(e.bits) < want {
		e.bits += "0000"
	}
	for len(e.bits) < want {
		e.bits += "00100"
	}
	e.bits = e.bits[:want]
}
