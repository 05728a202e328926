package barcode

import (
	"time"

	"github.com/offlane/offlane/barcode/internal/bars"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/qr"
)

// A plan is what a setting tries, step by step, and where it ends.
type plan struct {
	// smallest is the longer side below which the picture is not halved again, small that of levels too small for anything
	// but a QR code that fills the picture, in pixels.
	smallest, small int
	// regions is how many regions that look like bars are read on a level.
	regions int
	// budget bounds a scan by the clock where the scanner has none of its own; zero: no bound.
	budget time.Duration
	// work bounds a scan in looks at pixels, beyond those that every picture gets, whatever the machine.
	work int
	// outlines is the longer side of the largest level whose outlines are followed at a glance, in pixels; zero: any.
	outlines int
	// outlineWork is how many looks the glance at the outlines of a level may take; what has none is cheap.
	outlineWork int
	// corners is how many corners of what may be a Data Matrix a picture that is enlarged may have; zero: any.
	corners int
	// first ends the search with the first symbols: the next picture comes anyway.
	first bool
	// steps follow the glance.
	steps []step
}

// wide is the longer side from which on a level has rows enough to leave two of three out, in pixels. In a smaller one
// whether a finder pattern is seen would depend on which rows these are, and so on how the picture is turned.
const wide = 1000

// The glance is what every picture gets. Of the 673 symbols that Still reads in the pictures in hand it reads 642, in a
// third of the time. Of 784 triples that Frame reads in them as they are and turned by 90 degrees none costs more than
// 1.57, of those tried in Aztec codes a third does.
var (
	glanceQR   = qr.Effort{Triples: 12, Finders: 24, Step: 3, Work: 4 << 20, Seen: 0.4, Round: 0.7, Cost: 1.6, Fit: 0.84}
	glanceBars = bars.Effort{Lines: 12, Edges: 2}
	// glanceAztec costs little where there is no bull's-eye.
	glanceAztec = modules.Effort{Step: 3, Tune: true}
	// glanceData follows every outline that is twelve pixels high.
	glanceData = modules.Effort{Step: 12, Tune: true, Blurred: true}
)

// The finder patterns of symbols that no glance reads were seen in a share of 0.22 of their rows and more, and show
// 0.81 of their rim and more, in the blurred and the damaged pictures.
const hardSeen, hardRound = 0.2, 0.75

// hardQR takes what damage, glare and bent paper leave; quickQR is the part of it that fits in a camera frame.
var (
	hardQR = qr.Effort{Triples: 40, Pairs: 60, Finders: 40, Curves: true, Step: 1, Seen: hardSeen, Round: hardRound,
		Both: true, Work: hardWork}
	quickQR = qr.Effort{Triples: 12, Pairs: 18, Finders: 24, Step: 2, Seen: hardSeen, Round: hardRound, Cost: 1.8,
		Work: 8 << 20}
)

// dense lays a line in every row where single lines have read something, for its edges and, last of all, for what blur
// leaves: of the even pictures two symbols are read by two or three lines of 200.
var dense = bars.Effort{Lines: 300, Edges: 4}

// A scanSetting says how much a Scanner tries.
type scanSetting uint8

const (
	stillSetting scanSetting = iota
	frameSetting
)

func planFor(s *Scanner) *plan {
	if s.Frame {
		return &plans[frameSetting]
	}
	return &plans[stillSetting]
}

// plans are those of the settings. Their steps stand in the order of symbols gained for time spent (`.bench/score
// -steps`).
var plans = [...]plan{
	stillSetting: {
		smallest: 200, small: 400, regions: 40, work: stillWork, outlineWork: 4 << 20,
		steps: []step{
			barsStep("bars regions", bars.Effort{Lines: 32, Edges: 4}),
			qrStep("qr local", hardQR, (*level).local),
			qrStep("qr one level", hardQR, (*level).global),
			laterStep((*search).readData, "data matrix one level",
				modules.Effort{Step: 4, Tune: true, Blurred: true, Work: 4 << 20}),
			laterStep((*search).readAztec, "aztec one level", modules.Effort{Step: 1, Tune: true}),
			promisingStep("bars dense", dense),
			barsStep("bars blurred", bars.Effort{Lines: 20, Blurred: true}),
			promisingStep("bars dense, blurred", bars.Effort{Lines: 300, Blurred: true}),
			barsStep("bars inverted", bars.Effort{Lines: 12, Edges: 1, Inverted: true}),
			(*search).readMiddle,
			drawnStep,
			enlargedStep,
		},
	},
	frameSetting: {
		smallest: 350, small: 700, regions: 4, work: frameWork, budget: frameBudget, first: true,
		outlines: wide - 1, outlineWork: fewOutlines, corners: fewCorners,
		steps: []step{
			qrStep("qr local", quickQR, (*level).local),
			(*search).readMiddle,
			drawnStep,
			enlargedStep,
			promisingStep("bars dense", dense),
			barsStep("bars blurred", bars.Effort{Lines: 30, Blurred: true, First: true}),
		},
	},
}

// fewOutlines is a millisecond: the symbols in the pictures in hand take half as much, drawings that blur, noise and
// dirt spoil up to four times. A frame has no more, and nor has a picture in which something else was read.
const fewOutlines = 1 << 17

// fewCorners is three times as many as the pictures have in which Frame reads a symbol only when they are enlarged. A
// QR code of 25 modules has fifty and more.
const fewCorners = 30

const (
	// stillWork takes about a second.
	stillWork = 1 << 28
	// hardWork is what QR codes may have of it: of the pictures in hand the dearest takes 75 million looks, sheets of
	// finder patterns that belong to nothing take whatever there is.
	hardWork = 1 << 27
	// frameWork takes about a tenth of one.
	frameWork = 1 << 25
)
