package symbol

// A Format is a symbology. Its number is that of package barcode's format, which says what each is.
type Format uint8

// The formats.
const (
	QRCode Format = 1 + iota
	MicroQR
	DataMatrix
	Aztec
	PDF417
	Code128
	Code39
	Code93
	Codabar
	ITF
	EAN13
	EAN8
	UPCA
	UPCE
	DataBar
	DataBarExpanded
	DataBarLimited
)

// Names are the formats' names by their numbers; that of zero is empty.
var Names = [...]string{
	QRCode: "qr_code", MicroQR: "micro_qr", DataMatrix: "data_matrix", Aztec: "aztec", PDF417: "pdf417",
	Code128: "code128",
	Code39:  "code39",
	Code93:  "code93", Codabar: "codabar", ITF: "itf", EAN13: "ean13", EAN8: "ean8", UPCA: "upca", UPCE: "upce",
	DataBar: "databar", DataBarExpanded: "databar_expanded", DataBarLimited: "databar_limited",
}

// String returns the format's name.
func (f Format) String() string { return Names[f] }

// A Set is a set of formats.
type Set uint32

// SetOf returns the set of some formats.
func SetOf(formats ...Format) (s Set) {
	for _, f := range formats {
		s |= 1 << f
	}
	return s
}

// Has reports whether a format is in the set.
func (s Set) Has(f Format) bool { return s&(1<<f) != 0 }
