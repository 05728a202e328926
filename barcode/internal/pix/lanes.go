package pix

import "encoding/binary"

// Eight pixels at a time, as the bytes of one word: what a vector unit would do, in plain Go.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
	evens = 0x00ff00ff00ff00ff
)

// below has the high bit of every byte set in which x is below y.
func below(x, y uint64) uint64 {
	d := (x | highs) - (y &^ highs)
	return (^x&y | ^(x^y)&^d) & highs
}

// notAbove has a bit for each byte of x that is not above that of y, the lowest for the lowest byte.
func notAbove(x, y uint64) uint64 {
	return (below(y, x) ^ highs) >> 7 * 0x0102040810204080 >> 56
}

// fill fills the bytes whose high bit is set.
func fill(m uint64) uint64 { return m>>7*0xff | m }

// fours returns the means of four squares of two by two pixels: those of a stand above those of b.
func fours(a, b uint64) uint32 {
	sum := a&evens + a>>8&evens + b&evens + b>>8&evens
	mean := (sum + 0x0002000200020002) >> 2 & evens
	mean |= mean >> 8
	return uint32(mean&0xffff | mean>>16&0xffff0000)
}

// statistics are the sum, number and range of some pixels.
type statistics struct{ sum, n, low, high int32 }

// whole takes every second row of a block of eight by eight, which tells its level as well as all do.
func (s *statistics) whole(pix []byte, stride int) {
	var sum uint64
	low, high := ^uint64(0), uint64(0)
	for i := 0; i < block; i += 2 {
		x := binary.LittleEndian.Uint64(pix[i*stride:])
		sum += x&evens + x>>8&evens
		m := fill(below(x, low))
		low = x&m | low&^m
		m = fill(below(high, x))
		high = x&m | high&^m
	}
	s.sum, s.n = int32(sum*0x0001000100010001>>48), block*block/2
	s.low, s.high = 255, 0
	for range 8 {
		s.low, s.high = min(s.low, int32(low&255)), max(s.high, int32(high&255))
		low, high = low>>8, high>>8
	}
}

// part takes what of a block lies within the plane.
func (s *statistics) part(g *Gray, bx, by int) {
	s.low = 255
	for y := by * block; y < min((by+1)*block, g.H); y += 2 {
		for _, v := range g.Row(y)[bx*block : min((bx+1)*block, g.W)] {
			s.sum += int32(v)
			s.low, s.high = min(s.low, int32(v)), max(s.high, int32(v))
			s.n++
		}
	}
}
