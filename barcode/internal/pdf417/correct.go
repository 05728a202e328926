package pdf417

// correct mends codewords in place, of which the last check are for error correction: those at the places lost, and
// others. It returns how many were wrong beside those lost; not ok where they are too many.
func correct(words []int, check int, lost []int) (wrong int, ok bool) {
	if len(lost) > check {
		return 0, false
	}
	syndromes, clean := syndromesOf(words, check)
	if clean {
		return 0, true
	}
	erased := polynomial{1}
	for _, i := range lost {
		root := power(generator, len(words)-1-i)
		erased = erased.multiply(polynomial{1, sub(0, root)}, check+1)
	}
	locator := locate(syndromes, erased, len(lost))
	wrong = locator.degree() - len(lost)
	if wrong < 0 || 2*wrong+len(lost) > check {
		return 0, false
	}
	if !repair(words, syndromes, locator) {
		return 0, false
	}
	_, clean = syndromesOf(words, check)
	return wrong, clean
}

// syndromesOf are the values of the codewords' polynomial at the roots of the code; all are zero where it is clean.
func syndromesOf(words []int, check int) (s polynomial, clean bool) {
	s, clean = make(polynomial, check), true
	x := 1
	for k := range s {
		x = times(x, generator)
		v := 0
		for _, w := range words {
			v = (v*x + w) % prime
		}
		s[k] = v
		clean = clean && v == 0
	}
	return s, clean
}

// locate returns the polynomial whose roots tell the places of all errors (Berlekamp and Massey). It begins with the
// erasures' own.
func locate(syndromes, erased polynomial, lost int) polynomial {
	n := len(syndromes)
	now, before := make(polynomial, n+1), make(polynomial, n+1)
	copy(now, erased)
	copy(before, erased)
	length := lost
	for r := lost; r < n; r++ {
		d := 0
		for i := 0; i <= min(r, len(now)-1); i++ {
			d = (d + now[i]*syndromes[r-i]) % prime
		}
		copy(before[1:], before[:n])
		before[0] = 0
		if d == 0 {
			continue
		}
		old := append(polynomial(nil), now...)
		for i := range now {
			now[i] = sub(now[i], times(d, before[i]))
		}
		if 2*length <= r+lost {
			length = r + 1 + lost - length
			inv := inverse(d)
			for i := range before {
				before[i] = times(old[i], inv)
			}
		}
	}
	return now
}

// repair takes the errors off (Forney); not ok where the locator does not have as many roots as its degree.
func repair(words []int, syndromes, locator polynomial) bool {
	evaluator := syndromes.multiply(locator, len(syndromes))
	slope := locator.derivative()
	roots := 0
	for i := range words {
		x := power(generator, len(words)-1-i)
		inv := inverse(x)
		if locator.at(inv) != 0 {
			continue
		}
		roots++
		under := slope.at(inv)
		if under == 0 {
			return false
		}
		// The code's first root is the generator itself: the factor of x to the power of 0 is 1.
		words[i] = (words[i] + times(evaluator.at(inv), inverse(under))) % prime
	}
	return roots == locator.degree()
}
