package keystore

import (
	"bytes"
	"encoding/binary"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

func endKey(o *store.Offer) []byte { return append(moment(o.NotAfter), o.ID[:]...) }

// keepUnused keeps the list of offers of which no use was ever taken in step. One that is not listed once is never
// listed again.
func (t transaction) keepUnused(o *store.Offer) error {
	if len(o.Uses) == 0 {
		return nil
	}
	return t.kv.Delete(tableUnused, endKey(o))
}

// due are the keys of a table that begin with a moment before the given one, at most so many.
func (t transaction) due(table string, before int64, most int, isDue func(key []byte) (bool, error)) (
	keys [][]byte, err error,
) {
	err = scan(t.kv, table, nil, func(key, _ []byte) (bool, error) {
		if len(keys) == most || int64(binary.BigEndian.Uint64(key)) >= before {
			return false, nil
		}
		due, err := isDue(key)
		if due && err == nil {
			keys = append(keys, bytes.Clone(key))
		}
		return true, err
	})
	return keys, err
}

func (t transaction) DropUnused(before int64, most int) (int, error) {
	keys, err := t.due(tableUnused, before, most, func([]byte) (bool, error) { return true, nil })
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		if err := t.dropOffer(offer.ID(key[8:]), before); err != nil {
			return 0, err
		}
		if err := t.kv.Delete(tableUnused, key); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// dropOffer removes an offer from all tables. What is damaged in its row is left for a person to look at.
func (t transaction) dropOffer(id offer.ID, before int64) error {
	ref, raw, err := t.offerRow(id)
	if err != nil || raw == nil {
		return err
	}
	o, err := rowcode.DecodeOffer(id, raw)
	if err != nil {
		return nil
	}
	held := heldKey(o.Device, o.Number, id)
	if err := t.dropChanged(id, ref); err != nil {
		return err
	}
	for table, key := range map[string][]byte{tableOffers: id[:], tableHeld: held} {
		if err := t.kv.Delete(table, key); err != nil {
			return err
		}
	}
	if o.Alias != "" {
		if err := t.kv.Delete(tableAliases, []byte(o.Alias)); err != nil {
			return err
		}
	}
	return t.dropDevice(o.Device, before)
}

func (t transaction) dropDevice(hash store.Hash, before int64) error {
	d, err := t.Device(hash)
	if d == nil || err != nil || d.Last >= before {
		return err
	}
	left, err := t.heldKeys(hash, 0, 1)
	if err != nil || len(left) > 0 {
		return err
	}
	return t.removeDevice(hash)
}

func rawKey(e *store.Entry) []byte { return append(moment(e.Verdict.Judged), e.ID[:]...) }

func (t transaction) DropRaw(before int64, most int) (int, error) {
	keys, err := t.due(tableRaws, before, most, func(key []byte) (bool, error) {
		e, err := t.rawOf(key)
		return e == nil || e.Verdict.Number != 0, err
	})
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		if err := t.dropRaw(key); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

func (t transaction) dropRaw(key []byte) error {
	e, err := t.rawOf(key)
	if err == nil && e != nil {
		e.Raw = nil
		err = t.putEntry(e)
	}
	if err != nil {
		return err
	}
	return t.kv.Delete(tableRaws, key)
}

// rawOf returns the entry of a key in tableRaws; nil where it is not as it was written.
func (t transaction) rawOf(key []byte) (*store.Entry, error) {
	id := record.ID(key[8:])
	entries, err := t.Entries([]record.ID{id})
	if err != nil || len(entries) == 0 || entries[0].Err != nil {
		return nil, err
	}
	return &entries[0], nil
}
