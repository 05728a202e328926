package keystore

import (
	"bytes"
	"encoding/binary"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

func changedKey(number uint64, id offer.ID) []byte {
	return append(binary.BigEndian.AppendUint64(nil, number), id[:]...)
}

// A markRef leads from an offer to its mark. The zero markRef leads to none.
type markRef struct {
	number uint64
	kind   store.MarkKind
}

const markRefSize = 9

// offerRow returns what tableOffers holds of an offer: its mark and what EncodeOffer wrote; nil where there is none.
func (t transaction) offerRow(id offer.ID) (ref markRef, raw []byte, err error) {
	row, err := t.kv.Get(tableOffers, id[:])
	if err != nil || len(row) < markRefSize {
		return markRef{}, row, err
	}
	return markRef{binary.BigEndian.Uint64(row), store.MarkKind(row[8])}, row[markRefSize:], nil
}

func (t transaction) putOfferRow(id offer.ID, ref markRef, raw []byte) error {
	row := make([]byte, markRefSize, markRefSize+len(raw))
	binary.BigEndian.PutUint64(row, ref.number)
	row[8] = byte(ref.kind)
	return t.kv.Put(tableOffers, id[:], append(row, raw...))
}

// A marker writes offers and keeps their marks in step. The marks of one marker have one number.
type marker struct {
	transaction
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
func (t *marker) put(o *store.Offer, was markRef) error {
	ref, err := t.mark(o, was)
	if err != nil {
		return err
	}
	return t.putOfferRow(o.ID, ref, rowcode.EncodeOffer(o))
}

// mark brings the mark in step with an offer and returns where it stands then.
func (t *marker) mark(o *store.Offer, was markRef) (markRef, error) {
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
	row := rowcode.EncodeMark(&store.Mark{Kind: kind, NotAfter: o.NotAfter, Campaign: o.Campaign, Alias: o.Alias})
	return markRef{t.number, kind}, t.kv.Put(tableChanged, changedKey(t.number, o.ID), row)
}

func (t transaction) dropChanged(id offer.ID, ref markRef) error {
	if ref.number == 0 {
		return nil
	}
	return t.kv.Delete(tableChanged, changedKey(ref.number, id))
}

func (t transaction) Marks(behind store.Mark, most int) (marks []store.Mark, err error) {
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

func decodeMark(key, raw []byte) (m store.Mark, err error) {
	m, ok := rowcode.DecodeMark(raw)
	if len(key) != 8+len(m.ID) || !ok {
		return m, fault.New(fault.Damaged, "store", "the mark %x in the store cannot be read", key)
	}
	m.Changed, m.ID = binary.BigEndian.Uint64(key), offer.ID(key[8:])
	return m, nil
}

// NextMark counts from 1. There is one writer, so that every change gets the next number, and those that are written
// together the same.
func (t transaction) NextMark() (uint64, error) {
	raw, err := t.Setting(settingMark)
	if err != nil || len(raw) != 8 {
		return 1, err
	}
	return binary.BigEndian.Uint64(raw), nil
}

func (t transaction) DropMarks(ids []offer.ID) error {
	for _, id := range ids {
		if err := t.dropMark(id); err != nil {
			return err
		}
	}
	return nil
}

func (t transaction) dropMark(id offer.ID) error {
	ref, raw, err := t.offerRow(id)
	if err != nil || ref.number == 0 {
		return err
	}
	if err := t.dropChanged(id, ref); err != nil {
		return err
	}
	return t.putOfferRow(id, markRef{}, raw)
}
