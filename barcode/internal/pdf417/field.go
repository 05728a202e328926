package pdf417

// Arithmetic modulo 929, in which 3 generates all numbers but zero.
const (
	prime     = 929
	generator = 3
)

func times(a, b int) int { return a * b % prime }

func sub(a, b int) int { return (a - b + prime) % prime }

// power returns a to the power of n, which is not negative.
func power(a, n int) int {
	out := 1
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			out = times(out, a)
		}
		a = times(a, a)
	}
	return out
}

// inverse returns what makes 1 of a, which is not zero.
func inverse(a int) int { return power(a, prime-2) }

// A polynomial has its coefficients by their powers, the constant first.
type polynomial []int

// at is the value of p at x.
func (p polynomial) at(x int) (v int) {
	for i := len(p) - 1; i >= 0; i-- {
		v = (v*x + p[i]) % prime
	}
	return v
}

// multiply returns p times q, as far as the power below limit.
func (p polynomial) multiply(q polynomial, limit int) polynomial {
	out := make(polynomial, max(0, min(limit, len(p)+len(q)-1)))
	for i, a := range p {
		if a == 0 {
			continue
		}
		for k, b := range q {
			if i+k >= len(out) {
				break
			}
			out[i+k] = (out[i+k] + a*b) % prime
		}
	}
	return out
}

// degree is the highest power with a coefficient, 0 where there is none.
func (p polynomial) degree() int {
	for i := len(p) - 1; i > 0; i-- {
		if p[i] != 0 {
			return i
		}
	}
	return 0
}

// derivative is that of p.
func (p polynomial) derivative() polynomial {
	out := make(polynomial, max(1, len(p)-1))
	for i := 1; i < len(p); i++ {
		out[i-1] = i % prime * p[i] % prime
	}
	return out
}
