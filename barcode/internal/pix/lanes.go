package pix

import "encoding/binary"

// Eight pixels at a time, as the bytes of one word: what a vector unit would do, in plain Go.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
	evens = 0x00ff00ff00ff00ff
)

// less has the high bit of every byte set in which x is below y.
func less(x, y uint64) uint64 {
	d := (x | highs) - (y &^ highs)
	return (^x&y | ^(x^y)&^d) & highs
}

// notAbove has a bit for each byte of x that is not above that of y, the lowest for the lowest byte.
func notAbove(x, y uint64) uint64 {
	return (less(y, x) ^ highs) >> 7 * 0x0102040810204080 >> 56
}

// minMax returns the lesser and the greater of every two bytes below 128.
func minMax(x, y uint64) (less, more uint64) {
	notBelow := ((x | highs) - y) & highs
	swap := (x ^ y) & (notBelow - notBelow>>7)
	return x ^ swap, y ^ swap
}

// fours returns the means of four squares of two by two pixels: those of a stand above those of b.
func fours(a, b uint64) uint32 {
	sum := a&evens + a>>8&evens + b&evens + b>>8&evens
	mean := (sum + 0x0002000200020002) >> 2 & evens
	mean |= mean >> 8
	return uint32(mean&0xffff | mean>>16&0xffff0000)
}

// statistics are the mean of some pixels and their range in steps of two.
type statistics struct{ mean, low, high int32 }

// whole takes every second row of a block of eight by eight, which tells its level as well as all do.
func whole(pix []byte, stride int) statistics {
	a, b := binary.LittleEndian.Uint64(pix), binary.LittleEndian.Uint64(pix[2*stride:])
	c, d := binary.LittleEndian.Uint64(pix[4*stride:]), binary.LittleEndian.Uint64(pix[6*stride:])
	sum := a&evens + a>>8&evens + b&evens + b>>8&evens + c&evens + c>>8&evens + d&evens + d>>8&evens
	a, b = minMax(a>>1&^highs, b>>1&^highs)
	c, d = minMax(c>>1&^highs, d>>1&^highs)
	low, _ := minMax(a, c)
	_, high := minMax(b, d)
	low, high = narrow(low, high)
	return statistics{int32(sum*0x0001000100010001>>48) / (block * block / 2), int32(low), int32(high)}
}

// narrow returns the least byte of one word and the greatest of another, all below 128. Both go in one word as soon
// as they have room: the greatest byte is the least when all bits are the other way round.
func narrow(low, high uint64) (least, greatest uint64) {
	const half = 1<<32 - 1
	high ^= ^uint64(highs)
	w, _ := minMax(low&half|high<<32, low>>32|high&^half)
	w, _ = minMax(w, w>>16)
	w, _ = minMax(w, w>>8)
	return w & 127, ^w >> 32 & 127
}

// part takes what of a block lies within the plane, every second row as well.
func part(g *Gray, bx, by int) statistics {
	s, sum, n := statistics{low: 127}, int32(0), int32(0)
	for y := by * block; y < min((by+1)*block, g.H); y += 2 {
		for _, v := range g.Row(y)[bx*block : min((bx+1)*block, g.W)] {
			s.low, s.high = min(s.low, int32(v/2)), max(s.high, int32(v/2))
			sum, n = sum+int32(v), n+1
		}
	}
	s.mean = sum / n
	return s
}
