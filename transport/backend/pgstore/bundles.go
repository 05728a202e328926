package pgstore

import (
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/transport/backend/store"
)

// Bundle implements store.Tx.
func (t *transaction) Bundle(merchant string) (*store.Bundle, error) {
	return one[store.Bundle](t, "bundle "+merchant, "SELECT data FROM bundles WHERE merchant = $1"+t.lock, merchant)
}

// BundleData implements store.Tx.
func (t *transaction) BundleData(merchant string, delta bool) (data []byte, err error) {
	sql := "SELECT base FROM bundles WHERE merchant = $1"
	if delta {
		sql = "SELECT delta FROM bundles WHERE merchant = $1"
	}
	err = t.tx.QueryRow(t.ctx, sql, merchant).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return data, err
}

// PutBundle implements store.Tx.
func (t *transaction) PutBundle(b store.Bundle) error {
	return t.writeRow("bundle "+b.Merchant,
		"UPDATE bundles SET mark = $2, base = coalesce($3, base), delta = $4, data = $5 WHERE merchant = $1",
		"INSERT INTO bundles (merchant, mark, base, delta, data) VALUES ($1, $2, $3, $4, $5)",
		b, b.Merchant, int64(b.Mark), b.BaseData, b.DeltaData)
}
