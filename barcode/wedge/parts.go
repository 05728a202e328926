package wedge

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/offlane/offlane/barcode/gs1"
)

// parts returns what raw holds without terminators, suffix and prefix: one part, or several where a scan was cut or two
// came before the first was recognised.
func (f *Framer) parts(raw []byte) (parts [][]byte) {
	if suffix := f.cfg.Profile.Suffix; suffix != "" {
		if !bytes.HasSuffix(raw, []byte(suffix)) {
			raw = f.suffix.cutSuffix(raw)
		}
		raw = bytes.ReplaceAll(raw, []byte(suffix), []byte("\r"))
	}
	for _, part := range bytes.FieldsFunc(raw, func(r rune) bool { return strings.ContainsRune(terminators, r) }) {
		part = bytes.TrimPrefix(part, []byte{0x02})
		part = f.prefix.cutPrefix(part)
		if len(part) > 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

// recognise returns the scans of raw where all of it is accepted: as one text, which may have been cut by a
// terminator, or as several that ran together. Otherwise it returns none.
func (f *Framer) recognise(raw []byte) []Scan {
	parts := f.parts(raw)
	if len(parts) == 0 || len(parts) > 1 && !f.decides {
		return nil
	}
	arrived := validText(bytes.Join(parts, nil))
	readings := f.repair.readings(arrived)
	if len(parts) > 1 {
		first := utf8.RuneCountInString(validText(parts[0]))
		readings = slices.DeleteFunc(readings, func(r reading) bool { return !r.mayBeJoined(first) })
	}
	if len(readings) > 0 {
		return []Scan{newScan(raw, &f.repair, arrived, readings)}
	}
	if !f.decides || len(parts) > 1 {
		return nil
	}
	if scans := f.splitAtPrefix(arrived); scans != nil {
		return scans
	}
	return f.runTogether(raw, arrived)
}

// mayBeJoined reports whether a text that came in two parts, the first of so many characters, may be one. A check that
// covers all of it says so. GS1's check digits do not, and digits have only one: two labels that were scanned in one
// pull would become an offer by chance. There the scanner must have put an identifier before the first part, which is
// nothing by itself, and none before the second.
func (r reading) mayBeJoined(first int) bool {
	aim, rest := gs1.CutAIM(r.text)
	_, err := gs1.Parse(rest)
	if err != nil && strings.Trim(rest, "0123456789") != "" {
		return true
	}
	if aim.Code == 0 {
		return false
	}
	_, alone := gs1.CutAIM(string([]rune(r.text)[:min(first, utf8.RuneCountInString(r.text))]))
	_, err = gs1.Parse(alone)
	return err != nil
}

// unrecognisedScan returns raw as a scan that was not accepted.
func (f *Framer) unrecognisedScan(raw []byte, incomplete bool) Scan {
	s := newScan(raw, &f.repair, validText(bytes.Join(f.parts(raw), nil)), nil)
	s.Incomplete = incomplete
	return s
}

// splitAtPrefix returns the scans of a text in which the profile's prefix stands between them.
func (f *Framer) splitAtPrefix(arrived string) (scans []Scan) {
	prefix := f.cfg.Profile.Prefix
	if prefix == "" || !strings.Contains(arrived, prefix) {
		return nil
	}
	for _, part := range strings.Split(arrived, prefix) {
		readings := f.repair.readings(part)
		if len(readings) == 0 {
			return nil
		}
		scans = append(scans, newScan([]byte(part), &f.repair, part, readings))
	}
	return scans
}

const (
	maxTogether     = 4    // scans that are taken apart
	maxTogetherText = 2048 // bytes in which they are looked for
	maxTogetherTry  = 16   // readings that are tried
)

// runTogether returns the scans of a text that is several good ones without anything between them, where there is one
// way to take it apart.
func (f *Framer) runTogether(raw []byte, arrived string) []Scan {
	if len(arrived) > maxTogetherText {
		return nil
	}
	r := f.repair
	if r.profile.isZero() {
		// only as it arrived: else it would be guessing
		r.profile = Profile{Version: profileVersion, Scanner: US, Keyboard: US}
	}
	tries := 0
	for candidate := range r.candidates(arrived) {
		if tries++; tries > maxTogetherTry {
			return nil
		}
		if !candidate.fits(arrived) {
			continue
		}
		if ways := f.waysApart(candidate.text, maxTogether); len(ways) == 1 {
			return f.scansOf(raw, ways[0], candidate.repairs)
		}
	}
	return nil
}

// waysApart returns the ways to take a text apart into two or more good ones, at most two ways: more are as good as
// none.
func (f *Framer) waysApart(text string, most int) (ways [][]string) {
	for at := 1; at < len(text) && len(ways) < 2; at++ {
		if !f.cfg.Accept(text[:at]) {
			continue
		}
		if f.cfg.Accept(text[at:]) {
			ways = append(ways, []string{text[:at], text[at:]})
		} else if most > 2 {
			for _, rest := range f.waysApart(text[at:], most-1) {
				ways = append(ways, append([]string{text[:at]}, rest...))
			}
		}
	}
	return ways
}

func (f *Framer) scansOf(raw []byte, texts, repairs []string) (scans []Scan) {
	repairs = append(repairs[:len(repairs):len(repairs)], "scans run together")
	for _, text := range texts {
		scans = append(scans, newScan(raw, &f.repair, text, []reading{{text: text, repairs: repairs}}))
	}
	return scans
}
