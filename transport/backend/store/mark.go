package store

import (
	"bytes"
	"encoding/binary"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

// A MarkKind says what terminals should hear of an offer.
type MarkKind uint8

// The kinds of mark. The numbers are part of the format.
const (
	// Unmarked: the offer was marked once and is good again.
	Unmarked MarkKind = 0
	// MarkedSpent: all its uses are taken.
	MarkedSpent MarkKind = 1
	// MarkedRevoked: it was revoked, whether it is spent or not.
	MarkedRevoked MarkKind = 2
)

// A Mark is what terminals should hear of an offer. Offers that were never spent or revoked have none.
type Mark struct {
	ID offer.ID
	// Alias is the offer's GS1 number; empty: none.
	Alias    string
	Campaign string
	// NotAfter is when the offer ends, in milliseconds since 1970.
	NotAfter int64
	Kind     MarkKind
	// Changed is the number of the mark's last change. Later changes have the same number or greater ones.
	Changed uint64
}

// MarkTx is the part of a Tx that lists marks. AddOffer and PutOffers keep them in step.
type MarkTx interface {
	// Marks returns the marks that stand behind one in the order of Changed and ID, which are all that it looks at, at
	// most so many. The zero Mark is before all.
	Marks(behind Mark, most int) ([]Mark, error)
	// NextMark returns a number that no mark has passed which this transaction does not see: every change that it does not
	// see gets this number or a greater one.
	NextMark() (uint64, error)
	// DropMarks removes marks of offers that have ended. One whose offer changes later is there again.
	DropMarks([]offer.ID) error
}

// Mark is the kind of mark that the offer should have.
func (o *Offer) Mark() MarkKind {
	switch {
	case o.Revoked != 0:
		return MarkedRevoked
	case o.IsSpent():
		return MarkedSpent
	}
	return Unmarked
}

// A mark stands under its number and identifier in tableChanged, drawn as in code.go: kind notAfter campaign alias. An
// offer's row in tableOffers begins with the number and the kind of its mark, so that a booking writes one row less.

func changedKey(number uint64, id offer.ID) []byte {
	return append(binary.BigEndian.AppendUint64(nil, number), id[:]...)
}

// A markRef leads from an offer to its mark. The zero markRef leads to none.
type markRef struct {
	number uint64
	kind   MarkKind
}

const markRefSize = 9

// offerRow returns what tableOffers holds of an offer: its mark and what EncodeOffer wrote; nil where there is none.
func (t keyTx) offerRow(id offer.ID) (ref markRef, raw []byte, err error) {
	row, err := t.kv.Get(tableOffers, id[:])
	if err != nil || len(row) < markRefSize {
		return markRef{}, row, err
	}
	return markRef{binary.BigEndian.Uint64(row), MarkKind(row[8])}, row[markRefSize:], nil
}

func (t keyTx) putOfferRow(id offer.ID, ref markRef, raw []byte) error {
	row := make([]byte, markRefSize, markRefSize+len(raw))
	binary.BigEndian.PutUint64(row, ref.number)
	row[8] = byte(ref.kind)
	return t.kv.Put(tableOffers, id[:], append(row, raw...))
}

// A marker writes offers and keeps their marks in step. The marks of one marker have one number.
type marker struct {
	keyTx
	number uint64 // 0: none is taken yet
}

// take takes the next number, once.
func (t *marker) take() (err error) {
	if t.number != 0 {
		return nil
	}
	if t.number, err = t.NextMark(); err != nil {
		return err
	}
	return t.PutSetting(settingMark, binary.BigEndian.AppendUint64(nil, t.number+1))
}

// put writes an offer, whose mark so far is was.
func (t *marker) put(o *Offer, was markRef) error {
	ref, err := t.mark(o, was)
	if err != nil {
		return err
	}
	return t.putOfferRow(o.ID, ref, EncodeOffer(o))
}

// mark brings the mark in step with an offer and returns where it stands then.
func (t *marker) mark(o *Offer, was markRef) (markRef, error) {
	kind := o.Mark()
	if kind == was.kind {
		return was, nil
	}
	if err := t.take(); err != nil {
		return was, err
	}
	if err := t.dropChanged(o.ID, was); err != nil {
		return was, err
	}
	w := rowWriter{}
	w.number(int64(kind))
	w.number(o.NotAfter)
	w.text(o.Campaign)
	w.text(o.Alias)
	return markRef{t.number, kind}, t.kv.Put(tableChanged, changedKey(t.number, o.ID), w.b)
}

func (t keyTx) dropChanged(id offer.ID, ref markRef) error {
	if ref.number == 0 {
		return nil
	}
	return t.kv.Delete(tableChanged, changedKey(ref.number, id))
}

func (t keyTx) Marks(behind Mark, most int) (marks []Mark, err error) {
	after := changedKey(behind.Changed, behind.ID)
	err = scan(t.kv, tableChanged, after, func(key, raw []byte) (bool, error) {
		if len(marks) == most || bytes.Equal(key, after) {
			return len(marks) < most, nil
		}
		m, err := decodeMark(key, raw)
		marks = append(marks, m)
		return true, err
	})
	return marks, err
}

func decodeMark(key, raw []byte) (m Mark, err error) {
	r := rowReader{b: raw}
	m.Kind, m.NotAfter, m.Campaign, m.Alias = MarkKind(r.number()), r.number(), r.text(), r.text()
	if len(key) != 8+len(m.ID) || r.bad {
		return m, fault.New(fault.Damaged, "store", "the mark %x in the store cannot be read", key)
	}
	m.Changed, m.ID = binary.BigEndian.Uint64(key), offer.ID(key[8:])
	return m, nil
}

// NextMark counts from 1. There is one writer, so that every change gets the next number, and those that are written
// together the same.
func (t keyTx) NextMark() (uint64, error) {
	raw, err := t.Setting(settingMark)
	if err != nil || len(raw) != 8 {
		return 1, err
	}
	return binary.BigEndian.Uint64(raw), nil
}

func (t keyTx) DropMarks(ids []offer.ID) error {
	for _, id := range ids {
		if err := t.dropMark(id); err != nil {
			return err
		}
	}
	return nil
}

func (t keyTx) dropMark(id offer.ID) error {
	ref, raw, err := t.offerRow(id)
	if err != nil || ref.number == 0 {
		return err
	}
	if err := t.dropChanged(id, ref); err != nil {
		return err
	}
	return t.putOfferRow(id, markRef{}, raw)
}
