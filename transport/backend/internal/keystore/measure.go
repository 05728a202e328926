package keystore

import (
	"bytes"

	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

func measureKey(campaign string, arm store.Arm) []byte { return append(sizedText(campaign), arm...) }

func (t transaction) addMeasure(m store.Measure) error {
	key := measureKey(m.Campaign, m.Arm)
	have, err := get[store.Measure](t.kv, tableMeasures, key)
	if err != nil {
		return err
	}
	if have != nil {
		m = posting.AddMeasure(m, *have)
	}
	return put(t.kv, tableMeasures, key, m)
}

func (t transaction) Measures(campaigns []string) (all []store.Measure, err error) {
	for _, campaign := range campaigns {
		prefix := measureKey(campaign, "")
		err = scan(t.kv, tableMeasures, prefix, func(key, raw []byte) (bool, error) {
			if !bytes.HasPrefix(key, prefix) {
				return false, nil
			}
			m, err := rowcode.Decode[store.Measure](raw)
			all = append(all, m)
			return true, err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
