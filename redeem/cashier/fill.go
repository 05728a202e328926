package cashier

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// Code returns the text of a code alone, as for an error, in a language such as "de".
func (t Texts) Code(language string, code fault.Code) string {
	return t.Reason(language, decision.Reason{Code: code})
}

// Verdict returns the text of a verdict's reason, and with a duplicate where and when the offer was redeemed first.
func (t Texts) Verdict(language string, v record.Verdict) string {
	r := decision.Reason{Code: v.Reason}
	if v.First != nil {
		r.Where = v.First.Place
		if v.First.Redeemed != 0 {
			r.At = time.UnixMilli(v.First.Redeemed)
		}
	}
	return t.Reason(language, r)
}

// Reason returns the text of a reason of a decision, with its values.
func (t Texts) Reason(language string, r decision.Reason) string {
	layout, point := t.style(language)
	moment := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.In(t.zone()).Format(layout)
	}
	values := map[string]string{
		"store": r.Where.Store, "lane": r.Where.Lane, "at": moment(r.At), "receipt": string(r.Other.Receipt),
		"title": r.Other.Title, "begins": moment(r.Begins), "ends": moment(r.Ends), "position": number(int64(r.Position)),
		"missing": money(r.Missing, point), "quantity": strings.Replace(quantity(r), ".", point, 1),
		"limit": number(r.Limit), "used": number(r.Used),
	}
	if r.Limit != 0 && r.Used == 0 {
		values["used"] = "0"
	}
	if r.Position > 0 {
		values["next"] = number(int64(r.Position) + 1)
	}
	return fill(t.template(language, r.Code), values)
}

func (t Texts) zone() *time.Location {
	if t.Zone == nil {
		return time.Local
	}
	return t.Zone
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func quantity(r decision.Reason) string {
	if r.MissingQuantity == 0 {
		return ""
	}
	return r.MissingQuantity.String()
}

// names are the values that a template may have.
var names = []string{"store", "lane", "at", "receipt", "title", "begins", "ends", "position", "next", "missing",
	"quantity", "limit", "used"}

var (
	value   = regexp.MustCompile(`\{[^{}]*\}`)
	segment = regexp.MustCompile(`\[[^\[\]]*\]`)
)

// checkTemplate refuses a value that there is not, and brackets that do not fit.
func checkTemplate(text string) error {
	for _, found := range value.FindAllString(text, -1) {
		if !slices.Contains(names, found[1:len(found)-1]) {
			return fmt.Errorf("there is no value %s: the package comment lists them", found)
		}
	}
	plain := segment.ReplaceAllStringFunc(text, func(s string) string { return s[1 : len(s)-1] })
	if strings.ContainsAny(value.ReplaceAllString(plain, ""), "[]{}") {
		return fmt.Errorf("its brackets do not fit together")
	}
	return nil
}

// fill puts values into a template.
func fill(text string, values map[string]string) string {
	put := func(s string) string {
		return value.ReplaceAllStringFunc(s, func(found string) string { return values[found[1:len(found)-1]] })
	}
	var b strings.Builder
	for at := 0; at < len(text); {
		next := segment.FindStringIndex(text[at:])
		if next == nil {
			b.WriteString(put(text[at:]))
			break
		}
		b.WriteString(put(text[at : at+next[0]]))
		if inner := text[at+next[0]+1 : at+next[1]-1]; isKnown(inner, values) {
			b.WriteString(put(inner))
		}
		at += next[1]
	}
	return b.String()
}

// isKnown reports whether all values of a segment are known.
func isKnown(segment string, values map[string]string) bool {
	for _, found := range value.FindAllString(segment, -1) {
		if values[found[1:len(found)-1]] == "" {
			return false
		}
	}
	return true
}
