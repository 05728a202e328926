package backend

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Bounds on what is read of Accept-Language.
const maxLanguages, maxLanguageLength = 10, 512

// languagesOf reads Accept-Language (RFC 9110, section 12.5.4): the tags in lower case, the best first. What cannot be
// read is passed over, and so is what the customer does not want.
func languagesOf(r *http.Request) (tags []string) {
	header := strings.Join(r.Header.Values("Accept-Language"), ",")
	header = strings.ToLower(header[:min(len(header), maxLanguageLength)])
	type weighted struct {
		tag     string
		quality float64
	}
	var all []weighted
	for one := range strings.SplitSeq(strings.ReplaceAll(header, " ", ""), ",") {
		tag, q, given := strings.Cut(one, ";q=")
		quality, err := strconv.ParseFloat(q, 64)
		if !given {
			quality, err = 1, nil
		}
		if err == nil && quality > 0 && quality <= 1 && isLanguage(tag) && len(all) < maxLanguages {
			all = append(all, weighted{tag, quality})
		}
	}
	slices.SortStableFunc(all, func(a, b weighted) int { return cmp.Compare(b.quality, a.quality) })
	for _, w := range all {
		tags = append(tags, w.tag)
	}
	return tags
}

// isLanguage reports whether a text has the form of a tag; "*" is none.
func isLanguage(tag string) bool {
	return tag != "" && len(tag) <= 35 && strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && tag[0] != '-'
}
