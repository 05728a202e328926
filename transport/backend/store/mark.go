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
	// Marks returns the marks that stand behind one in the order of Changed and ID, which are all that it looks at, at most
	// so many. The zero Mark is before all.
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

// A mark stands under its number and identifier in tableChanged, drawn as in code.go: kind notAfter campaign alias.
// tableMarked leads from the identifier to the number and the kind.

func changedKey(number uint64, id offer.ID) []byte {
	return append(binary.BigEndian.AppendUint64(nil, number), id[:]...)
}

const markedSize = 9

// A marker keeps the marks in step with offers that are written together. They have one number.
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

// mark keeps the mark in step with an offer.
func (t *marker) mark(o *Offer) error {
	kind, was := o.Mark(), t.kv.Get(tableMarked, o.ID[:])
	if was == nil && kind == Unmarked || len(was) == markedSize && MarkKind(was[8]) == kind {
		return nil
	}
	if err := t.take(); err != nil {
		return err
	}
	if was != nil {
		if err := t.dropMark(o.ID); err != nil {
			return err
		}
	}
	w := rowWriter{}
	w.number(int64(kind))
	w.number(o.NotAfter)
	w.text(o.Campaign)
	w.text(o.Alias)
	if err := t.kv.Put(tableChanged, changedKey(t.number, o.ID), w.b); err != nil {
		return err
	}
	return t.kv.Put(tableMarked, o.ID[:], append(binary.BigEndian.AppendUint64(nil, t.number), byte(kind)))
}

func (t keyTx) dropMark(id offer.ID) error {
	was := t.kv.Get(tableMarked, id[:])
	if len(was) != markedSize {
		return nil
	}
	if err := t.kv.Delete(tableChanged, changedKey(binary.BigEndian.Uint64(was), id)); err != nil {
		return err
	}
	return t.kv.Delete(tableMarked, id[:])
}

func (t keyTx) Marks(behind Mark, most int) (marks []Mark, err error) {
	after := changedKey(behind.Changed, behind.ID)
	scanned := t.kv.Scan(tableChanged, after, func(key, raw []byte) bool {
		if len(marks) == most {
			return false
		}
		if !bytes.Equal(key, after) {
			var m Mark
			if m, err = decodeMark(key, raw); err == nil {
				marks = append(marks, m)
			}
		}
		return err == nil
	})
	if err == nil {
		err = scanned
	}
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
