package barcode

import (
	"slices"

	"github.com/offlane/offlane/barcode/internal/aztec"
	"github.com/offlane/offlane/barcode/internal/bars"
	"github.com/offlane/offlane/barcode/internal/datamatrix"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qr"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A step has one reader look at a level, where there is evidence of a symbol that is still unread.
type step func(*search, *level)

// qrStep looks for QR codes where likely finder patterns were seen outside of the symbols read, until its work is done:
// in noise to find finder patterns takes longer than to try them.
func qrStep(name string, effort qr.Effort, binary func(*level) *pix.Binary) step {
	return func(x *search, l *level) {
		if x.qr.Work() <= effort.Work && x.seesFinders(l) {
			x.readQR(name, l, binary, effort)
		}
	}
}

// barsStep looks for bars where something looks like them.
func barsStep(name string, effort bars.Effort) step {
	return func(x *search, l *level) { x.readBars(name, l, effort, x.isUnread) }
}

// promisingStep looks for bars where single lines have read something.
func promisingStep(name string, effort bars.Effort) step {
	return func(x *search, l *level) { x.readBars(name, l, effort, x.isPromising) }
}

// readQR has the reader of QR codes look at a level.
func (x *search) readQR(name string, l *level, binary func(*level) *pix.Binary, effort qr.Effort) {
	effort.QR, effort.Micro, effort.Late = x.wants(QRCode), x.wants(MicroQR), x.late
	if !effort.QR && !effort.Micro {
		return
	}
	if longer(l.gray) < wide {
		effort.Step = min(effort.Step, 2)
	}
	x.add(name, x.qr.Read(l.gray, binary(l), effort, quads(x.all, l.scale)), l.scale)
	l.likely = append(l.likely[:0], x.qr.Likely...)
}

// seesFinders says whether likely finder patterns of a symbol that is still unread were seen on a level or on one
// beside it: those of a Micro QR code stand alone.
func (x *search) seesFinders(l *level) bool {
	k := slices.Index(x.levels, l)
	for _, o := range x.levels[max(0, k-1):min(k+2, len(x.levels))] {
		alone := len(o.likely) > 0 && len(x.all) == 0 && x.wants(MicroQR)
		if alone || qr.IsPromising(o.likely, quads(x.all, o.scale)) {
			return true
		}
	}
	return false
}

// A gridReader looks at a level for symbols of square modules.
type gridReader func(*search, string, *level, func(*level) *pix.Binary, modules.Effort)

// laterStep looks again where nothing was read, on levels that are not wide: the glance has seen the others, and to
// make them binary anew is dear.
func laterStep(read gridReader, name string, effort modules.Effort) step {
	return func(x *search, l *level) {
		if len(x.all) == 0 && longer(l.gray) < wide {
			read(x, name, l, (*level).global, effort)
		}
	}
}

// readAztec has the reader of Aztec codes look at a level.
func (x *search) readAztec(name string, l *level, binary func(*level) *pix.Binary, effort modules.Effort) {
	if !x.wants(Aztec) || l.tiny {
		return
	}
	if effort.Late = x.late; longer(l.gray) < wide {
		effort.Step = 1
	}
	x.add(name, x.aztec.Read(l.gray, binary(l), effort, quads(x.all, l.scale)), l.scale)
}

// readData has the reader of Data Matrix look at a level.
func (x *search) readData(name string, l *level, binary func(*level) *pix.Binary, effort modules.Effort) {
	if !x.wants(DataMatrix) || l.tiny {
		return
	}
	effort.Late = x.late
	x.add(name, x.data.Read(l.gray, binary(l), effort, quads(x.all, l.scale)), l.scale)
	l.corners = x.data.Corners()
}

// readMiddle has gozxing find a Data Matrix around the middle of a level, of its negative, and of the level made binary
// in the other way, where nothing was read.
func (x *search) readMiddle(l *level) {
	if len(x.all) > 0 || !x.wants(DataMatrix) || l.tiny {
		return
	}
	negative := *l.local()
	negative.Invert()
	for _, b := range [...]*pix.Binary{l.local(), &negative, l.global()} {
		var read []symbol.Symbol
		if m, ok := x.zx.Find(b); ok {
			if s, ok := x.data.ReadModules(&m); ok {
				read = append(read, s)
			}
		}
		x.add("data matrix in the middle", read, l.scale)
	}
}

// isSmall says whether a level is the picture itself, a small one, in which nothing was read.
func (x *search) isSmall(l *level) bool {
	return len(x.all) == 0 && l.scale == 1 && longer(l.gray) <= mostEnlarged
}

// drawnStep reads a Data Matrix or an Aztec code that is alone in a small picture as programs draw it, of modules of a
// pixel as well.
func drawnStep(x *search, l *level) {
	if !x.isSmall(l) || !x.wants(DataMatrix) && !x.wants(Aztec) {
		return
	}
	var read []symbol.Symbol
	for _, b := range modules.Bitmaps(l.gray) {
		if x.wants(DataMatrix) && datamatrix.IsLikely(&b) {
			read = appendRead(read, &b, x.data.ReadModules)
		}
		if x.wants(Aztec) && aztec.IsLikely(&b) {
			read = appendRead(read, &b, x.aztec.ReadModules)
		}
	}
	x.add("drawn", read, 1)
}

// appendRead appends what a bitmap says in each way to look at it.
func appendRead(
	all []symbol.Symbol, b *modules.Bitmap, read func(*modules.Bitmap) (symbol.Symbol, bool),
) []symbol.Symbol {
	for _, pose := range b.Poses() {
		if s, ok := read(&pose); ok {
			all = append(all, s)
		}
	}
	return all
}

// enlargedStep looks for a Data Matrix of small modules in a small picture at twice its size, where nothing was read.
func enlargedStep(x *search, l *level) {
	if !x.isSmall(l) || !x.wants(DataMatrix) || x.corners > 0 && l.corners > x.corners {
		return
	}
	x.enlarged = pix.Double(x.enlarged, l.gray)
	effort := modules.Effort{Step: 4, Tune: true, Late: x.late, Work: enlargedWork}
	read := x.data.Read(x.enlarged, x.binarizer.Local(x.enlarged), effort, nil)
	x.add("data matrix enlarged", read, 0.5)
}

const (
	// mostEnlarged is the longer side of the largest picture that is enlarged or taken for a drawing, in pixels: the
	// largest symbol at two pixels a module and its surroundings.
	mostEnlarged = 320
	// enlargedWork is some milliseconds.
	enlargedWork = 1 << 20
)

// readBars lays lines over the regions of a level for which there is evidence.
func (x *search) readBars(name string, l *level, effort bars.Effort,
	evidence func(*level, *bars.Region, [][4]pix.Point) bool) {
	if !x.wantsLinear() || l.tiny {
		return
	}
	if !l.looked {
		l.regions, l.looked = x.lines.Regions(l.gray), true
	}
	known, looked := quads(x.all, l.scale), false
	for i := range min(len(l.regions), x.regions) {
		if x.late() {
			break
		}
		if r := &l.regions[i]; evidence(l, r, known) {
			x.lines.ReadRegion(l.gray, l.scale, r, effort, known)
			looked = true
		}
	}
	var read []symbol.Symbol
	if looked { // else the lines say what they said before
		read = x.lines.Symbols()
		x.all = takeBack(x.all, read)
	}
	x.add(name, read, 1)
}

// unreadShare is how much of a region must lie outside of what was read to be looked at again: beside a symbol that was
// read lie its text and its frame, up to a quarter of a region.
const unreadShare = 0.3

// isUnread says whether a region is not that of the symbols read, nor of what stands beside them.
func (x *search) isUnread(l *level, r *bars.Region, known [][4]pix.Point) bool {
	share := r.UnreadShare(known)
	return share == 1 || share > unreadShare && x.lines.Rest(l.gray, r, known)
}

// isPromising says whether single lines have read something there.
func (x *search) isPromising(l *level, r *bars.Region, known [][4]pix.Point) bool {
	return x.lines.IsPromising(r, l.scale, known) && x.isUnread(l, r, known)
}

// add merges what a step read.
func (x *search) add(name string, read []symbol.Symbol, scale float64) {
	x.all = merge(x.all, read, scale)
	if x.Trace != nil {
		x.Trace(name, merge(nil, read, scale))
	}
}
