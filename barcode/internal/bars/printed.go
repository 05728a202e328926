package bars

import "github.com/offlane/offlane/barcode/internal/symbol"

// Elements that are wide, among those of two widths, and spaces between characters, which have a width of their own.
const printedWide, printedGap = 2, 3

// print is how wide the elements of a reading are that says this: in modules, or 1 and 2 for narrow and wide ones.
// Nothing where that is not known.
func (got *reading) print() []float32 {
	switch got.format {
	case symbol.EAN13, symbol.UPCA:
		return printEAN13(got.raw)
	case symbol.EAN8:
		return printEAN(got.raw, 4, 0)
	case symbol.UPCE:
		return printUPCE(got.raw)
	case symbol.Code128:
		return append(code128.print(seal128(got.raw), stop), 2)
	case symbol.Code93:
		return append(code93.print(seal93(got.raw), 47), 1)
	case symbol.Code39:
		return printGaps("*"+got.text+"*", 9, bits39)
	case symbol.Codabar:
		return printGaps(string(got.outer[:1])+got.text+string(got.outer[1:]), 7, bitsCodabar)
	case symbol.ITF:
		return printITF([]byte(got.text))
	}
	return nil
}

func printEAN13(digits []byte) []float32 {
	if len(digits) == 12 {
		return printEAN(digits, 6, 0)
	}
	return printEAN(digits[1:], 6, eanFirst[digits[0]])
}

// printEAN is two halves of so many digits; bits of setB tell which of the left one are of set B.
func printEAN(digits []byte, half, setB int) []float32 {
	w := []float32{1, 1, 1}
	w = appendDigits(w, digits[:half], setB)
	w = append(w, 1, 1, 1, 1, 1)
	w = appendDigits(w, digits[half:], 0)
	return append(w, 1, 1, 1)
}

func printUPCE(digits []byte) []float32 {
	w := appendDigits([]float32{1, 1, 1}, digits[1:7], upceCheck[digits[7]])
	return append(w, 1, 1, 1, 1, 1, 1)
}

func appendDigits(w []float32, digits []byte, setB int) []float32 {
	for k, d := range digits {
		if setB>>(len(digits)-1-k)&1 == 1 {
			d += 10
		}
		for i := range 4 {
			w = append(w, eanElement(int(d), i))
		}
	}
	return w
}

func (t *table) print(values []byte, last int) (w []float32) {
	for _, v := range values {
		w = append(w, t.widths[v]...)
	}
	return append(w, t.widths[last]...)
}

// seal128 appends the check character.
func seal128(values []byte) []byte {
	return append(values[:len(values):len(values)], sum128(values))
}

// seal93 puts the start before and the check characters behind values.
func seal93(values []byte) []byte {
	all := append(values[:len(values):len(values)], byte(sum93(values, 20)))
	all = append(all, byte(sum93(all, 15)))
	return append([]byte{47}, all...)
}

func printGaps(text string, elements int, bits func(byte) int) (w []float32) {
	for i := range len(text) {
		if i > 0 {
			w = append(w, printedGap)
		}
		for k := range elements {
			w = append(w, float32(1+bits(text[i])>>(elements-1-k)&1))
		}
	}
	return w
}

func printITF(text []byte) []float32 {
	w := []float32{1, 1, 1, 1}
	of := pairElements(text)
	for k := range 5 * len(text) {
		_, wide := of(k)
		w = append(w, float32(1+wide))
	}
	return append(w, 2, 1, 1)
}
