package record

import (
	"encoding/binary"
	"math"
)

// appendTo writes what canonical writes of a record, to which a test holds it: of all that a redemption costs beside the flush,
// encoding by reflection was the largest part.
func (r *Record) appendTo(b []byte) []byte {
	w := writer{b: append(b, 0, 0)} // the head, for up to 255 pairs
	head := len(b)
	w.integer(1, int64(r.Version))
	w.integer(2, int64(r.Kind))
	w.bytes(3, r.ID[:])
	w.bytes(4, r.Terminal[:])
	w.bytes(5, r.Chain[:])
	w.key(6)
	w.head(majorUnsigned, r.Number)
	w.bytes(7, r.Prev[:])
	w.key(8)
	w.place(r.Place)
	if !r.Offer.IsZero() {
		w.bytes(9, r.Offer[:])
	}
	w.optional(10, r.Alias)
	w.optional(11, r.Campaign)
	if !r.Of.IsZero() {
		w.bytes(12, r.Of[:])
	}
	w.key(13)
	w.sale(r.Sale)
	if r.Given != (Money{}) {
		w.key(14)
		w.money(r.Given)
	}
	w.key(15)
	w.evidence(r.Time)
	w.flag(16, r.Proven)
	if r.Override != nil {
		w.key(17)
		w.override(*r.Override)
	}
	w.flag(18, r.Partial)
	w.number(19, r.Until)
	w.optional(20, string(r.Receipt))
	w.optional(21, r.Coupon)
	w.flag(22, r.Exclusive)
	if len(r.Turned) > 0 {
		w.key(23)
		w.turned(r.Turned)
	}
	w.number(24, int64(r.GivenBy))
	if r.Before != (Money{}) {
		w.key(25)
		w.money(r.Before)
	}
	if !r.Group.IsZero() {
		w.bytes(26, r.Group[:])
	}
	if len(r.Notes) > 0 {
		w.key(27)
		w.notes(r.Notes)
	}
	if r.Claim != nil {
		w.key(28)
		w.claim(*r.Claim)
	}
	return closeMap(w, head)
}

// closeMap fills in the head of the outermost map, for which two bytes were left.
func closeMap(w writer, head int) []byte {
	if w.pairs < oneByte {
		w.b[head+1] = majorMap<<5 | byte(w.pairs)
		copy(w.b[head:], w.b[head+1:])
		return w.b[:len(w.b)-1]
	}
	w.b[head], w.b[head+1] = majorMap<<5|oneByte, byte(w.pairs)
	return w.b
}

func (w *writer) place(p Place) {
	in := w.open()
	w.optional(1, p.Merchant)
	w.optional(2, p.Store)
	w.optional(3, p.Lane)
	w.close(in)
}

func (w *writer) money(m Money) {
	in := w.open()
	w.number(1, m.Amount)
	w.optional(2, m.Currency)
	w.close(in)
}

func (w *writer) sale(s Sale) {
	in := w.open()
	w.text(1, s.Key)
	w.optional(2, s.Transaction)
	w.optional(3, s.Operator)
	w.optional(4, s.BusinessDate)
	w.optional(5, s.Shift)
	w.close(in)
}

func (w *writer) evidence(e Evidence) {
	in := w.open()
	w.integer(1, e.Wall)
	w.integer(2, e.SinceBoot)
	w.optional(3, e.Boot)
	w.number(4, e.Server)
	w.number(5, e.Earliest)
	w.number(6, e.Latest)
	w.flag(7, e.Trusted)
	if e.Correction != 0 {
		w.key(8)
		w.head(majorUnsigned, e.Correction)
	}
	w.number(9, e.Off)
	w.close(in)
}

func (w *writer) override(o Override) {
	in := w.open()
	w.text(1, o.Manager)
	w.text(2, o.Why)
	if len(o.Reasons) > 0 {
		w.key(3)
		w.head(majorArray, uint64(len(o.Reasons)))
		for _, reason := range o.Reasons {
			w.string(string(reason))
		}
	}
	w.close(in)
}

func (w *writer) turned(list []Turned) {
	w.head(majorArray, uint64(len(list)))
	for _, t := range list {
		in := w.open()
		w.text(1, string(t.Reason))
		w.integer(2, int64(t.Times))
		w.close(in)
	}
}

func (w *writer) notes(list []Note) {
	w.head(majorArray, uint64(len(list)))
	for _, note := range list {
		w.string(string(note))
	}
}

func (w *writer) claim(c Claim) {
	in := w.open()
	w.key(1)
	w.head(majorUnsigned, c.Epoch)
	w.key(2)
	w.head(majorUnsigned, c.Attempt)
	w.close(in)
}

// A writer appends items in core deterministic encoding (RFC 8949, section 4.2.1). Keys are to come in ascending order.
type writer struct {
	b     []byte
	pairs int // of the map that is being written
}

// The major types of CBOR (RFC 8949, section 3.1) that a record has, and the first argument that takes a byte of its own.
const (
	majorUnsigned = 0
	majorNegative = 1
	majorBytes    = 2
	majorText     = 3
	majorArray    = 4
	majorMap      = 5

	oneByte = 24
)

func (w *writer) head(major byte, n uint64) {
	major <<= 5
	switch {
	case n < oneByte:
		w.b = append(w.b, major|byte(n))
	case n <= math.MaxUint8:
		w.b = append(w.b, major|oneByte, byte(n))
	case n <= math.MaxUint16:
		w.b = binary.BigEndian.AppendUint16(append(w.b, major|(oneByte+1)), uint16(n))
	case n <= math.MaxUint32:
		w.b = binary.BigEndian.AppendUint32(append(w.b, major|(oneByte+2)), uint32(n))
	default:
		w.b = binary.BigEndian.AppendUint64(append(w.b, major|(oneByte+3)), n)
	}
}

// key begins a pair.
func (w *writer) key(key uint64) {
	w.pairs++
	w.head(majorUnsigned, key)
}

// open begins an inner map of fewer than 24 pairs and returns what close needs.
func (w *writer) open() (outer [2]int) {
	outer = [2]int{len(w.b), w.pairs}
	w.b, w.pairs = append(w.b, 0), 0
	return outer
}

func (w *writer) close(outer [2]int) {
	w.b[outer[0]] = majorMap<<5 | byte(w.pairs)
	w.pairs = outer[1]
}

func (w *writer) string(text string) {
	w.head(majorText, uint64(len(text)))
	w.b = append(w.b, text...)
}

func (w *writer) text(key uint64, text string) {
	w.key(key)
	w.string(text)
}

// optional leaves out what is empty, as number and flag do with zero and false.
func (w *writer) optional(key uint64, text string) {
	if text != "" {
		w.text(key, text)
	}
}

func (w *writer) bytes(key uint64, bytes []byte) {
	w.key(key)
	w.head(majorBytes, uint64(len(bytes)))
	w.b = append(w.b, bytes...)
}

func (w *writer) integer(key uint64, n int64) {
	w.key(key)
	if n < 0 {
		w.head(majorNegative, uint64(^n))
		return
	}
	w.head(majorUnsigned, uint64(n))
}

func (w *writer) number(key uint64, n int64) {
	if n != 0 {
		w.integer(key, n)
	}
}

func (w *writer) flag(key uint64, set bool) {
	if set {
		w.key(key)
		w.b = append(w.b, 0xf5)
	}
}
