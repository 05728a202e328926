package pgstore

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

// A transaction is a store.Tx. It remembers which rows it has seen: those are replaced; the others are inserted, so
// that a row that somebody else inserted meanwhile is noticed and not replaced.
type transaction struct {
	ctx   context.Context // of the one call that the transaction lives in
	tx    pgx.Tx
	lock  string          // the clause that locks rows; empty in a View
	rows  map[string]bool // by key: it is there, or it was not there when it was looked for
	shift int64           // see marks.go
}

// errAppeared ends a transaction that found a row where it had found none: no lock holds the place of a row that is not
// there, and what was decided in between took it for missing.
var errAppeared = errors.New("a row appeared within the transaction")

// noteRow notes that a row is there.
func (t *transaction) noteRow(key string) error {
	if there, looked := t.rows[key]; looked && !there {
		return errAppeared
	}
	t.rows[key] = true
	return nil
}

// noteMissing notes that a row is not there.
func (t *transaction) noteMissing(key string) { t.rows[key] = false }

func (t *transaction) exec(sql string, args ...any) error {
	_, err := t.tx.Exec(t.ctx, sql, args...)
	return err
}

// write replaces a row that was seen and inserts one that was not.
func (t *transaction) write(key, update, insert string, args ...any) error {
	if !t.rows[key] {
		t.rows[key] = true
		return t.exec(insert, args...)
	}
	return t.exec(update, args...)
}

// writeRow writes a row of JSON, which is the statements' last argument.
func (t *transaction) writeRow(key, update, insert string, row any, args ...any) error {
	raw, err := rowcode.Encode(row)
	if err != nil {
		return err
	}
	return t.write(key, update, insert, append(args, raw)...)
}

// one reads a row of JSON; nil where there is none.
func one[T any](t *transaction, key, sql string, args ...any) (*T, error) {
	var raw []byte
	switch err := t.tx.QueryRow(t.ctx, sql, args...).Scan(&raw); {
	case errors.Is(err, pgx.ErrNoRows):
		t.noteMissing(key)
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := t.noteRow(key); err != nil {
		return nil, err
	}
	row, err := rowcode.Decode[T](raw)
	return &row, err
}

// list reads rows of JSON.
func list[T any](t *transaction, sql string, args ...any) ([]T, error) {
	found, err := t.tx.Query(t.ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (row T, err error) {
		var raw []byte
		if err = r.Scan(&raw); err == nil {
			row, err = rowcode.Decode[T](raw)
		}
		return row, err
	})
}

// lockRow reads one value and locks its row. An Update adds the row that is missing: what is not there cannot be
// locked, and two that find nothing would both go by that.
func (t *transaction) lockRow(query, add string, into any, args ...any) error {
	err := t.tx.QueryRow(t.ctx, query, args...).Scan(into)
	if t.lock != "" && errors.Is(err, pgx.ErrNoRows) {
		if err := t.exec(add, args...); err != nil {
			return err
		}
		return t.tx.QueryRow(t.ctx, query, args...).Scan(into)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// Setting implements store.Tx.
func (t *transaction) Setting(name string) (value []byte, err error) {
	err = t.tx.QueryRow(t.ctx, "SELECT value FROM settings WHERE name = $1"+t.lock, name).Scan(&value)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		t.noteMissing("setting " + name)
		return nil, nil
	case err != nil:
		return nil, err
	}
	return value, t.noteRow("setting " + name)
}

// PutSetting implements store.Tx.
func (t *transaction) PutSetting(name string, value []byte) error {
	return t.write("setting "+name, "UPDATE settings SET value = $2 WHERE name = $1",
		"INSERT INTO settings (name, value) VALUES ($1, $2)", name, value)
}

// Campaign implements store.Tx.
func (t *transaction) Campaign(id string) (*store.Campaign, error) {
	if plain(id) != id {
		return nil, nil
	}
	return one[store.Campaign](t, "campaign "+id, "SELECT data FROM campaigns WHERE id = $1", id)
}

// LockCampaign implements store.Tx.
func (t *transaction) LockCampaign(id string) (*store.Campaign, error) {
	if plain(id) != id {
		return nil, nil
	}
	return one[store.Campaign](t, "campaign "+id, "SELECT data FROM campaigns WHERE id = $1"+t.lock, id)
}

// Campaigns implements store.Tx.
func (t *transaction) Campaigns() ([]store.Campaign, error) {
	return list[store.Campaign](t, `SELECT data FROM campaigns ORDER BY id COLLATE "C"`)
}

// PutCampaign implements store.Tx.
func (t *transaction) PutCampaign(c store.Campaign) error {
	return t.writeRow("campaign "+c.ID, "UPDATE campaigns SET data = $2 WHERE id = $1",
		"INSERT INTO campaigns (id, data) VALUES ($1, $2)", c, c.ID)
}

// Code implements store.Tx.
func (t *transaction) Code(hash store.Hash) (*store.Code, error) {
	return one[store.Code](t, "code "+string(hash[:]), "SELECT data FROM codes WHERE hash = $1"+t.lock, hash[:])
}

// Codes implements store.Tx.
func (t *transaction) Codes(merchant string) ([]store.Code, error) {
	return list[store.Code](t, "SELECT data FROM codes WHERE merchant = $1 ORDER BY hash", merchant)
}

// PutCode implements store.Tx.
func (t *transaction) PutCode(c store.Code) error {
	return t.writeRow("code "+string(c.Hash[:]), "UPDATE codes SET merchant = $2, data = $3 WHERE hash = $1",
		"INSERT INTO codes (hash, merchant, data) VALUES ($1, $2, $3)", c, c.Hash[:], c.Merchant)
}

// Terminal implements store.Tx.
func (t *transaction) Terminal(id record.TerminalID) (*store.Terminal, error) {
	return one[store.Terminal](t, "terminal "+string(id[:]), "SELECT data FROM terminals WHERE id = $1"+t.lock, id[:])
}

// Credentials implements store.Tx.
func (t *transaction) Credentials(token store.Hash) (*store.Credentials, error) {
	return one[store.Credentials](t, "token "+string(token[:]), "SELECT data FROM tokens WHERE hash = $1", token[:])
}

// Terminals implements store.Tx.
func (t *transaction) Terminals(merchant string) ([]store.Terminal, error) {
	return list[store.Terminal](t, "SELECT data FROM terminals WHERE merchant = $1", merchant)
}

// putToken writes a terminal's credentials where they change.
const putToken = `INSERT INTO tokens (terminal, hash, data) VALUES ($1, $2, $3)
	ON CONFLICT (terminal) DO UPDATE SET hash = excluded.hash, data = excluded.data WHERE tokens.data <> excluded.data`

// PutTerminal implements store.Tx.
func (t *transaction) PutTerminal(row store.Terminal) error {
	err := t.writeRow("terminal "+string(row.ID[:]), "UPDATE terminals SET merchant = $2, data = $3 WHERE id = $1",
		"INSERT INTO terminals (id, merchant, data) VALUES ($1, $2, $3)", row, row.ID[:], row.Place.Merchant)
	if err != nil {
		return err
	}
	raw, err := rowcode.Encode(row.Credentials())
	if err != nil {
		return err
	}
	return t.exec(putToken, row.ID[:], row.Token[:], raw)
}

// LockMerchant implements store.Tx with an advisory lock, which ends with the transaction.
func (t *transaction) LockMerchant(merchant string, alone bool) error {
	if alone {
		return t.exec("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", merchant)
	}
	return t.exec("SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 1))", merchant)
}
