package offer

// The check symbols are a Reed-Solomon code over GF(32), made from the primitive polynomial x⁵+x²+1, whose root is α =
// 2. The generator's roots are 1 and α: the symbols of a code sum to zero, and so do the symbols each weighted with α
// to the power of its place. 28 symbols are fewer than the 31 non-zero powers of α, so that any one wrong symbol has a
// place of its own.
const gfPolynomial = 0b100101

var gfExp, gfLog = gfTables()

func gfTables() (exp [31]byte, log [32]int8) {
	x := byte(1)
	for i := range exp {
		exp[i], log[x] = x, int8(i)
		if x <<= 1; x >= 32 {
			x ^= gfPolynomial
		}
	}
	return exp, log
}

func gfMul(a, b byte) byte {
	if a == 0 || b == 0 {
		return 0
	}
	return gfExp[(int(gfLog[a])+int(gfLog[b]))%31]
}

// gfDiv divides a by b, which is not zero.
func gfDiv(a, b byte) byte {
	if a == 0 {
		return 0
	}
	return gfExp[(int(gfLog[a])-int(gfLog[b])+31)%31]
}

// syndromes returns the two sums, both zero for a code without an error.
func syndromes(symbols []byte) (s0, s1 byte) {
	for i, c := range symbols {
		s0 ^= c
		s1 ^= gfMul(c, gfExp[i])
	}
	return s0, s1
}

// checks returns the two symbols that make both sums zero when they stand behind data: with p = s0, and q = s1 as the
// sums of the data alone, they solve x+y = p and xαⁿ+yαⁿ⁺¹ = q.
func checks(data []byte) (x, y byte) {
	p, q := syndromes(data)
	n := len(data)
	y = gfDiv(q^gfMul(p, gfExp[n]), gfExp[n]^gfExp[n+1])
	return p ^ y, y
}
