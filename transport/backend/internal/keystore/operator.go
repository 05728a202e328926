package keystore

import (
	"bytes"

	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

// operatorKey is what a row is kept under: a merchant's rows follow one another by day.
func operatorKey(r *store.OperatorRow) []byte {
	key := append(sizedText(r.Merchant), r.Counts.Day...)
	for _, part := range []string{r.Counts.Operator, r.Counts.Store, r.Counts.Lane} {
		key = append(key, sizedText(part)...)
	}
	return append(key, r.Counts.Currency...)
}

func (t transaction) addOperator(row store.OperatorRow) error {
	have, err := get[store.OperatorRow](t.kv, tableOperators, operatorKey(&row))
	if err != nil {
		return err
	}
	if have != nil {
		posting.AddOperator(&row, have)
	}
	return put(t.kv, tableOperators, operatorKey(&row), row)
}

// scanOperators yields a merchant's rows from a day on.
func (t transaction) scanOperators(merchant, from string, yield func(key []byte, row store.OperatorRow) bool) error {
	prefix := sizedText(merchant)
	return scan(t.kv, tableOperators, append(sizedText(merchant), from...), func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, prefix) {
			return false, nil
		}
		row, err := rowcode.Decode[store.OperatorRow](raw)
		return err == nil && yield(key, row), err
	})
}

func (t transaction) Operators(merchant, from, to string) (all []store.OperatorTally, err error) {
	err = t.scanOperators(merchant, from, func(_ []byte, row store.OperatorRow) bool {
		if to != "" && row.Counts.Day > to {
			return false
		}
		all = append(all, row.Counts)
		return true
	})
	return all, err
}

func (t transaction) DropOperators(merchant, before string, most int) (int, error) {
	var keys [][]byte
	err := t.scanOperators(merchant, "", func(key []byte, row store.OperatorRow) bool {
		if len(keys) == most || row.Counts.Day >= before {
			return false
		}
		keys = append(keys, bytes.Clone(key))
		return true
	})
	for _, key := range keys {
		if err == nil {
			err = t.kv.Delete(tableOperators, key)
		}
	}
	return len(keys), err
}

func (t transaction) EraseOperator(merchant, operator string) (int, error) {
	var gone []store.OperatorRow
	err := t.scanOperators(merchant, "", func(_ []byte, row store.OperatorRow) bool {
		if row.Counts.Operator == operator && operator != "" {
			gone = append(gone, row)
		}
		return true
	})
	for _, row := range gone {
		if err == nil {
			err = t.kv.Delete(tableOperators, operatorKey(&row))
		}
		row.Counts.Operator = ""
		if err == nil {
			err = t.addOperator(row)
		}
	}
	return len(gone), err
}
