package trust

import (
	"crypto/rand"
	"encoding/binary"
	"math"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// NewFilter makes a filter of the offers with a fresh salt. Its error is fault.InvalidRequest for a name that cannot
// be.
func NewFilter(offers Offers) (Filter, error) {
	return newFilter(offers, func() (salt [saltSize]byte) {
		_, _ = rand.Read(salt[:]) // never fails: crypto/rand ends the program instead
		return salt
	})
}

// newFilter tries salts until the names can be peeled, which the first does nearly always.
func newFilter(offers Offers, nextSalt func() [saltSize]byte) (Filter, error) {
	const attempts = 100
	offers = offers.normalise()
	if err := offers.check(); err != nil {
		return Filter{}, fault.New(fault.InvalidRequest, "trust.NewFilter", "%w", err)
	}
	if offers.Len() == 0 {
		return Filter{}, nil
	}
	f := empty(offers.Len())
	for range attempts {
		f.salt = nextSalt()
		if f.fill(offers) {
			return f, nil
		}
	}
	return Filter{}, fault.New(fault.Internal, "trust.NewFilter", "no salt of %d suits these %d offers", attempts, f.count)
}

// empty returns a filter of the size that the paper recommends: nine eighths of the number for a million offers or
// more, and more for fewer.
func empty(count int) Filter {
	size := math.Log(float64(max(count, 2)))
	power := min(int(size/math.Log(3.33)+2.25), maxSegmentPower)
	factor := max(1.125, 0.875+0.25*math.Log(1e6)/size)
	slots := int(math.Round(float64(max(count, 2)) * factor))
	length := 1 << power
	segments := max((slots+length-1)/length, 3)
	return Filter{count: count, power: power, fingerprints: make([]byte, 2*segments*length)}
}

// fill sets the fingerprints, or returns false if the salt does not suit. It peels: a slot that one name alone has left
// decides that name, which is taken out, and so on; then the names are put back in the opposite order.
func (f Filter) fill(offers Offers) bool {
	names := f.allPlaces(offers)
	slots := len(f.fingerprints) / 2
	counts, together := make([]uint32, slots), make([]uint32, slots) // names at a slot, and their indices xor-ed
	for i, p := range names {
		for _, slot := range p.slots {
			counts[slot]++
			together[slot] ^= uint32(i)
		}
	}
	order := peel(names, counts, together)
	if len(order) < len(names) {
		return false
	}
	for _, step := range slices.Backward(order) {
		p := names[step.name]
		value := p.fingerprint
		for _, slot := range p.slots {
			if slot != step.slot {
				value ^= f.at(slot)
			}
		}
		binary.BigEndian.PutUint16(f.fingerprints[2*step.slot:], value)
	}
	return true
}

func (f Filter) allPlaces(offers Offers) []places {
	all := make([]places, 0, offers.Len())
	for _, id := range offers.IDs {
		all = append(all, f.placesOf(tagID, id[:]))
	}
	for _, alias := range offers.Aliases {
		all = append(all, f.placesOf(tagAlias, []byte(alias)))
	}
	return all
}

// A peeling says that a name was the last one left at a slot.
type peeling struct{ name, slot uint32 }

func peel(names []places, counts, together []uint32) []peeling {
	var alone []uint32
	for slot, n := range counts {
		if n == 1 {
			alone = append(alone, uint32(slot))
		}
	}
	order := make([]peeling, 0, len(names))
	for len(alone) > 0 {
		slot := alone[len(alone)-1]
		alone = alone[:len(alone)-1]
		if counts[slot] != 1 {
			continue
		}
		name := together[slot]
		order = append(order, peeling{name, slot})
		for _, other := range names[name].slots {
			together[other] ^= name
			if counts[other]--; counts[other] == 1 {
				alone = append(alone, other)
			}
		}
	}
	return order
}
