package bars

// Which of the digits of an add-on are of set B tells whether they were read right (ISO/IEC 15420, 4.3.5): of two
// digits their number modulo 4, of five a weighted sum modulo 10.
var (
	addOn2 = [4]int{0b00, 0b01, 0b10, 0b11}
	addOn5 = [10]int{0b11000, 0b10100, 0b10010, 0b10001, 0b01100, 0b00110, 0b00011, 0b01010, 0b01001, 0b00101}
)

// By which share of the larger an add-on may differ from what its symbol says in length, its start and what stands
// between two digits in theirs; and from how many to how many modules behind the symbol it stands: 7 to 12 as printed.
const (
	addOnLong, addOnStart, addOnBetween = 0.12, 0.35, 0.4
	addOnNear, addOnFar                 = 5, 14
)

// readAddOn reads the two or five digits of an add-on whose gap is element i, behind a symbol; "" where there is none.
func readAddOn(s *widths, i int, module float32) string {
	if i+15 > len(s.w) || s.w[i] < addOnNear*module || s.w[i] > addOnFar*module {
		return ""
	}
	for _, n := range [2]int{5, 2} {
		if text := addOn(s, i+1, n, module); text != "" {
			return text
		}
	}
	return ""
}

// addOn reads n digits behind a start of 1, 1 and 2 modules, with a space and a bar of one module between two digits.
func addOn(s *widths, i, n int, module float32) string {
	elements, modules := 3+4*n+2*(n-1), float32(4+7*n+2*(n-1))
	if i+elements >= len(s.w) || !similar(s.at[i+elements]-s.at[i], modules*module, addOnLong) ||
		!quiet(s, i+elements, 4, module) {
		return ""
	}
	e := ean{s: s, module: (s.at[i+elements] - s.at[i]) / modules}
	start := s.w[i : i+3]
	if !similar(start[0]+start[1], 2*e.module, addOnStart) || !similar(start[1]+start[2], 3*e.module, addOnStart) {
		return ""
	}
	e.spread = max(-0.5, min(0.5, (start[0]-start[1])/(2*e.module)))
	var digits []byte
	setB := 0
	for k := range n {
		at := i + 3 + 6*k
		if k > 0 && !similar(s.at[at]-s.at[at-2], 2*e.module, addOnBetween) {
			return ""
		}
		d := e.digit(at, 2)
		if d < 0 {
			return ""
		}
		setB = setB<<1 | d/10
		digits = append(digits, byte('0'+d%10))
	}
	if setB != addOnSets(digits) {
		return ""
	}
	return string(digits)
}

// addOnSets are the digits of set B that an add-on must have.
func addOnSets(digits []byte) int {
	if len(digits) == 2 {
		return addOn2[(int(digits[0]-'0')*10+int(digits[1]-'0'))%4]
	}
	sum := 0
	for k, d := range digits {
		sum += int(d-'0') * (3 + k%2*6)
	}
	return addOn5[sum%10]
}

// addOn returns the add-on that as many lines read as a symbol needs, if none read another.
func (g *group) addOn() (text string) {
	lines, last := 0, -1
	for _, v := range g.all {
		switch {
		case v.addOn == "":
		case text != "" && v.addOn != text:
			return ""
		case v.line != last:
			text, last = v.addOn, v.line
			lines++
		}
	}
	if lines < linesNeeded(g.format) {
		return ""
	}
	return text
}
