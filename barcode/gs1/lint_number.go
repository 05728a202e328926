package gs1

import "strings"

// digitSum returns the sum of the digits weighted 3, 1, 3 … from the right, the last digit left out (General
// Specifications, section 7.9.1).
func digitSum(digits string) int {
	sum, weight := 0, 3
	for i := len(digits) - 2; i >= 0; i-- {
		sum += int(digits[i]-'0') * weight
		weight = 4 - weight
	}
	return sum
}

// checkDigit is csum: the last digit makes the weighted sum a multiple of ten.
func checkDigit(s string) (int, string) {
	if s == "" || !isDigits(s) {
		return 0, "is too short for a check digit"
	}
	if want := byte('0' + (10-digitSum(s)%10)%10); s[len(s)-1] != want {
		return len(s) - 1, "is not the check digit that the others make"
	}
	return 0, ""
}

// primes are the weights of the check characters from the right: as many as the longest value has characters.
var primes = func() (p [88]int) {
	n := 0
next:
	for candidate := 2; n < len(p); candidate++ {
		for _, prime := range p[:n] {
			if candidate%prime == 0 {
				continue next
			}
		}
		p[n] = candidate
		n++
	}
	return p
}()

// checkPair is csumalpha: the last two characters are the sum of the others weighted by primes, modulo 1021 (General
// Specifications, section 7.9.5).
func checkPair(s string) (int, string) {
	n := len(s) - 2
	if n < 0 || n > len(primes) {
		return 0, "has the wrong length for a pair of check characters"
	}
	sum := 0
	for i := range n {
		value := strings.IndexByte(set82, s[i])
		if value < 0 {
			return i, "is not in character set 82"
		}
		sum += value * primes[n-1-i]
	}
	sum %= 1021
	if s[n] != set32[sum>>5] || s[n+1] != set32[sum&31] {
		return n, "are not the check characters that the others make"
	}
	return 0, ""
}

// companyPrefix is gcppos1: the shortest GS1 Company Prefix has four digits.
func companyPrefix(s string) (int, string) {
	const shortest = 4
	for i := range shortest {
		if i >= len(s) {
			return 0, "is too short for a GS1 Company Prefix"
		}
		if !isDigit(s[i]) {
			return i, "is no digit, but here a GS1 Company Prefix begins"
		}
	}
	return 0, ""
}

// companyPrefixSecond is gcppos2: the prefix begins at the second character.
func companyPrefixSecond(s string) (int, string) {
	if s == "" {
		return 0, "is too short for a GS1 Company Prefix"
	}
	at, problem := companyPrefix(s[1:])
	return at + 1, problem
}

func zero(s string) (int, string) {
	if strings.Trim(s, "0") != "" {
		return 0, "is not zero"
	}
	return 0, ""
}

func nonZero(s string) (int, string) {
	if strings.Trim(s, "0") == "" {
		return 0, "is zero"
	}
	return 0, ""
}

func noZeroPrefix(s string) (int, string) {
	if strings.HasPrefix(s, "0") {
		return 0, "begins with a zero"
	}
	return 0, ""
}

func hasNonDigit(s string) (int, string) {
	if isDigits(s) {
		return 0, "is of digits alone"
	}
	return 0, ""
}

func yesNo(s string) (int, string)   { return oneOf(s, "01", "is neither 0 nor 1") }
func winding(s string) (int, string) { return oneOf(s, "019", "is no winding direction: 0, 1 or 9") }
func sex(s string) (int, string)     { return oneOf(s, "0129", "is no code of ISO/IEC 5218: 0, 1, 2 or 9") }

func importerIndex(s string) (int, string) {
	return oneOf(s, set64, "is no importer index: a letter, a digit, a hyphen or an underscore")
}

func oneOf(s, allowed, problem string) (int, string) {
	if len(s) != 1 || strings.IndexByte(allowed, s[0]) < 0 {
		return 0, problem
	}
	return 0, ""
}

func hyphens(s string) (int, string) {
	if s == "" || strings.Trim(s, "-") != "" {
		return 0, "is not a hyphen"
	}
	return 0, ""
}

func latitude(s string) (int, string)  { return checkMost(s, "1800000000", "is no latitude") }
func longitude(s string) (int, string) { return checkMost(s, "3600000000", "is no longitude") }

func checkMost(s, greatest, problem string) (int, string) {
	if len(s) != len(greatest) || !isDigits(s) || s > greatest {
		return 0, problem
	}
	return 0, ""
}

// pieceOfTotal wants two numbers of the same width, neither of them zero, the first at most the second.
func pieceOfTotal(s string) (int, string) {
	half := len(s) / 2
	if len(s) == 0 || len(s)%2 != 0 || !isDigits(s) {
		return 0, "is not two numbers of the same width"
	}
	piece, total := s[:half], s[half:]
	switch {
	case strings.Trim(piece, "0") == "":
		return 0, "is zero, but pieces are counted from one"
	case strings.Trim(total, "0") == "":
		return half, "is zero, but pieces are counted from one"
	case piece > total:
		return 0, "is a piece beyond the total"
	}
	return 0, ""
}

// positionInSequence wants two numbers joined by a slash, neither with a leading zero, the first at most the second.
func positionInSequence(s string) (int, string) {
	position, end, ok := strings.Cut(s, "/")
	switch {
	case !ok || position == "" || end == "" || !isDigits(position) || !isDigits(end):
		return 0, "is not a position, a slash and a number"
	case position[0] == '0':
		return 0, "begins with a zero"
	case end[0] == '0':
		return len(position) + 1, "begins with a zero"
	case len(position) > len(end) || len(position) == len(end) && position > end:
		return 0, "is a position beyond the end"
	}
	return 0, ""
}

// percentEncoding wants two hexadecimal digits after every percent sign (RFC 3986, section 2.1).
func percentEncoding(s string) (int, string) {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
			return i, "is a percent sign without two hexadecimal digits"
		}
		i += 2
	}
	return 0, ""
}

func isHex(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f'
}
