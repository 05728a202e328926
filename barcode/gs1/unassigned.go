package gs1

import "strings"

// Options say what is read beyond what the dictionary has. The zero value reads what the functions of this package
// read.
type Options struct {
	// KeepUnassigned keeps elements whose AI is not assigned, such as (89) or (3338), instead of refusing the text. Of
	// their values only the character set is known. Without a separator behind it such a value ends where the
	// predefined length of its first two digits says, if they have one, else at the end of the text.
	KeepUnassigned bool
}

// maxUnassigned is the greatest length of a value of an AI that is not assigned: that of the longest of those that are.
const maxUnassigned = 90

// predefinedLengths holds the value's length of every AI that begins with these two digits, assigned or not (General
// Specifications, section 7.8.5).
var predefinedLengths = map[string]int{
	"00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "11": 6, "12": 6, "13": 6, "14": 6, "15": 6, "16": 6, "17": 6,
	"18": 6, "19": 6, "20": 2,
}

// predefinedLength returns that length, or 0 where the two digits have none. The measures, 31 to 36, have six digits
// behind an AI of four, and 41 has thirteen behind one of three.
func predefinedLength(ai string) int {
	switch first := ai[:2]; {
	case first >= "31" && first <= "36":
		return 6
	case first == "41":
		return 13
	default:
		return predefinedLengths[first]
	}
}

// unassignedAI returns the AI that a text of digits begins with where the dictionary has none; empty: no AI begins
// there. Where nothing is known of its length it has two digits.
func unassignedAI(text string) string {
	const shortest = 2
	if len(text) < shortest || !isDigits(text[:shortest]) {
		return ""
	}
	return text[:max(aiLength(text), shortest)]
}

// notAssigned refuses an AI by its name.
func notAssigned(ai string) *Error {
	if ai == "" {
		return &Error{Detail: "no Application Identifier begins here"}
	}
	return &Error{AI: ai, Detail: "it is not assigned"}
}

// cutUnassigned takes an element whose AI is not assigned off text, and the separator after it.
func cutUnassigned(ai, text string) (Element, string, *Error) {
	value, rest, _ := strings.Cut(text[len(ai):], string(GS))
	if n := predefinedLength(ai); n > 0 && len(value) > n {
		value, rest = value[:n], strings.TrimPrefix(text[len(ai)+n:], string(GS))
	}
	if err := checkUnassigned(ai, value); err != nil {
		err.Offset += len(ai)
		return Element{}, "", err
	}
	return Element{AI: ai, Value: value}, rest, nil
}

// checkUnassigned holds a value to what every AI's has.
func checkUnassigned(ai, value string) *Error {
	if value == "" || len(value) > maxUnassigned {
		return &Error{AI: ai, Detail: "the value is empty or too long"}
	}
	if at, problem := checkSet('X', value); problem != "" {
		return &Error{AI: ai, Offset: at, Detail: "it " + problem}
	}
	return nil
}

// check holds a value to its AI's rules, where the dictionary has the AI, and else to what the options permit.
func (o Options) check(ai, value string) *Error {
	if info := lookup(ai); info != nil {
		return info.check(ai, value)
	}
	if !o.KeepUnassigned || !isAILike(ai) {
		return notAssigned(unassignedAI(ai))
	}
	return checkUnassigned(ai, value)
}

// isAILike reports whether a text has the digits of an AI, assigned or not.
func isAILike(ai string) bool {
	const shortest, longest = 2, 4
	return len(ai) >= shortest && len(ai) <= longest && isDigits(ai)
}
