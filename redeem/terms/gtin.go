package terms

// A gtin is a Global Trade Item Number as a number, so that one product in GTIN-8, -12, -13 or -14 is one value.
type gtin uint64

// parseGTIN reads 8, 12, 13 or 14 digits whose last is the check digit (GS1 General Specifications, section 7.9). All
// zeros are no product.
func parseGTIN(text string) (number gtin, ok bool) {
	switch len(text) {
	case 8, 12, 13, 14:
	default:
		return 0, false
	}
	sum, weight := 0, 1
	for i := len(text) - 1; i >= 0; i-- {
		digit := int(text[i]) - '0'
		if digit < 0 || digit > 9 {
			return 0, false
		}
		sum += digit * weight
		weight = 4 - weight
	}
	for _, c := range []byte(text) {
		number = 10*number + gtin(c-'0')
	}
	return number, sum%10 == 0 && number > 0
}
