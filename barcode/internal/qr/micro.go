package qr

import (
	"math/bits"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A microKind is a version and level of Micro QR: its size in modules, its data bits, its error correction codewords,
// and how many of its codewords may be wrong (ISO/IEC 18004, tables 7 and 9), in the order of the symbol numbers.
type microKind struct{ size, data, check, can int }

var microKinds = [8]microKind{
	{11, 20, 2, 0}, {13, 40, 5, 1}, {13, 32, 6, 2}, {15, 84, 6, 2}, {15, 68, 8, 4}, {17, 128, 8, 3}, {17, 112, 10, 5},
	{17, 80, 14, 7},
}

// microMasks are the data masks of QR codes that those of Micro QR are (ISO/IEC 18004, table 10).
var microMasks = [4]int{1, 4, 6, 7}

// decodeMicro reads the modules of a Micro QR code or those of its mirror image.
func (r *Reader) decodeMicro(m *modules) (s reading, ok bool) {
	defer func() {
		if recover() != nil { // gozxing's, on what it did not expect
			ok = false
		}
	}()
	for range 2 {
		if s.Symbol, ok = r.microAs(m); ok {
			return s, true
		}
		m.transpose()
		s.mirrored = true
	}
	return s, false
}

// microFormat returns the format data: one bit of it may be wrong, none in M1, whose codewords say so little.
func microFormat(m *modules) (uint32, bool) {
	var word uint32
	for i := range 15 {
		x, y := i+1, 8
		if i > 7 {
			x, y = 8, 15-i
		}
		word <<= 1
		if m.at(x, y) {
			word |= 1
		}
	}
	for data := range uint32(32) {
		off := bits.OnesCount32(bch(data) ^ 0x4445 ^ word)
		if off == 0 || off == 1 && data>>2 != 0 {
			return data, microKinds[data>>2].size == m.size
		}
	}
	return 0, false
}

func (r *Reader) microAs(m *modules) (s symbol.Symbol, ok bool) {
	format, ok := microFormat(m)
	if !ok {
		return s, false
	}
	k := microKinds[format>>2]
	r.bits = m.stream(r.bits[:0], r.microFunction(m.size), microMasks[format&3], 0)
	n := (k.data + 7) / 8
	words := make([]byte, n+k.check)
	for i := range words {
		words[i] = k.codeword(r.bits, i, n)
	}
	wrong, ok := correct(words, n, k.can)
	if !ok {
		return s, false
	}
	if s.Raw = words[:n]; k.can > 0 {
		s.Quality.UnusedCorrection = 1 - float64(wrong)/float64(k.can)
	}
	s, ok = finish(s, symbol.MicroQR, variety{micro: (m.size - 9) / 2}, k.data, r.Charset)
	return s, ok && (k.can > 0 || isPadded(s))
}

// codeword returns codeword i, the n'th of which may be a half, the upper one.
func (k microKind) codeword(bits []byte, i, n int) byte {
	switch {
	case k.data%8 == 0 || i < n-1:
		return bits[i]
	case i == n-1:
		return bits[i] & 0xf0
	}
	return bits[i-1]<<4 | bits[i]>>4
}

// isPadded says whether what follows the digits of an M1 is a terminator and padding, which is all that vouches for
// them beside two check codewords.
func isPadded(s symbol.Symbol) bool {
	n := len(s.Text)
	end := 3 + n/3*10 + [3]int{0, 4, 7}[n%3]
	r := bitReader{bytes: s.Raw, n: 20}
	want := []byte{0xec, 0x11}
	for r.at = end; r.at < min(r.n, (end+3+7)/8*8); {
		if v, _ := r.take(1); v != 0 {
			return false
		}
	}
	for ; r.remaining() >= 8; want = want[1:] {
		if v, _ := r.take(8); byte(v) != want[0] {
			return false
		}
	}
	v, _ := r.take(r.remaining())
	return v == 0
}

// microFunction returns the function modules of a size.
func (r *Reader) microFunction(size int) []bool {
	if all := r.functions[size]; all != nil {
		return all
	}
	all := make([]bool, size*size)
	for i := range all {
		x, y := i%size, i/size
		all[i] = x == 0 || y == 0 || x <= 8 && y <= 8
	}
	r.keep(size, all)
	return all
}

// microFixed returns the modules whose colour is fixed: the finder pattern and its separator, the timing patterns, and
// last a ring of the quiet zone.
func microFixed(size int) (out []cell) {
	at := func(x, y int, dark bool) { out = append(out, cell{float64(x) + 0.5, float64(y) + 0.5, dark}) }
	for y := range 8 {
		for x := range 8 {
			at(x, y, max(abs(x-3), abs(y-3)) != 2 && max(x, y) < 7)
		}
	}
	for i := 8; i < size; i++ {
		at(i, 0, i%2 == 0)
		at(0, i, i%2 == 0)
	}
	for i := range size {
		at(i, -1, false)
		at(-1, i, false)
		at(i, size, false)
		at(size, i, false)
	}
	return out
}
