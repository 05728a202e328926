package gs1

func hour(s string) (int, string)   { return checkLimit(s, 24, "is no hour") }
func minute(s string) (int, string) { return checkLimit(s, 60, "is no minute") }
func second(s string) (int, string) { return checkLimit(s, 60, "is no second") }

func checkLimit(s string, limit int, problem string) (int, string) {
	if len(s) != 2 || !isDigits(s) || number(s) >= limit {
		return 0, problem
	}
	return 0, ""
}

func hourMinute(s string) (int, string) {
	if len(s) != 4 {
		return 0, "is not an hour and a minute"
	}
	if at, problem := hour(s[:2]); problem != "" {
		return at, problem
	}
	at, problem := minute(s[2:])
	return at + 2, problem
}

// date is yymmdd; dateOrMonth is yymmd0, which allows 00 for a day that is not said.
func date(s string) (int, string)        { return calendar(s, 6, false) }
func dateOrMonth(s string) (int, string) { return calendar(s, 6, true) }
func longDate(s string) (int, string)    { return calendar(s, 8, false) }

// calendar checks a date of 6 or 8 digits. A year of two digits is a leap year when it is divisible by four, 00
// included.
func calendar(s string, length int, dayZero bool) (int, string) {
	if len(s) != length || !isDigits(s) {
		return 0, "is no date"
	}
	at := length - 4
	year, month, day := number(s[:at]), number(s[at:at+2]), number(s[at+2:])
	if month < 1 || month > 12 {
		return at, "is no month"
	}
	if day > daysIn(year, month) || day == 0 && !dayZero {
		return at + 2, "is no day of that month"
	}
	return 0, ""
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// number returns the value of a text of few digits.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}
