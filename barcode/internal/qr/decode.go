package qr

import (
	"math/bits"

	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A reading is a symbol that may have been read in a mirror.
type reading struct {
	symbol.Symbol
	mirrored bool
}

// decode corrects the errors of the modules of a QR code and reads them, or those of its mirror image.
func (r *Reader) decode(m *modules) (s reading, ok bool) {
	defer func() {
		if recover() != nil { // gozxing's, on what it did not expect
			ok = false
		}
	}()
	for range 2 {
		formats, n := m.formats()
		for _, f := range formats[:n] {
			if s.Symbol, ok = r.decodeAs(m, f); ok {
				return s, true
			}
		}
		m.transpose()
		s.mirrored = true
	}
	return s, false
}

// formats returns the format data that either copy of it may stand for, the nearest first: at most three of its 15 bits
// wrong (ISO/IEC 18004, 7.9).
func (m *modules) formats() (out [32]uint32, n int) {
	a, b := m.format()
	for off := range 4 {
		for data := range uint32(32) {
			word := bch(data) ^ 0x5412
			if min(bits.OnesCount32(word^a), bits.OnesCount32(word^b)) == off {
				out[n] = data
				n++
			}
		}
	}
	return out, n
}

// format returns the two copies of the format information.
func (m *modules) format() (a, b uint32) {
	bit := func(v uint32, x, y int) uint32 {
		v <<= 1
		if m.at(x, y) {
			v |= 1
		}
		return v
	}
	for i := range 15 {
		// The first goes right along row 8 and up column 8, past the timing patterns; the second up column 8 below and
		// right along row 8.
		switch {
		case i < 6:
			a = bit(a, i, 8)
		case i == 6:
			a = bit(a, 7, 8)
		case i == 7:
			a = bit(a, 8, 8)
		case i == 8:
			a = bit(a, 8, 7)
		default:
			a = bit(a, 8, 14-i)
		}
		if i < 7 {
			b = bit(b, 8, m.size-1-i)
		} else {
			b = bit(b, m.size-15+i, 8)
		}
	}
	return a, b
}

// codewords are what a symbol holds by its format data, data and check codewords interleaved. raw is valid until the
// next symbol is read.
func (r *Reader) codewords(m *modules, format uint32) (raw []byte, version *decoder.Version,
	level decoder.ErrorCorrectionLevel, ok bool) {
	version, err := decoder.Version_GetVersionForNumber((m.size - 17) / 4)
	if err != nil {
		return nil, nil, level, false
	}
	if level, err = decoder.ErrorCorrectionLevel_ForBits(uint(format >> 3)); err != nil {
		return nil, nil, level, false
	}
	r.bits = m.stream(r.bits[:0], r.function(m.size), int(format&7), 6)
	total := version.GetTotalCodewords()
	if len(r.bits) < total {
		return nil, nil, level, false
	}
	return r.bits[:total], version, level, true
}

// decodeAs reads the symbol with the level and mask of its format data.
func (r *Reader) decodeAs(m *modules, format uint32) (s symbol.Symbol, ok bool) {
	raw, version, level, ok := r.codewords(m, format)
	if !ok {
		return s, false
	}
	blocks, err := decoder.DataBlock_GetDataBlocks(raw, version, level)
	if err != nil {
		return s, false
	}
	s.Quality.UnusedCorrection = 1
	for _, block := range blocks {
		n, words := block.GetNumDataCodewords(), block.GetCodewords()
		can := capacity(len(words), n)
		wrong, ok := correct(words, n, can)
		if !ok {
			return s, false
		}
		s.Raw = append(s.Raw, words[:n]...)
		s.Quality.UnusedCorrection = min(s.Quality.UnusedCorrection, 1-float64(wrong)/float64(can))
	}
	return finish(s, symbol.QRCode, variety{version: version.GetVersionNumber()}, 8*len(s.Raw), r.Charset)
}

// finish reads the bit stream; the caller's character set is that of bytes for which the symbol names none.
func finish(s symbol.Symbol, format symbol.Format, v variety, n, charset int) (symbol.Symbol, bool) {
	c, err := v.parse(s.Raw, n)
	if err != nil || c.text.Empty() {
		return s, false
	}
	s.Format, s.Text, s.AIM = format, c.text.Decode(charset), "]Q"+string(rune(c.modifier()))
	s.Part = c.part
	return s, true
}

// capacity is how many wrong codewords a block may have: half of those that correct, less what the smallest symbols
// keep back against misreading (ISO/IEC 18004, table 9).
func capacity(total, data int) int {
	switch [2]int{total, data} {
	case [2]int{26, 19}: // 1-L
		return 2
	case [2]int{26, 16}, [2]int{44, 34}: // 1-M, 2-L
		return 4
	}
	return (total - data) / 2
}

// correct corrects a block in place and says how many codewords were wrong; not ok where they are more than may be.
func correct(words []byte, data, can int) (wrong int, ok bool) {
	all := make([]int, len(words))
	for i, w := range words {
		all[i] = int(w)
	}
	if err := reedsolomon.NewReedSolomonDecoder(reedsolomon.GenericGF_QR_CODE_FIELD_256).Decode(all,
		len(words)-data); err != nil {
		return 0, false
	}
	for i, w := range all {
		if words[i] != byte(w) {
			words[i] = byte(w)
			wrong++
		}
	}
	return wrong, wrong <= can
}

// function returns the modules of a size that belong to patterns or to the format and version information.
func (r *Reader) function(size int) []bool {
	if all := r.functions[size]; all != nil {
		return all
	}
	all := make([]bool, size*size)
	fill := func(x0, y0, x1, y1 int) {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				all[y*size+x] = true
			}
		}
	}
	fill(0, 0, 9, 9)
	fill(size-8, 0, size, 9)
	fill(0, size-8, 9, size)
	fill(0, 6, size, 7)
	fill(6, 0, 7, size)
	if size >= 45 { // version 7
		fill(size-11, 0, size-8, 6)
		fill(0, size-11, 6, size-8)
	}
	for _, c := range alignments(size) {
		x, y := int(c[0]), int(c[1])
		fill(x-2, y-2, x+3, y+3)
	}
	r.keep(size, all)
	return all
}

func (r *Reader) keep(size int, functions []bool) {
	if r.functions == nil {
		r.functions = map[int][]bool{}
	}
	r.functions[size] = functions
}
