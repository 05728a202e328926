package wedge

import (
	"strings"
	"unicode/utf8"

	"github.com/offlane/offlane/barcode/gs1"
)

// A Scan is what a scanner delivered of one symbol.
type Scan struct {
	// Text is the symbol's text, without prefix, suffix and symbology identifier, group separators as 0x1D. Where
	// nothing was recognised it is the text as it arrived, but for its terminator.
	Text string
	// AIM is the symbology identifier; zero: the scanner sends none.
	AIM gs1.AIM
	// Readings are all texts that the scan may have been, each with its symbology identifier, the likeliest first. More
	// than one: it is not known which.
	Readings []string
	// Recognised says that the first reading was accepted.
	Recognised bool
	// Separated says that this scanner's group separators arrive, as the self-test showed, so that a text without any has
	// none. False: they may have been lost. It goes into offer.Reader.Separated and redeem.Request.Separated.
	Separated bool
	// Incomplete says that the scan stopped before its suffix came, so that its end may be missing.
	Incomplete bool
	// Repairs says in words what was undone to get the first reading; none: it arrived as it was sent.
	Repairs []string
	// Raw is what arrived, with all that stood around the text.
	Raw []byte
}

// String returns the scan as a scanner transmits it: the symbology identifier, if there is one, and the text.
func (s Scan) String() string { return s.AIM.String() + s.Text }

// newScan makes a scan of the readings that were accepted, or, where there is none, of the likeliest.
func newScan(raw []byte, r *repairer, arrived string, readings []reading) Scan {
	s := Scan{Raw: raw, Recognised: len(readings) > 0, Separated: r.profile.separates()}
	if !s.Recognised {
		readings = []reading{r.best(arrived)}
	}
	for _, r := range readings {
		s.Readings = append(s.Readings, r.text)
	}
	s.AIM, s.Text = gs1.CutAIM(s.Readings[0])
	s.Repairs = readings[0].repairs
	return s
}

// isAIM reports whether a text is a symbology identifier and nothing more.
func isAIM(text string) bool {
	aim, rest := gs1.CutAIM(text)
	return aim.Code != 0 && rest == ""
}

// validText returns what arrived as text. Bytes that are not UTF-8 are taken for ISO 8859-1, which serial scanners
// send.
func validText(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	var b strings.Builder
	for _, c := range raw {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// acceptByForm is the acceptance of a caller who gives none: a symbology identifier that is known, or an element
// string.
func acceptByForm(text string) bool {
	aim, rest := gs1.CutAIM(text)
	if aim.IsGS1() || aim.Code == 0 {
		elements, err := gs1.Parse(rest)
		return err == nil && len(elements) > 0
	}
	return aim.Symbology() != "" && rest != ""
}
