package bars

import (
	"strings"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

// eanDigits are the patterns of ISO/IEC 15420, number set A; set B is A backwards.
var eanDigits = [10][4]float32{
	{3, 2, 1, 1}, {2, 2, 2, 1}, {2, 1, 2, 2}, {1, 4, 1, 1}, {1, 1, 3, 2},
	{1, 2, 3, 1}, {1, 1, 1, 4}, {1, 3, 1, 2}, {1, 2, 1, 3}, {3, 1, 1, 2},
}

// eanFirst tells the first digit of an EAN-13 by which of the six left digits are of set B (bit 5 is the first).
var eanFirst = [10]int{0x00, 0x0b, 0x0d, 0x0e, 0x13, 0x19, 0x1c, 0x15, 0x16, 0x1a}

// upceCheck tells the check digit of a UPC-E with number system 0 in the same way. System 1 has the complement and is
// not read: its sets are those of the left half of an EAN-13, whose middle guard and one bar more are its end guard.
var upceCheck = [10]int{0x38, 0x34, 0x32, 0x31, 0x2c, 0x26, 0x23, 0x2a, 0x29, 0x25}

// An ean reads digit after digit. Bars are spread wider than printed, and spaces narrower, by so many modules.
type ean struct {
	s      *widths
	module float32
	spread float32
	read   eanFits // the digits so far
}

// What is asked of EAN and UPC: by which share of the larger a guard and a digit differ from what the symbol says in
// size, how many modules an element of a guard is off beside its spread, and of the four elements of a digit the sum of
// the squares, and by how much that of the next best digit is more.
const (
	guardDiffers, digitDiffers = 0.3, 0.2
	guardOff                   = 0.55
	digitOff, digitBetter      = 1.1, 0.15
)

// guard returns whether n elements from i on are one module each, give or take a spread, and how much that is.
func guard(w []float32, module float32, darkFirst bool) (spread float32, ok bool) {
	if !similar(total(w), float32(len(w))*module, guardDiffers) {
		return 0, false
	}
	for k, x := range w {
		d := x/module - 1
		if (k%2 == 0) != darkFirst {
			d = -d
		}
		spread += d / float32(len(w))
	}
	for k, x := range w {
		d := x/module - 1
		if (k%2 == 0) != darkFirst {
			d = -d
		}
		if d-spread > guardOff || spread-d > guardOff {
			return 0, false
		}
	}
	return spread, spread < mostSpread && spread > -mostSpread
}

// digit reads the four elements from i on: a digit of set A or B as 0 to 19, or -1.
func (e *ean) digit(i int, sets int) int {
	w := e.s.w[i : i+4]
	size := total(w)
	if !similar(size, 7*e.module, digitDiffers) {
		return -1
	}
	// How wide the elements would be in modules, were it not for the spread.
	var printed [4]float32
	for k, x := range w {
		printed[k] = x * 7 / size
		if (i+k)%2 == 1 { // a bar
			printed[k] -= e.spread
		} else {
			printed[k] += e.spread
		}
	}
	best, second, index := float32(1e9), float32(1e9), -1
	for d := range 10 * sets {
		if cost := digitMisfit(&printed, d); cost < best {
			best, second, index = cost, best, d
		} else if cost < second {
			second = cost
		}
	}
	if best > digitOff || second-best < digitBetter {
		return -1
	}
	e.read.add(&printed, size/e.module, index, i%2 == 1, best, second)
	return index
}

// digitMisfit is the sum of the squares by which elements differ from those of a digit of set A or B, 0 to 19.
func digitMisfit(w *[4]float32, d int) (sum float32) {
	for k, x := range w {
		off := x - eanElement(d, k)
		sum += off * off
	}
	return sum
}

// eanElement is the width of an element of a digit of set A or B, 0 to 19.
func eanElement(d, k int) float32 {
	if d >= 10 {
		return eanDigits[d-10][3-k]
	}
	return eanDigits[d][k]
}

// half reads n digits from i on.
func (e *ean) half(out []byte, i, n, sets int) (digits []byte, setB int, ok bool) {
	for k := range n {
		d := e.digit(i+4*k, sets)
		if d < 0 {
			return nil, 0, false
		}
		setB = setB<<1 | d/10
		out = append(out, byte('0'+d%10))
	}
	return out, setB, true
}

// open checks the start guard at i and the length of a symbol of so many modules and elements.
func open(s *widths, i, elements, modules int) (ean, bool) {
	if i+elements >= len(s.w) {
		return ean{}, false
	}
	e := ean{s: s, module: (s.at[i+elements] - s.at[i]) / float32(modules)}
	if !quiet(s, i-1, 4, e.module) || !quiet(s, i+elements, 4, e.module) {
		return ean{}, false
	}
	a, okA := guard(s.w[i:i+3], e.module, true)
	b, okB := guard(s.w[i+elements-3:i+elements], e.module, true)
	e.spread, e.read.slope = (a+b)/2, b-a
	return e, okA && okB
}

func readEAN13(s *widths, i int) (reading, bool) {
	e, ok := open(s, i, 59, 95)
	if !ok {
		return reading{}, false
	}
	if _, ok = guard(s.w[i+27:i+32], e.module, false); !ok {
		return reading{}, false
	}
	digits, setB, ok := e.half([]byte{'0'}, i+3, 6, 2)
	if !ok {
		return reading{}, false
	}
	first := index(eanFirst[:], setB)
	if first < 0 {
		return reading{}, false
	}
	digits[0] += byte(first)
	if digits, _, ok = e.half(digits, i+32, 6, 1); !ok || !mod10(digits) || !e.read.alike() ||
		!e.read.sharp(e.module) {
		return reading{}, false
	}
	got := eanReading(digits, i, i+59)
	got.addOn = readAddOn(s, i+59, e.module)
	return got, true
}

// eanReading is an EAN-13, or the UPC-A that it is when it begins with 0.
func eanReading(digits []byte, from, to int) reading {
	if digits[0] == '0' {
		return reading{format: symbol.UPCA, text: string(digits[1:]), aim: "]E0", raw: values(digits[1:]), from: from, to: to}
	}
	return reading{format: symbol.EAN13, text: string(digits), aim: "]E0", raw: values(digits), from: from, to: to}
}

// stands says whether the digits of a short symbol, of elements from to before to, can be believed.
func (e *ean) stands(from, to int) bool {
	return e.read.alike() && e.read.clear() && !e.s.goesOn(from, to, e.module)
}

func readEAN8(s *widths, i int) (reading, bool) {
	e, ok := open(s, i, 43, 67)
	if !ok {
		return reading{}, false
	}
	if _, ok = guard(s.w[i+19:i+24], e.module, false); !ok {
		return reading{}, false
	}
	digits, _, ok := e.half(nil, i+3, 4, 1)
	if !ok {
		return reading{}, false
	}
	if digits, _, ok = e.half(digits, i+24, 4, 1); !ok || !mod10(digits) || !e.stands(i, i+43) {
		return reading{}, false
	}
	return reading{format: symbol.EAN8, text: string(digits), aim: "]E4", raw: values(digits), from: i, to: i + 43}, true
}

func readUPCE(s *widths, i int) (reading, bool) {
	e, ok := open(s, i, 33, 51)
	if !ok {
		return reading{}, false
	}
	if _, ok = guard(s.w[i+27:i+33], e.module, false); !ok {
		return reading{}, false
	}
	digits, setB, ok := e.half([]byte{'0'}, i+3, 6, 2)
	if !ok {
		return reading{}, false
	}
	check := index(upceCheck[:], setB)
	if check < 0 || !e.stands(i, i+33) {
		return reading{}, false
	}
	digits = append(digits, byte('0'+check))
	if !mod10([]byte(ExpandUPCE(string(digits)))) {
		return reading{}, false
	}
	return reading{format: symbol.UPCE, text: string(digits), aim: "]E0", raw: values(digits), from: i, to: i + 33,
		addOn: readAddOn(s, i+33, e.module)}, true
}

// ExpandUPCE returns the twelve digits of the UPC-A that the eight of a UPC-E stand for (ISO/IEC 15420).
func ExpandUPCE(short string) string {
	if len(short) != 8 {
		return short
	}
	head, d, last, check := short[:1], short[1:6], short[6], short[7:]
	switch last {
	case '0', '1', '2':
		return head + d[:2] + string(last) + "0000" + d[2:] + check
	case '3':
		return head + d[:3] + "00000" + d[3:] + check
	case '4':
		return head + d[:4] + "00000" + d[4:] + check
	}
	return head + d + "0000" + string(last) + check
}

// mod10 says whether the last digit is the check digit of the others.
func mod10(digits []byte) bool {
	sum, weight := 0, 1
	for k := len(digits) - 1; k >= 0; k-- {
		sum += weight * int(digits[k]-'0')
		weight = 4 - weight
	}
	return sum%10 == 0 && strings.Trim(string(digits), "0") != ""
}

// values are digits as numbers.
func values(digits []byte) []byte {
	out := make([]byte, len(digits))
	for i, d := range digits {
		out[i] = d - '0'
	}
	return out
}

func index(in []int, v int) int {
	for k, x := range in {
		if x == v {
			return k
		}
	}
	return -1
}
