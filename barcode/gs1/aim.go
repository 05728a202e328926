package gs1

// An AIM is a symbology identifier (ISO/IEC 15424) as a scanner puts it before what it read: the code character says
// which symbology, the modifier how it was read. The zero value is none.
type AIM struct {
	// Code is the code character, a letter; zero: there is no identifier.
	Code byte
	// Modifier is a digit or a letter.
	Modifier byte
}

// CutAIM takes the symbology identifier off the beginning of a text. Without one it returns the zero AIM and the text.
func CutAIM(text string) (AIM, string) {
	const length = 3
	if len(text) < length || text[0] != ']' || !isLetter(text[1]) || !isLetter(text[2]) && !isDigit(text[2]) {
		return AIM{}, text
	}
	return AIM{Code: text[1], Modifier: text[2]}, text[length:]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// String returns the identifier as it is transmitted, such as "]C1"; empty for the zero value.
func (a AIM) String() string {
	if a == (AIM{}) {
		return ""
	}
	return string([]byte{']', a.Code, a.Modifier})
}

// IsGS1 reports whether the symbol says that it carries an element string: GS1-128, GS1 DataBar and composite, GS1
// DataMatrix, GS1 QR Code, GS1 DotCode.
func (a AIM) IsGS1() bool {
	switch a {
	case AIM{'C', '1'}, AIM{'e', '0'}, AIM{'e', '1'}, AIM{'d', '2'}, AIM{'Q', '3'}, AIM{'J', '1'}:
		return true
	}
	return false
}

// Symbology returns the symbology's name; empty for the zero value or a code character that is not known here.
func (a AIM) Symbology() string {
	switch {
	case a == AIM{'C', '1'}:
		return "GS1-128"
	case a == AIM{'d', '2'}:
		return "GS1 DataMatrix"
	case a == AIM{'Q', '3'}:
		return "GS1 QR Code"
	case a == AIM{'E', '4'}:
		return "EAN-8"
	}
	return symbologies[a.Code]
}

var symbologies = map[byte]string{
	'A': "Code 39", 'C': "Code 128", 'd': "Data Matrix", 'E': "EAN/UPC", 'e': "GS1 DataBar", 'F': "Codabar",
	'G': "Code 93",
	'I': "Interleaved 2 of 5", 'J': "DotCode", 'L': "PDF417", 'M': "MSI", 'Q': "QR Code", 'U': "MaxiCode", 'X': "other",
	'z': "Aztec Code",
}
