package cashier

import (
	"bytes"
	_ "embed" // for the table
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
)

// maxTable is the greatest length in bytes of a table that Parse reads.
const maxTable = 1 << 20

// A Language is the texts of one language.
type Language struct {
	// Time is how moments are written, as a layout of package time; empty: as in English, "2 Jan 2006 15:04".
	Time string `json:"time,omitempty"`
	// Point stands before the decimals of an amount; empty: ".".
	Point string `json:"point,omitempty"`
	// Texts holds a template for each code. English stands in for one that is missing.
	Texts map[fault.Code]string `json:"texts"`
}

// Texts are the texts for cashiers. The zero value has the built-in ones. It may be used by several goroutines at once
// as long as nobody changes it.
type Texts struct {
	// Own are texts that come before the built-in ones, by language as in "de". Parse makes them of a file.
	Own map[string]Language
	// Zone is where moments are told for; nil: the machine's time zone.
	Zone *time.Location
}

//go:embed texts.json
var table []byte

// builtIn reads the built-in table once.
var builtIn = sync.OnceValue(func() (all map[string]Language) {
	if err := json.Unmarshal(table, &all); err != nil {
		panic(err) // a test reads the table
	}
	return all
})

// Parse reads a vendor's own texts from JSON such as
//
//	{"de": {"texts": {"forged": "Dieser Coupon ist nicht echt."}}}
//
// which replace the built-in ones. Errors: fault.TooLarge; fault.InvalidRequest for a field, a code or a value in
// braces that there is not.
func Parse(data []byte) (Texts, error) {
	all, err := read(data)
	if err != nil {
		return Texts{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if err := all[name].check(name); err != nil {
			return Texts{}, err
		}
	}
	return Texts{Own: all}, nil
}

const parseOp = "cashier.Parse"

func read(data []byte) (all map[string]Language, err error) {
	if len(data) > maxTable {
		return nil, fault.New(fault.TooLarge, parseOp, "the table of texts has more than %d bytes", maxTable)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&all); err != nil {
		return nil, fault.New(fault.InvalidRequest, parseOp, "the table of texts cannot be read: %w", err)
	}
	if decoder.More() {
		return nil, fault.New(fault.InvalidRequest, parseOp, "something stands behind the table of texts")
	}
	return all, nil
}

// tag is the name of a language (RFC 5646) as far as it is one here: a language, or a language and a region.
var tag = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{2,8})*$`)

func (l Language) check(name string) error {
	if !tag.MatchString(name) {
		return fault.New(fault.InvalidRequest, parseOp, "%.40q is no language: write small letters, as in de or de-at", name)
	}
	for _, code := range slices.Sorted(maps.Keys(l.Texts)) {
		if !isCode(code) {
			return fault.New(fault.InvalidRequest, parseOp, "%s: %.40q is no code: CODES.md lists them", name, code)
		}
		if err := checkTemplate(l.Texts[code]); err != nil {
			return fault.New(fault.InvalidRequest, parseOp, "%s: the text of %s: %w", name, code, err)
		}
	}
	return nil
}

// isCode reports whether a code is one of package fault: the built-in table has all of them, as a test shows.
func isCode(code fault.Code) bool {
	_, ok := builtIn()[fallback].Texts[code]
	return ok
}

// Languages returns the languages that there are texts in, sorted.
func (t Texts) Languages() []string {
	all := maps.Clone(builtIn())
	maps.Copy(all, t.Own)
	return slices.Sorted(maps.Keys(all))
}

// template returns the text of a code in a language: the caller's own, the built-in one, the English one. A code of a
// later version is an error of the till.
func (t Texts) template(language string, code fault.Code) string {
	for _, name := range []string{language, base(language), fallback} {
		for _, all := range []map[string]Language{t.Own, builtIn()} {
			if text, ok := all[name].Texts[code]; ok {
				return text
			}
		}
	}
	return t.template(language, fault.Internal)
}

// style is how a language writes moments and amounts.
func (t Texts) style(language string) (layout, point string) {
	for _, name := range []string{language, base(language), fallback} {
		for _, all := range []map[string]Language{t.Own, builtIn()} {
			if layout == "" {
				layout = all[name].Time
			}
			if point == "" {
				point = all[name].Point
			}
		}
	}
	return layout, point
}
