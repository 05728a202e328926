package offer

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/offlane/offlane/barcode/gs1"
)

// usualAIs go with a coupon's number by GS1's rules: its last day, an amount, a percentage, and points.
var usualAIs = []string{"17", "390n", "394n", "8111"}

const (
	// maxUnseparated is the greatest length of a text whose separators may be lost: more than any symbol with a coupon
	// at a till, and a place fits in a byte. A longer one has no reading.
	maxUnseparated = 128
	// maxListed is the most readings that are looked at to say in what they differ.
	maxListed = 16
	// maxForeign is the most AIs beside the usual ones that a text may have as it stands.
	maxForeign = 8
)

// countUnseparated returns how many element strings with a coupon a text may be whose group separators may be lost, and
// the first of them. Every AI stands at most once. The text has no symbology identifier.
func (r Reader) countUnseparated(text string) (count uint64, listed []gs1.Elements) {
	if len(text) > maxUnseparated {
		return 0, nil
	}
	foreign, ok := foreignAIs(text)
	if !ok {
		return 0, nil
	}
	for at := range text {
		for _, ai := range couponAIs {
			if !strings.HasPrefix(text[at:], ai) {
				continue
			}
			for s := range r.splitsAt(text, at, ai, foreign) {
				count = addUp(count, s.count(state{}))
				listed = append(listed, s.list(maxListed-len(listed))...)
			}
		}
	}
	return count, listed
}

// foreignAIs returns the AIs of a text as it stands that do not usually go with a coupon and need no separator behind
// them; ok is false where there are too many.
func foreignAIs(text string) (ais []string, ok bool) {
	elements, _ := gs1.AppendRaw(nil, text)
	for _, e := range elements {
		info, _ := gs1.Lookup(e.AI)
		if info.Predefined && !matchesAny(usualAIs, e.AI) && !slices.Contains(ais, e.AI) {
			ais = append(ais, e.AI)
		}
	}
	return ais, len(ais) <= maxForeign
}

// splitsAt yields every way in which the coupon's own element can stand at one place.
func (r Reader) splitsAt(text string, at int, ai string, foreign []string) func(func(*split) bool) {
	return func(yield func(*split) bool) {
		info, _ := gs1.Lookup(ai)
		start := at + len(ai)
		for end := start + info.MinLen(); end <= min(start+info.MaxLen(), len(text)); end++ {
			own := gs1.Element{AI: ai, Value: text[start:end]}
			c, err := couponOf(ai, own.Value)
			if err != nil {
				continue
			}
			layout := r.layoutOf(c)
			if !layout.allowsSerial(c.serial) {
				continue
			}
			s := &split{text: text, own: own, at: at, after: end, layout: layout, ais: layout.AIs}
			if len(layout.AIs) == 0 {
				s.ais = append(usualAIs[:len(usualAIs):len(usualAIs)], foreign...)
			}
			if !yield(s) {
				return
			}
		}
	}
}

// A split is a text with one place for the coupon's own element. It counts what can stand before and behind it, place
// by place from left to right, so that the work grows with the places and not with the readings.
type split struct {
	text      string
	own       gs1.Element
	at, after int // the place of the coupon's own element
	layout    Layout
	ais       []string // those that may stand beside it
	counts    map[state]uint64
	ends      map[int][]uint8 // by place and AI
}

// state is a place in the text and which of a split's AIs stand before it.
type state struct {
	place int
	used  uint32
}

// count returns in how many ways the rest of the text can be read.
func (s *split) count(from state) uint64 {
	if from.place == s.at {
		from.place = s.after
	}
	if from.place == len(s.text) {
		return s.goTogether(from.used)
	}
	if known, ok := s.counts[from]; ok {
		return known
	}
	total := uint64(0)
	s.next(from, func(_ gs1.Element, to state) bool {
		total = addUp(total, s.count(to))
		return true
	})
	if s.counts == nil {
		s.counts = map[state]uint64{}
	}
	s.counts[from] = total
	return total
}

func addUp(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry > 0 {
		return math.MaxUint64
	}
	return sum
}

