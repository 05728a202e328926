package cashier

import (
	"slices"
	"strconv"
	"strings"
)

// fallback is the language where none fits.
const fallback = "en"

// base is the language without its region.
func base(language string) string {
	first, _, _ := strings.Cut(language, "-")
	return first
}

// maxWishes bounds how many languages of a header are looked at.
const maxWishes = 32

// Choose returns the language that fits an Accept-Language header best (RFC 9110, section 12.5.4), by the basic look-up
// of RFC 4647, section 3.4; "en" where none fits.
func (t Texts) Choose(accept string) string {
	known := t.Languages()
	best, weight := fallback, 0.0
	for i, wish := range strings.Split(accept, ",") {
		if i == maxWishes {
			break
		}
		name, q := readWish(wish)
		if q <= weight {
			continue
		}
		for ; name != ""; name = shorter(name) {
			if slices.Contains(known, name) {
				best, weight = name, q
				break
			}
		}
	}
	return best
}

// readWish parts a language from its weight, which is 1 where none is given and 0 where it cannot be read.
func readWish(wish string) (name string, weight float64) {
	name, rest, found := strings.Cut(wish, ";")
	name, weight = strings.ToLower(strings.TrimSpace(name)), 1
	if !found {
		return name, weight
	}
	q, ok := strings.CutPrefix(strings.TrimSpace(rest), "q=")
	weight, err := strconv.ParseFloat(q, 64)
	if !ok || err != nil || !(weight >= 0 && weight <= 1) {
		return name, 0
	}
	return name, weight
}

// shorter takes the last part off a language's name.
func shorter(name string) string {
	end := strings.LastIndexByte(name, '-')
	return name[:max(end, 0)]
}
