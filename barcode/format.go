package barcode

import (
	"fmt"
	"strings"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A Format is a symbology. The zero value is none.
type Format uint8

// The formats, in the order of [Formats].
const (
	// QRCode is ISO/IEC 18004 model 2.
	QRCode = Format(symbol.QRCode)
	// MicroQR is ISO/IEC 18004's small form with one finder pattern, versions M1 to M4.
	MicroQR = Format(symbol.MicroQR)
	// DataMatrix is ISO/IEC 16022, ECC 200.
	DataMatrix = Format(symbol.DataMatrix)
	// Aztec is ISO/IEC 24778.
	Aztec = Format(symbol.Aztec)
	// PDF417 is ISO/IEC 15438, also truncated (compact).
	PDF417 = Format(symbol.PDF417)
	// Code128 is ISO/IEC 15417; GS1-128 is Code 128 with FNC1 in first place.
	Code128 = Format(symbol.Code128)
	// Code39 is ISO/IEC 16388.
	Code39 = Format(symbol.Code39)
	// Code93 is AIM BC5.
	Code93 = Format(symbol.Code93)
	// Codabar is EN 798.
	Codabar = Format(symbol.Codabar)
	// ITF is interleaved 2 of 5, ISO/IEC 16390.
	ITF = Format(symbol.ITF)
	// EAN13 is ISO/IEC 15420 with 13 digits.
	EAN13 = Format(symbol.EAN13)
	// EAN8 is ISO/IEC 15420 with 8 digits.
	EAN8 = Format(symbol.EAN8)
	// UPCA is ISO/IEC 15420 with 12 digits.
	UPCA = Format(symbol.UPCA)
	// UPCE is ISO/IEC 15420, zero-suppressed, 8 digits, of number system 0 alone: the left half of an EAN-13 whose other
	// half is covered cannot be told from number system 1.
	UPCE = Format(symbol.UPCE)
	// DataBar is GS1 DataBar Omnidirectional, ISO/IEC 24724, also truncated, stacked, and stacked omnidirectional. Its
	// text is the 14 digits of a GTIN.
	DataBar = Format(symbol.DataBar)
	// DataBarExpanded is GS1 DataBar Expanded and Expanded Stacked. Its text is an element string.
	DataBarExpanded = Format(symbol.DataBarExpanded)
	// DataBarLimited is GS1 DataBar Limited. Its text is the 14 digits of a GTIN that begins with 0 or 1.
	DataBarLimited = Format(symbol.DataBarLimited)
)

// Formats returns every format that a [Scanner] reads.
func Formats() []Format {
	all := make([]Format, 0, len(symbol.Names)-1)
	for f := range symbol.Names[1:] {
		all = append(all, Format(f+1))
	}
	return all
}

// String returns the format's name, such as "qr_code" or "ean13"; [ParseFormat] takes it back.
func (f Format) String() string {
	if f == 0 || int(f) >= len(symbol.Names) {
		return fmt.Sprintf("format(%d)", uint8(f))
	}
	return symbol.Format(f).String()
}

// ParseFormat returns the format with a name as [Format.String] gives it. Case, hyphens and underscores do not count.
func ParseFormat(name string) (Format, error) {
	plain := plainName(name)
	for f, known := range symbol.Names {
		if f > 0 && plainName(known) == plain {
			return Format(f), nil
		}
	}
	return 0, fmt.Errorf("barcode: no format %q; there are: %s", name, strings.Join(symbol.Names[1:], ", "))
}

func plainName(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
}

// MarshalText makes a format its name in JSON.
func (f Format) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (f *Format) UnmarshalText(name []byte) (err error) {
	*f, err = ParseFormat(string(name))
	return err
}

// linear says whether a format has one dimension.
func (f Format) linear() bool { return f >= Code128 }
