// Package qrtest draws QR codes bit by bit, for what no encoder at hand writes: Micro QR, FNC1, ECI, structured append.
// Tests alone use it.
package qrtest

import (
	"fmt"
	"image"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"
)

// Bits are a bit stream in the making.
type Bits []bool

// Add appends the n lowest bits of a value, the highest first.
func (b Bits) Add(value, n int) Bits {
	for i := n - 1; i >= 0; i-- {
		b = append(b, value>>i&1 != 0)
	}
	return b
}

// Bytes appends whole bytes.
func (b Bits) Bytes(text string) Bits {
	for i := range len(text) {
		b = b.Add(int(text[i]), 8)
	}
	return b
}

// codewords ends the stream after n bits, with a terminator of so many and pad codewords.
func (b Bits) codewords(n, terminator int) ([]int, error) {
	if len(b) > n {
		return nil, fmt.Errorf("qrtest: %d bits are more than %d", len(b), n)
	}
	b = b.Add(0, min(terminator, n-len(b)))
	for len(b)%8 != 0 && len(b) < n {
		b = append(b, false)
	}
	for pad := 0xec; len(b)+8 <= n; pad ^= 0xec ^ 0x11 {
		b = b.Add(pad, 8)
	}
	b = b.Add(0, n-len(b))
	words := make([]int, (n+7)/8)
	for i, bit := range b {
		if bit {
			words[i/8] |= 0x80 >> (i % 8)
		}
	}
	return words, nil
}

// protect appends error correction codewords.
func protect(words []int, check int) ([]int, error) {
	all := append(words, make([]int, check)...)
	err := reedsolomon.NewReedSolomonEncoder(reedsolomon.GenericGF_QR_CODE_FIELD_256).Encode(all, check)
	return all, err
}

// QR draws a QR code of version 1 to 5 and level L, which have one block.
func QR(version int, stream Bits) (image.Image, error) {
	v, err := decoder.Version_GetVersionForNumber(version)
	if err != nil || version > 5 {
		return nil, fmt.Errorf("qrtest: version %d: %w", version, err)
	}
	check := v.GetECBlocksForLevel(decoder.ErrorCorrectionLevel_L).GetTotalECCodewords()
	words, err := stream.codewords(8*(v.GetTotalCodewords()-check), 4)
	if err != nil {
		return nil, err
	}
	if words, err = protect(words, check); err != nil {
		return nil, err
	}
	bits := gozxing.NewEmptyBitArray()
	for _, w := range words {
		if err := bits.AppendBits(w, 8); err != nil {
			return nil, err
		}
	}
	size := v.GetDimensionForVersion()
	m := encoder.NewByteMatrix(size, size)
	if err := encoder.MatrixUtil_buildMatrix(bits, decoder.ErrorCorrectionLevel_L, v, 3, m); err != nil {
		return nil, err
	}
	return draw(size, 4, func(x, y int) bool { return m.Get(x, y) == 1 }), nil
}

// draw makes a picture with a quiet zone, eight pixels a module.
func draw(size, quiet int, dark func(x, y int) bool) image.Image {
	const scale = 8
	img := image.NewGray(image.Rect(0, 0, scale*(size+2*quiet), scale*(size+2*quiet)))
	for i := range img.Pix {
		x, y := i%img.Stride/scale-quiet, i/img.Stride/scale-quiet
		if min(x, y) < 0 || max(x, y) >= size || !dark(x, y) {
			img.Pix[i] = 255
		}
	}
	return img
}
