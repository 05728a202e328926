package wire

import (
	"cmp"
	"encoding/hex"
	"math"

	"github.com/offlane/offlane/redeem/fault"
)

// A Shop is how customers see a merchant; the body of a PUT to PathShop.
type Shop struct {
	// Merchant is set from the management key, and no other can be asked for.
	Merchant string `json:"merchant,omitempty"`
	// Name is what customers call it: 1 to 64 bytes, no control characters, no blank at either end; empty: its Merchant.
	Name string `json:"name,omitempty"`
	// Color is that of its offers, as #rrggbb; empty: the page's own. White letters can be read on it: a contrast of 4.5
	// to 1 (WCAG 2.2, success criterion 1.4.3).
	Color string `json:"color,omitempty"`
}

// Check returns fault.InvalidRequest for what customers cannot be shown. The detail begins with the field.
func (s *Shop) Check() error {
	return cmp.Or(optional(checkName, "name", s.Name), optional(checkColor, "color", s.Color))
}

const leastContrast = 4.5

func checkColor(at, color string) error {
	if len(color) != 7 || color[0] != '#' {
		return fault.Invalid("%s: %.20q is not written as #rrggbb", at, color)
	}
	rgb, err := hex.DecodeString(color[1:])
	if err != nil {
		return fault.Invalid("%s: %.20q is not written as #rrggbb", at, color)
	}
	if contrast := 1.05 / (luminance(rgb) + 0.05); contrast < leastContrast {
		return fault.Invalid("%s: white letters on %s have a contrast of %.1f, less than %.1f: choose a darker one", at,
			color, contrast, leastContrast)
	}
	return nil
}

// luminance is the relative luminance of a colour in sRGB (WCAG 2.2, glossary).
func luminance(rgb []byte) (sum float64) {
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := float64(rgb[i]) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}
