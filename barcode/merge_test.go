package barcode

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// What lines read at first and dispute when more of them have read is no symbol, also where a step had told it.
func TestWhatLinesDoNotTellAnyMoreIsTakenBack(t *testing.T) {
	at := func(f Format, text string, x float64) symbol.Symbol {
		return symbol.Symbol{Format: symbol.Format(f), Text: text,
			Corners: [4]pix.Point{{X: x}, {X: x + 100}, {X: x + 100, Y: 50}, {X: x, Y: 50}}}
	}
	matrix, kept, other := at(QRCode, "offer", 0), at(EAN8, "96385074", 200), at(EAN8, "96385074", 1000)
	disputed := at(EAN13, "4006381333931", 200)
	all := merge(nil, []symbol.Symbol{matrix, kept, other, disputed}, 1)
	got := takeBack(all, []symbol.Symbol{at(EAN8, "96385074", 210)})
	require.Equal(t, merge(nil, []symbol.Symbol{matrix, kept}, 1), got,
		"the QR code, which lines do not read, and what they tell about that place")
}
