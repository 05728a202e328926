package rowcode

import (
	"bytes"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/store"
)

// EncodeOffer returns all of the offer but its identifier.
func EncodeOffer(o *store.Offer) []byte {
	w := rowWriter{make([]byte, 0, 256+len(o.Pass))}
	w.count(rowVersion)
	w.text(o.Alias)
	w.text(o.Campaign)
	w.array(o.Device[:])
	for _, n := range [...]int64{int64(o.Number), o.Accepted, o.NotBefore, o.NotAfter, int64(o.MaxUses), o.Revoked,
		o.Recovered} {
		w.number(n)
	}
	w.text(o.Pass)
	w.uses(o.Uses)
	return w.b
}

func (w *rowWriter) uses(uses []store.Use) {
	w.count(uint64(len(uses)))
	for i := range uses {
		u := &uses[i]
		w.array(u.Record[:])
		w.array(u.Terminal[:])
		w.place(u.Place)
		w.number(u.Earliest)
		w.number(u.Redeemed)
		w.number(u.Committed)
		w.money(u.Given)
		w.count(uint64(len(u.Products)))
		for _, gtin := range u.Products {
			w.text(gtin)
		}
	}
}

func (r *rowReader) uses() (uses []store.Use) {
	for n := r.count(); n > 0 && !r.bad; n-- {
		var u store.Use
		r.array(u.Record[:])
		r.array(u.Terminal[:])
		u.Place, u.Earliest, u.Redeemed, u.Committed, u.Given = r.place(), r.number(), r.number(), r.number(), r.money()
		for products := r.count(); products > 0 && !r.bad; products-- {
			u.Products = append(u.Products, r.text())
		}
		uses = append(uses, u)
	}
	return uses
}

// DecodeOffer reads what EncodeOffer wrote. Error: fault.Damaged.
func DecodeOffer(id offer.ID, raw []byte) (store.Offer, error) {
	r, o := rowReader{b: raw}, store.Offer{ID: id}
	r.bad = r.count() != rowVersion
	o.Alias, o.Campaign = r.text(), r.text()
	r.array(o.Device[:])
	o.Number = int(r.number())
	o.Accepted, o.NotBefore, o.NotAfter = r.number(), r.number(), r.number()
	o.MaxUses, o.Revoked, o.Recovered = int(r.number()), r.number(), r.number()
	o.Pass, o.Uses = r.text(), r.uses()
	return o, damagedError(r.end())
}

// EncodeMark returns all of the mark but its identifier and number.
func EncodeMark(m *store.Mark) []byte {
	w := rowWriter{}
	w.number(int64(m.Kind))
	w.number(m.NotAfter)
	w.text(m.Campaign)
	w.text(m.Alias)
	return w.b
}

// DecodeMark reads what EncodeMark wrote, and reports whether it could.
func DecodeMark(raw []byte) (m store.Mark, ok bool) {
	r := rowReader{b: raw}
	m.Kind, m.NotAfter, m.Campaign, m.Alias = store.MarkKind(r.number()), r.number(), r.text(), r.text()
	return m, !r.bad
}

// Unlink returns an encoded offer without its device, also where it cannot be decoded.
func Unlink(id offer.ID, raw []byte, device store.Hash) []byte {
	o, err := DecodeOffer(id, raw)
	if err != nil {
		return bytes.ReplaceAll(raw, device[:], make([]byte, len(device)))
	}
	o.Device, o.Number = store.Hash{}, 0
	return EncodeOffer(&o)
}
