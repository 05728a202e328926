package pgstore

import (
	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/transport/backend/store"
)

const postMeasure = `INSERT INTO measures AS m (campaign, arm, stripe, seen, clicked, dismissed, taken,
		eligible, closed, accepted, redeemed, erased)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
	ON CONFLICT (campaign, arm, stripe) DO UPDATE SET seen = m.seen + excluded.seen,
		clicked = m.clicked + excluded.clicked, dismissed = m.dismissed + excluded.dismissed,
		taken = m.taken + excluded.taken, eligible = m.eligible + excluded.eligible, closed = m.closed + excluded.closed,
		accepted = m.accepted + excluded.accepted, redeemed = m.redeemed + excluded.redeemed,
		erased = m.erased + excluded.erased`

func queueMeasures(batch *pgx.Batch, rows []store.Measure, stripe int) {
	for _, m := range rows {
		batch.Queue(postMeasure, plain(m.Campaign), string(m.Arm), stripe, m.Seen, m.Clicked, m.Dismissed, m.Taken,
			m.Eligible, m.Closed, m.Accepted, m.Redeemed, m.Erased)
	}
}

// Measures implements store.Tx.
func (t *transaction) Measures(campaigns []string) ([]store.Measure, error) {
	found, err := t.tx.Query(t.ctx, `SELECT campaign, arm, sum(seen)::bigint, sum(clicked)::bigint,
		sum(dismissed)::bigint, sum(taken)::bigint, sum(eligible)::bigint, sum(closed)::bigint, sum(accepted)::bigint,
		sum(redeemed)::bigint, sum(erased)::bigint FROM measures WHERE campaign = ANY($1) GROUP BY campaign, arm`, campaigns)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, pgx.RowToStructByPos[store.Measure])
}
