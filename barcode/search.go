package barcode

import (
	"context"
	"slices"
	"time"

	"github.com/offlane/offlane/barcode/internal/aztec"
	"github.com/offlane/offlane/barcode/internal/bars"
	"github.com/offlane/offlane/barcode/internal/datamatrix"
	"github.com/offlane/offlane/barcode/internal/pdf417"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qr"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/offlane/offlane/barcode/internal/zx"
)

// A scratch is what one scan works with; the scanner keeps it for the next.
type scratch struct {
	picture pix.Gray
	clock   clock
	late    func() bool // asks the clock
	levels  []*level    // the first is the picture itself
	kept    []*level
	qr      qr.Reader
	aztec   aztec.Reader
	data    datamatrix.Reader
	zx      zx.Detector
	pdf417  pdf417.Reader
	lines   *bars.Reader
	largest int // picture that it was used for, in pixels

	enlarged  *pix.Gray
	binarizer pix.Binarizer // of what is enlarged
}

func (s *Scanner) scratch() *scratch {
	if d := s.spare.Swap(nil); d != nil {
		return d
	}
	if d, ok := s.scratches.Get().(*scratch); ok {
		return d
	}
	d := &scratch{lines: bars.NewReader(s.wantedFormats(), s.rules())}
	d.late, d.qr.Charset, d.aztec.Charset, d.data.Charset = d.clock.late, s.ECI, s.ECI, s.ECI
	d.pdf417.Charset, d.pdf417.Late = s.ECI, d.late
	return d
}

// A search is one scan under way. Its effort grows only while it pays: each step is dearer than those before it, and
// looks only where there is evidence of a symbol that they have not read.
type search struct {
	*Scanner
	*scratch
	*plan
	all []Symbol
}

// scan glances at all levels of the pyramid, then takes one step after the other on all of them, from the smallest
// picture up: a large symbol is found sooner there, and blur and noise are less.
func (s *Scanner) scan(ctx context.Context, g pix.Gray) ([]Symbol, error) {
	x := search{Scanner: s, scratch: s.scratch(), plan: planFor(s)}
	defer x.leave()
	x.begin(ctx, g)
	x.pyramid(&x.picture, x.plan)
	x.glance()
	for _, step := range x.steps {
		for i := len(x.levels) - 1; i >= 0 && !x.enough(); i-- {
			step(&x, x.levels[i])
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return x.all, nil
}

// A clock tells when the budget or the context of a scan is at its end.
type clock struct {
	done <-chan struct{}
	end  time.Time // zero: none
}

func (c *clock) late() bool {
	select {
	case <-c.done:
		return true
	default:
		return !c.end.IsZero() && time.Now().After(c.end)
	}
}

func (x *search) begin(ctx context.Context, g pix.Gray) {
	budget := x.Budget
	if budget == 0 {
		budget = x.budget
	}
	x.picture, x.clock = g, clock{done: ctx.Done()}
	x.largest = max(x.largest, g.W*g.H)
	x.qr.Begin()
	x.pdf417.Begin()
	x.aztec.Begin()
	x.data.Begin()
	if budget > 0 {
		x.clock.end = time.Now().Add(budget)
	}
}

// leave clears the scratch of what the caller lent.
func (x *search) leave() {
	x.picture, x.clock, x.levels[0].gray = pix.Gray{}, clock{}, nil
	x.lines.Reset()
	if x.largest > sparePixels || !x.spare.CompareAndSwap(nil, x.scratch) {
		x.scratches.Put(x.scratch)
	}
}

// glance takes the steps that every picture gets.
func (x *search) glance() {
	for i := len(x.levels) - 1; i >= 0 && !x.late(); i-- {
		if i < len(x.levels)-1 && x.first && len(x.all) > 0 && !x.levels[i+1].tiny {
			break // what was read in a tiny one leaves the next to be looked at for others
		}
		l := x.levels[i]
		x.readQR("qr glance", l, (*level).local, glanceQR)
		x.readPDF417("pdf417 glance", l, (*level).local, glancePDF417)
		x.readBars("bars glance", l, glanceBars, x.isUnread)
		x.readAztec("aztec glance", l, (*level).local, glanceAztec)
		x.glanceOutlines(l)
	}
}

// glanceOutlines follows the outlines of a level. Those of what was read are passed over, so it comes last, and beside
// that it is done with them sooner.
func (x *search) glanceOutlines(l *level) {
	if x.outlines > 0 && longer(l.gray) > x.outlines {
		return
	}
	effort := glanceData
	if effort.Work = x.outlineWork; len(x.all) > 0 {
		effort.Work = min(effort.Work, fewOutlines)
	}
	x.readData("data matrix glance", l, (*level).local, effort)
}

// enough says whether no other step is to be taken.
func (x *search) enough() bool {
	return x.first && len(x.all) > 0 || x.looks() > x.work || x.late()
}

// looks is how many looks at pixels the readers have taken.
func (x *search) looks() int {
	return x.qr.Work() + x.aztec.Work() + x.data.Work() + x.pdf417.Work() + x.lines.Work()
}

func (s *Scanner) wantsLinear() bool {
	return len(s.Formats) == 0 || slices.ContainsFunc(s.Formats, Format.linear)
}

// wantedFormats are the formats to read.
func (s *Scanner) wantedFormats() (set symbol.Set) {
	for _, f := range Formats() {
		if s.wants(f) {
			set |= symbol.SetOf(symbol.Format(f))
		}
	}
	return set
}