// goTogether returns 1 where the AIs that were used may stand together with the coupon's, else 0.
func (s *split) goTogether(used uint32) uint64 {
	elements := gs1.Elements{s.own}
	for i, pattern := range s.ais {
		if used>>i&1 != 0 {
			elements = append(elements, gs1.Element{AI: strings.Replace(pattern, "n", "0", 1)})
		}
	}
	if elements.Check() != nil {
		return 0
	}
	return 1
}

// next yields every element that can stand at a place, and the state behind it, until yield returns false.
func (s *split) next(from state, yield func(gs1.Element, state) bool) {
	for i, pattern := range s.ais {
		if from.used>>i&1 != 0 {
			continue
		}
		start := from.place + len(pattern)
		for _, end := range s.endsAt(from.place, i) {
			e := gs1.Element{AI: s.text[from.place:start], Value: s.text[start:end]}
			if !yield(e, state{int(end), from.used | 1<<i}) {
				return
			}
		}
	}
}

// endsAt returns where an element with one of the split's AIs can end that begins at a place.
func (s *split) endsAt(place, which int) []uint8 {
	key := place*len(s.ais) + which
	if ends, ok := s.ends[key]; ok {
		return ends
	}
	if s.ends == nil {
		s.ends = map[int][]uint8{}
	}
	ends := s.findEnds(place, s.ais[which])
	s.ends[key] = ends
	return ends
}

func (s *split) findEnds(place int, pattern string) (ends []uint8) {
	limit := len(s.text)
	if place < s.at {
		limit = s.at
	}
	start := place + len(pattern)
	if start > limit || !matches(pattern, s.text[place:start]) {
		return nil
	}
	ai := s.text[place:start]
	info, ok := gs1.Lookup(ai)
	if !ok || slices.Contains(couponAIs, ai) {
		return nil
	}
	for end := start + info.MinLen(); end <= min(start+info.MaxLen(), limit); end++ {
		e := gs1.Element{AI: ai, Value: s.text[start:end]}
		if e.Check() == nil && s.layout.allows(e, s.layout.mostUnseparated()) {
			ends = append(ends, uint8(end))
		}
	}
	return ends
}

// list returns the first readings, at most so many. It enters no way that leads to none.
func (s *split) list(most int) (all []gs1.Elements) {
	var walk func(state, gs1.Elements)
	walk = func(from state, before gs1.Elements) {
		if len(all) >= most || s.count(from) == 0 {
			return
		}
		if from.place == s.at {
			from.place, before = s.after, append(before, s.own)
		}
		if from.place == len(s.text) {
			all = append(all, slices.Clone(before))
			return
		}
		s.next(from, func(e gs1.Element, to state) bool {
			walk(to, append(before[:len(before):len(before)], e))
			return len(all) < most
		})
	}
	walk(state{}, nil)
	return all
}

// differences names what differs between readings, in the order in which a cashier would look.
func differences(readings []gs1.Elements) (names []string) {
	first := partsOf(readings[0])
	for _, other := range readings[1:] {
		parts := partsOf(other)
		for i, name := range partNames {
			if parts[i] != first[i] && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	order := func(name string) int { return slices.Index(partNames[:], name) }
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(order(a), order(b)) })
	return names
}

var partNames = [...]string{"the number", "the serial", "the amount", "the percentage", "the last day", "the points",
	"another element"}

// partsOf returns what readings are compared by, one text for each of partNames.
func partsOf(elements gs1.Elements) (parts [len(partNames)]string) {
	for _, e := range elements {
		switch {
		case slices.Contains(couponAIs, e.AI):
			c, _ := couponOf(e.AI, e.Value)
			parts[0], parts[1] = c.number, c.serial
		case matches("390n", e.AI):
			parts[2] = e.AI + e.Value
		case matches("394n", e.AI):
			parts[3] = e.AI + e.Value
		case e.AI == "17":
			parts[4] = e.Value
		case e.AI == "8111":
			parts[5] = e.Value
		default:
			parts[6] += e.AI + e.Value + " "
		}
	}
	return parts
}
