package qr

import "github.com/makiuchi-d/gozxing/common/reedsolomon"

// field is GF(256) of QR codes (ISO/IEC 18004, 7.5.2).
func field() *reedsolomon.GenericGF { return reedsolomon.GenericGF_QR_CODE_FIELD_256 }

// fill corrects a block in place of which some codewords are known to be lost, at the places erased, and others are
// wrong. It keeps back so many check codewords, which alone vouch for what was filled in. Not ok where too many are
// wrong.
func fill(words []byte, data int, erased []int, kept int) (wrong int, ok bool) {
	check := len(words) - data
	if len(erased) > check-kept {
		return 0, false
	}
	syndromes, clean := syndromesOf(words, check)
	if clean {
		return 0, true
	}
	locator := berlekamp(syndromes, locatorOf(len(words), erased), len(erased))
	// Each erasure takes one check codeword, each error two.
	errors := len(locator) - 1 - len(erased)
	if errors < 0 || len(erased)+2*errors > check-kept {
		return 0, false
	}
	wrong, ok = repair(words, syndromes, locator)
	if !ok {
		return 0, false
	}
	_, clean = syndromesOf(words, check)
	return wrong, clean
}

// syndromesOf returns the values of a block at the roots of the code, and whether all are zero.
func syndromesOf(words []byte, check int) (s []int, clean bool) {
	f := field()
	s, clean = make([]int, check), true
	for j := range s {
		root := f.Exp(j)
		for _, w := range words {
			s[j] = f.Multiply(s[j], root) ^ int(w)
		}
		clean = clean && s[j] == 0
	}
	return s, clean
}

// locatorOf returns the polynomial, lowest power first, whose roots are the inverses of the places in a block of n.
func locatorOf(n int, places []int) []int {
	f, p := field(), []int{1}
	for _, at := range places {
		x := f.Exp(n - 1 - at)
		p = append(p, 0)
		for i := len(p) - 1; i > 0; i-- {
			p[i] ^= f.Multiply(x, p[i-1])
		}
	}
	return p
}

// berlekamp returns the locator of errors and erasures, of which that of the erasures is known (Blahut, Theory and
// Practice of Error Control Codes, 9.2).
func berlekamp(syndromes, erasures []int, n int) []int {
	f := field()
	locator, before := erasures, erasures
	length := n
	for r := n; r < len(syndromes); r++ {
		delta := 0
		for i := 0; i < len(locator) && i <= r; i++ {
			delta ^= f.Multiply(locator[i], syndromes[r-i])
		}
		shifted := append([]int{0}, before...)
		if delta == 0 {
			before = shifted
			continue
		}
		next := sum(locator, shifted, delta)
		if 2*length <= r+n {
			inverse, _ := f.Inverse(delta)
			length, before = r+n+1-length, sum(nil, locator, inverse)
		} else {
			before = shifted
		}
		locator = next
	}
	for len(locator) > 1 && locator[len(locator)-1] == 0 {
		locator = locator[:len(locator)-1]
	}
	return locator
}

// sum returns a plus k times b.
func sum(a, b []int, k int) []int {
	out := make([]int, max(len(a), len(b)))
	copy(out, a)
	for i, v := range b {
		out[i] ^= field().Multiply(k, v)
	}
	return out
}

// repair adds the values of the errors that the locator has (Forney's algorithm); not ok where it has other roots.
func repair(words []byte, syndromes, locator []int) (wrong int, ok bool) {
	f, roots := field(), 0
	values := make([]int, len(syndromes)) // syndromes times locator
	for i := range values {
		for k := 0; k <= i && k < len(locator); k++ {
			values[i] ^= f.Multiply(locator[k], syndromes[i-k])
		}
	}
	for at := range words {
		x := f.Exp(len(words) - 1 - at)
		inverse, _ := f.Inverse(x)
		if value(locator, inverse) != 0 {
			continue
		}
		roots++
		slope := 0 // the formal derivative
		for i := 1; i < len(locator); i += 2 {
			slope ^= f.Multiply(locator[i], power(inverse, i-1))
		}
		if slope == 0 {
			return 0, false
		}
		down, _ := f.Inverse(slope)
		if e := f.Multiply(x, f.Multiply(value(values, inverse), down)); e != 0 {
			words[at] ^= byte(e)
			wrong++
		}
	}
	return wrong, roots == len(locator)-1
}

// value is that of a polynomial, lowest power first, at x.
func value(p []int, x int) (v int) {
	for i := len(p) - 1; i >= 0; i-- {
		v = field().Multiply(v, x) ^ p[i]
	}
	return v
}

func power(x, n int) int {
	p := 1
	for range n {
		p = field().Multiply(p, x)
	}
	return p
}
