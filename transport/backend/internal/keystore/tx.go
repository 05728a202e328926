package keystore

import (
	"bytes"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

// A transaction keeps rows under keys.
type transaction struct{ kv KeysTx }

func (t transaction) Setting(name string) ([]byte, error) {
	raw, err := t.kv.Get(tableSettings, []byte(name))
	return bytes.Clone(raw), err
}

func (t transaction) PutSetting(name string, value []byte) error {
	return t.kv.Put(tableSettings, []byte(name), value)
}

// get reads one row; nil where there is none.
func get[T any](kv KeysTx, table string, key []byte) (*T, error) {
	raw, err := kv.Get(table, key)
	if err != nil || raw == nil {
		return nil, err
	}
	row, err := rowcode.Decode[T](raw)
	return &row, err
}

func put(kv KeysTx, table string, key []byte, row any) error {
	raw, err := rowcode.Encode(row)
	if err != nil {
		return err
	}
	return kv.Put(table, key, raw)
}

// list reads the rows of a table for which keep says so, in the order of their keys.
func list[T any](kv KeysTx, table string, keep func(*T) bool) (rows []T, err error) {
	err = scan(kv, table, nil, func(_, raw []byte) (bool, error) {
		row, err := rowcode.Decode[T](raw)
		if err == nil && keep(&row) {
			rows = append(rows, row)
		}
		return true, err
	})
	return rows, err
}

// scan yields the pairs of a table from a key on until yield returns false or an error. It returns that error, or the
// scan's.
func scan(kv KeysTx, table string, from []byte, yield func(key, value []byte) (bool, error)) error {
	var failed error
	err := kv.Scan(table, from, func(key, value []byte) (more bool) {
		more, failed = yield(key, value)
		return more && failed == nil
	})
	if failed != nil {
		return failed
	}
	return err
}

func (t transaction) Campaign(id string) (*store.Campaign, error) {
	return get[store.Campaign](t.kv, tableCampaigns, []byte(id))
}

func (t transaction) LockCampaign(id string) (*store.Campaign, error) { return t.Campaign(id) }

func (t transaction) Campaigns() ([]store.Campaign, error) {
	return list(t.kv, tableCampaigns, func(*store.Campaign) bool { return true })
}

func (t transaction) PutCampaign(c store.Campaign) error {
	return put(t.kv, tableCampaigns, []byte(c.ID), c)
}

func (t transaction) Code(hash store.Hash) (*store.Code, error) {
	return get[store.Code](t.kv, tableCodes, hash[:])
}

func (t transaction) Codes(merchant string) ([]store.Code, error) {
	return list(t.kv, tableCodes, func(c *store.Code) bool { return c.Merchant == merchant })
}

func (t transaction) PutCode(c store.Code) error { return put(t.kv, tableCodes, c.Hash[:], c) }

func (t transaction) Terminal(id record.TerminalID) (*store.Terminal, error) {
	return get[store.Terminal](t.kv, tableTerminals, id[:])
}

func (t transaction) Terminals(merchant string) ([]store.Terminal, error) {
	return list(t.kv, tableTerminals, func(t *store.Terminal) bool { return t.Place.Merchant == merchant })
}

func (t transaction) PutTerminal(row store.Terminal) error {
	old, err := t.Terminal(row.ID)
	if err != nil {
		return err
	}
	if err := t.putCredentials(&row, old); err != nil {
		return err
	}
	return put(t.kv, tableTerminals, row.ID[:], row)
}
