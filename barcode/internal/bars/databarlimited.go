package bars

import (
	"slices"

	"github.com/offlane/offlane/barcode/internal/databar"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// limitedCheck is the kind of the check character in the middle of a DataBar Limited, as far as its widths go.
var limitedCheck = databar.Kind{Modules: 18, Elements: 14}

// middleDiffers is by which share of the larger the check character differs in size from what the two others say, and
// limitedZone how many of the five modules of light behind the symbol must be seen.
const middleDiffers, limitedZone = 0.1, 4

// limitedOff is by how many modules an element of DataBar Limited may be off: it has no finder, and one of 89 lines of
// random widths passes its check. Of 16 covered symbols that are read right the worst element is off by 0.02 to 0.45 in
// the median of the lines. A gray label across the bars left a part of one of them and a wide space: on all lines that
// passed the worst element was off by 0.58 and more, while the other elements fitted.
const limitedOff = 0.5

// readLimited reads DataBar Limited at the bar of its left guard: two characters of 26 modules, the check character of
// 18 between them, and five modules of light behind the right guard.
func readLimited(s *widths, i int) (reading, bool) {
	if i+46 > len(s.w) {
		return reading{}, false
	}
	at := s.at[i:]
	left, middle, right := at[15]-at[1], at[29]-at[15], at[43]-at[29]
	if !similar(left, right, modulesDiffer) || !similar(left+right, middle*52/18, middleDiffers) {
		return reading{}, false
	}
	d := dataBar{s: s, module: (left + middle + right) / 70, most: limitedOff}
	d.spread = (s.w[i]+s.w[i+44]-s.w[i+43])/d.module - 1
	if d.spread /= 3; d.spread < -mostSpread || d.spread > mostSpread {
		return reading{}, false
	}
	if !d.narrow(i) || !d.narrow(i+43) || !d.narrow(i+44) || !quiet(s, i-1, sliver, d.module) ||
		!quiet(s, i+45, limitedZone, d.module) {
		return reading{}, false
	}
	var w [3][14]int
	var off [3]float32
	for k, kind := range [3]*databar.Kind{&databar.Limited, &limitedCheck, &databar.Limited} {
		if !d.whole(w[k][:], s.w[i+1+14*k:i+15+14*k], kind, false) {
			return reading{}, false
		}
		off[k] = d.off
	}
	if slices.Sort(off[:]); off[2] > charOff+off[1] {
		return reading{}, false
	}
	if check := databar.LimitedCheck(w[1][:]); check < 0 ||
		check != (databar.Check(w[0][:], 0, 89)+databar.Check(w[2][:], 14, 89))%89 {
		return reading{}, false
	}
	a, okA := databar.Limited.Value(w[0][:])
	b, okB := databar.Limited.Value(w[2][:])
	text, ok := databar.FromLimited(a, b)
	raw := []byte{byte(a >> 16), byte(a >> 8), byte(a), byte(b >> 16), byte(b >> 8), byte(b)}
	return reading{format: symbol.DataBarLimited, text: text, aim: "]e0", raw: raw, from: i, to: i + 45}, ok && okA && okB
}
