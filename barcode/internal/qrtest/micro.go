package qrtest

import (
	"fmt"
	"image"
)

// A kind is a version and level of Micro QR (ISO/IEC 18004, tables 7 and 9), in the order of their symbol numbers.
type kind struct {
	name              string
	size, data, check int // modules, data bits, error correction codewords
}

var kinds = []kind{
	{"M1", 11, 20, 2}, {"M2-L", 13, 40, 5}, {"M2-M", 13, 32, 6}, {"M3-L", 15, 84, 6}, {"M3-M", 15, 68, 8},
	{"M4-L", 17, 128, 8}, {"M4-M", 17, 112, 10}, {"M4-Q", 17, 80, 14},
}

// Micro draws a Micro QR code of a name such as "M2-L" with a data mask of 0 to 3. The stream begins with the first
// mode indicator, of none (M1) to three bits (M4).
func Micro(name string, mask int, stream Bits) (image.Image, error) {
	for number, k := range kinds {
		if k.name == name {
			return k.draw(number, mask, stream)
		}
	}
	return nil, fmt.Errorf("qrtest: no Micro QR code %q", name)
}

func (k kind) draw(number, mask int, stream Bits) (image.Image, error) {
	words, err := stream.codewords(k.data, (k.size-11)+3)
	if err != nil {
		return nil, err
	}
	n := len(words)
	if words, err = protect(words, k.check); err != nil {
		return nil, err
	}
	var bits Bits
	for i, w := range words {
		if i == n-1 && k.data%8 != 0 {
			bits = bits.Add(w>>4, 4) // the last data codeword of M1 and M3 is a half
			continue
		}
		bits = bits.Add(w, 8)
	}
	dark := make([]bool, k.size*k.size)
	k.place(dark, bits, mask)
	k.patterns(dark, number<<2|mask)
	return draw(k.size, 2, func(x, y int) bool { return dark[y*k.size+x] }), nil
}

// place puts the bits into the modules, in pairs of columns from the lower right, up first.
func (k kind) place(dark []bool, bits Bits, mask int) {
	masks := []func(i, j int) bool{
		func(i, j int) bool { return i%2 == 0 },
		func(i, j int) bool { return (i/2+j/3)%2 == 0 },
		func(i, j int) bool { return (i*j%2+i*j%3)%2 == 0 },
		func(i, j int) bool { return ((i+j)%2+i*j%3)%2 == 0 },
	}
	n := 0
	for pair := range (k.size - 1) / 2 {
		for step := range k.size {
			y := step
			if pair%2 == 0 {
				y = k.size - 1 - step
			}
			for x := k.size - 1 - 2*pair; x > k.size-3-2*pair; x-- {
				if y == 0 || x <= 8 && y <= 8 {
					continue
				}
				bit := n < len(bits) && bits[n]
				dark[y*k.size+x] = bit != masks[mask](y, x)
				n++
			}
		}
	}
}

// patterns draws the finder pattern, the timing patterns, and the format information with its BCH code.
func (k kind) patterns(dark []bool, format int) {
	for y := range 7 {
		for x := range 7 {
			d := max(x-3, 3-x, y-3, 3-y)
			dark[y*k.size+x] = d != 2
		}
	}
	for i := 8; i < k.size; i++ {
		dark[i], dark[i*k.size] = i%2 == 0, i%2 == 0
	}
	rest := format << 10
	for i := 14; i >= 10; i-- {
		if rest>>i&1 != 0 {
			rest ^= 0x537 << (i - 10)
		}
	}
	word := (format<<10 | rest) ^ 0x4445
	for i := range 8 {
		dark[8*k.size+1+i] = word>>(14-i)&1 != 0
		if i > 0 {
			dark[i*k.size+8] = word>>(i-1)&1 != 0
		}
	}
}
