package keystore

import (
	"bytes"
	"strings"

	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

// pairKey begins the keys of what is between two merchants.
func pairKey(owner, partner string) []byte { return append(sizedText(owner), sizedText(partner)...) }

func settlementKey(s *store.Settlement) []byte {
	return append(pairKey(s.Owner, s.Partner), strings.Join([]string{s.Day, s.Campaign, s.Currency}, "\x00")...)
}

func (t transaction) addSettlement(s store.Settlement) error {
	key := settlementKey(&s)
	have, err := get[store.Settlement](t.kv, tableSettlements, key)
	if err != nil {
		return err
	}
	if have != nil {
		s = posting.AddSettlement(s, *have)
	}
	return put(t.kv, tableSettlements, key, s)
}

func (t transaction) Settlements(owner, partner, from, to string) (rows []store.Settlement, err error) {
	pair := pairKey(owner, partner)
	err = scan(t.kv, tableSettlements, append(bytes.Clone(pair), from...), func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, pair) {
			return false, nil
		}
		row, err := rowcode.Decode[store.Settlement](raw)
		if err != nil || to != "" && row.Day > to {
			return false, err
		}
		rows = append(rows, row)
		return true, nil
	})
	return rows, err
}

func (t transaction) LastClosed(owner, partner string) (string, error) {
	day, err := get[string](t.kv, tableClosings, pairKey(owner, partner))
	if day == nil {
		return "", err
	}
	return *day, err
}

func (t transaction) Closing(owner, partner, day string) (*store.Closing, error) {
	return get[store.Closing](t.kv, tableClosings, append(pairKey(owner, partner), day...))
}

func (t transaction) PutClosing(c store.Closing) error {
	last, err := t.LastClosed(c.Owner, c.Partner)
	if err != nil {
		return err
	}
	if err := put(t.kv, tableClosings, pairKey(c.Owner, c.Partner), max(last, c.Day)); err != nil {
		return err
	}
	return put(t.kv, tableClosings, append(pairKey(c.Owner, c.Partner), c.Day...), c)
}
