package keystore

import (
	"github.com/offlane/offlane/transport/backend/store"
)

// A bundle stands under its merchant, its data under the merchant, a zero byte and one of these.
const (
	partBase  = "\x00base"
	partDelta = "\x00delta"
)

func (t transaction) Bundle(merchant string) (*store.Bundle, error) {
	return get[store.Bundle](t.kv, tableBundles, []byte(merchant))
}

func (t transaction) BundleData(merchant string, delta bool) ([]byte, error) {
	part := partBase
	if delta {
		part = partDelta
	}
	raw, err := t.kv.Get(tableBundles, []byte(merchant+part))
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	return append([]byte(nil), raw...), nil
}

func (t transaction) PutBundle(b store.Bundle) error {
	if b.BaseData != nil {
		if err := t.kv.Put(tableBundles, []byte(b.Merchant+partBase), b.BaseData); err != nil {
			return err
		}
	}
	if err := t.kv.Put(tableBundles, []byte(b.Merchant+partDelta), b.DeltaData); err != nil {
		return err
	}
	return put(t.kv, tableBundles, []byte(b.Merchant), b)
}
