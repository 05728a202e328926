package bars

import "github.com/offlane/offlane/barcode/internal/symbol"

// A reading is what one line says.
type reading struct {
	format    symbol.Format
	text, aim string
	raw       []byte
	from, to  int        // the elements it spans: from the first bar to after the last
	row       *dbRow     // not nil: only a row of a symbol
	addOn     string     // the digits behind an EAN-13, a UPC-A or a UPC-E
	fitted    bool       // read from blurred luma, not from edges
	zones     [2]float32 // the quiet zones of an ITF, in modules
	doubtful  bool       // whether it may be a part of a longer symbol; it is if most lines of it are
	uneven    bool       // whether it may be, unless a bearer bar reaches beyond both of its ends
	outer     [2]byte    // the start and the stop of a Codabar
}

// A decoder reads the symbol whose first bar is element i, an odd one, of a line.
type decoder func(s *widths, i int) (reading, bool)

// decoders are those that read a format; readings tells how many separate lines must agree. A symbology without a check
// character needs more of them. Those without a decoder do not begin at a quiet zone.
var decoders = []struct {
	formats []symbol.Format
	decode  decoder
	lines   int
}{
	{[]symbol.Format{symbol.Code128}, readCode128, 2},
	{[]symbol.Format{symbol.EAN13, symbol.UPCA}, readEAN13, 2},
	{[]symbol.Format{symbol.EAN8}, readEAN8, 3},
	{[]symbol.Format{symbol.UPCE}, readUPCE, 3},
	{[]symbol.Format{symbol.Code93}, readCode93, 2},
	{[]symbol.Format{symbol.Code39}, readCode39, 3},
	{[]symbol.Format{symbol.ITF}, readITF, 4},
	{[]symbol.Format{symbol.Codabar}, readCodabar, 3},
	{[]symbol.Format{symbol.DataBar}, nil, 2},
	{[]symbol.Format{symbol.DataBarExpanded}, nil, 2},
	{[]symbol.Format{symbol.DataBarLimited}, nil, 2},
}

// quiet says whether the light element i is at least so many modules long, or ends at the picture's border.
func quiet(s *widths, i int, modules, module float32) bool {
	return s.ends(i) || s.w[i] >= modules*module
}

// ends says whether the light element i reaches the picture's border.
func (s *widths) ends(i int) bool { return i == 0 && !s.cut[0] || i == len(s.w)-1 && !s.cut[1] }
