package pgstore

import (
	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// insertOperator adds to a row of an operator's figures. One lane's records are booked one report at a time, so that
// nobody else waits for the row.
const insertOperator = `INSERT INTO operators AS o (merchant, day, operator, store, lane, currency,
		redeemed, voided, parts, elsewhere, overrides, allowed, taken_back)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
	ON CONFLICT (merchant, day, operator, store, lane, currency) DO UPDATE SET redeemed = o.redeemed + excluded.redeemed,
		voided = o.voided + excluded.voided, parts = o.parts + excluded.parts, elsewhere = o.elsewhere + excluded.elsewhere,
		overrides = o.overrides + excluded.overrides, allowed = o.allowed + excluded.allowed,
		taken_back = o.taken_back + excluded.taken_back`

func queueOperators(batch *pgx.Batch, changes []store.OperatorRow) {
	for _, row := range changes {
		c := row.Counts
		batch.Queue(insertOperator, row.Merchant, c.Day, plain(c.Operator), plain(c.Store), plain(c.Lane), plain(c.Currency),
			c.Redeemed, c.Voided, c.Parts, c.Elsewhere, c.Overrides, c.Allowed, c.TakenBack)
	}
}

// Operators implements store.Tx.
func (t *transaction) Operators(merchant, from, to string) ([]store.OperatorTally, error) {
	found, err := t.tx.Query(t.ctx, `SELECT day, operator, store, lane, currency,
		redeemed, voided, parts, elsewhere, overrides, allowed, taken_back FROM operators
		WHERE merchant = $1 AND ($2 = '' OR day >= $2) AND ($3 = '' OR day <= $3)
		ORDER BY day COLLATE "C", operator COLLATE "C", store COLLATE "C", lane COLLATE "C", currency COLLATE "C"`,
		merchant, from, to)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, pgx.RowToStructByPos[store.OperatorTally])
}

// DropOperators implements store.Tx.
func (t *transaction) DropOperators(merchant, before string, most int) (int, error) {
	done, err := t.tx.Exec(t.ctx, `DELETE FROM operators WHERE ctid IN (SELECT ctid FROM operators
		WHERE merchant = $1 AND day < $2 ORDER BY day LIMIT $3 FOR UPDATE)`, merchant, before, most)
	return int(done.RowsAffected()), err
}

// EraseOperator implements store.Tx. A report that counts the operator meanwhile does so under the name.
func (t *transaction) EraseOperator(merchant, operator string) (int, error) {
	if operator == "" {
		return 0, nil
	}
	found, err := t.tx.Query(t.ctx, `DELETE FROM operators WHERE merchant = $1 AND operator = $2
		RETURNING day, '', store, lane, currency, redeemed, voided, parts, elsewhere, overrides, allowed, taken_back`,
		merchant, plain(operator))
	if err != nil {
		return 0, err
	}
	gone, err := pgx.CollectRows(found, pgx.RowToStructByPos[store.OperatorTally])
	if err != nil {
		return 0, err
	}
	var sums posting.Sums
	for _, counts := range gone {
		sums.CountOperator(store.OperatorRow{Merchant: merchant, Counts: counts})
	}
	var batch pgx.Batch
	queueOperators(&batch, sums.Posting().Operators)
	return len(gone), t.tx.SendBatch(t.ctx, &batch).Close()
}
