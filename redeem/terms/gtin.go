package terms

// A gtin is a Global Trade Item Number in 14 digits with leading zeros, so that one product in GTIN-8, -12, -13 or -14
// is one value.
type gtin [14]byte

// parseGTIN reads 8, 12, 13 or 14 digits whose last is the check digit (GS1 General Specifications, section 7.9).
func parseGTIN(text string) (number gtin, ok bool) {
	switch len(text) {
	case 8, 12, 13, 14:
	default:
		return gtin{}, false
	}
	for i := range number {
		number[i] = '0'
	}
	copy(number[len(number)-len(text):], text)
	return number, number.checks()
}

func (g gtin) checks() bool {
	sum := 0
	for i, c := range g {
		if c < '0' || c > '9' {
			return false
		}
		weight := 3 - i%2*2
		sum += int(c-'0') * weight
	}
	return sum%10 == 0
}
