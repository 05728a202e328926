package keystore

import (
	"bytes"

	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

func (t transaction) Credentials(token store.Hash) (*store.Credentials, error) {
	return get[store.Credentials](t.kv, tableTokens, token[:])
}

// putCredentials writes a terminal's credentials where they change.
func (t transaction) putCredentials(row, old *store.Terminal) error {
	raw, err := rowcode.Encode(row.Credentials())
	if err != nil {
		return err
	}
	if was, err := t.kv.Get(tableTokens, row.Token[:]); err != nil || bytes.Equal(was, raw) {
		return err
	}
	if old != nil && old.Token != row.Token {
		if err := t.kv.Delete(tableTokens, old.Token[:]); err != nil {
			return err
		}
	}
	return t.kv.Put(tableTokens, row.Token[:], raw)
}
