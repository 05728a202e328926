package pgstore

import (
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/rows"
)

// AddShown implements backend.Tx.
func (t *transaction) AddShown(campaign, day string, times int64) error {
	return t.exec(`INSERT INTO shown (campaign, day, times) VALUES ($1, $2, $3)
		ON CONFLICT (campaign, day) DO UPDATE SET times = shown.times + excluded.times`, campaign, day, times)
}

// sumEntries counts as the tallies of package rows do.
const sumEntries = `
SELECT campaign, merchant, store, day, 0, 0,
	count(*) FILTER (WHERE status = 'confirmed' AND kind = 1), count(*) FILTER (WHERE status = 'confirmed' AND kind = 2),
	count(*) FILTER (WHERE status = 'duplicate'), count(*) FILTER (WHERE status = 'rejected'), count(*) FILTER (WHERE status = 'quarantined'),
	coalesce(sum(CASE kind WHEN 1 THEN given WHEN 2 THEN -given END) FILTER (WHERE status = 'confirmed'), 0)::bigint,
	coalesce(sum(delay) FILTER (WHERE status = 'confirmed' AND kind = 1), 0)::bigint
FROM entries WHERE number IS NOT NULL AND campaign = ANY($1) AND ($2 = '' OR day >= $2) AND ($3 = '' OR day <= $3)
GROUP BY campaign, merchant, store, day`

const sumOffers = `
SELECT campaign, '', '', day, sum(accepted)::bigint, sum(times)::bigint, 0, 0, 0, 0, 0, 0, 0 FROM (
	SELECT campaign, day, count(*) AS accepted, 0 AS times FROM offers
		WHERE campaign = ANY($1) AND ($2 = '' OR day >= $2) AND ($3 = '' OR day <= $3) GROUP BY campaign, day
	UNION ALL
	SELECT campaign, day, 0, times FROM shown WHERE campaign = ANY($1) AND ($2 = '' OR day >= $2) AND ($3 = '' OR day <= $3)
) AS both_kinds GROUP BY campaign, day`

// Tallies implements backend.Tx.
func (t *transaction) Tallies(campaigns []string, from, to string) ([]backend.Tally, error) {
	var all []backend.Tally
	for _, sql := range []string{sumOffers, sumEntries} {
		found, err := t.tx.Query(t.ctx, sql, campaigns, from, to)
		if err != nil {
			return nil, err
		}
		tallies, err := pgx.CollectRows(found, scanTally)
		if err != nil {
			return nil, err
		}
		all = append(all, tallies...)
	}
	return slices.DeleteFunc(all, rows.IsNothing), nil
}

func scanTally(r pgx.CollectableRow) (t backend.Tally, err error) {
	err = r.Scan(&t.Campaign, &t.Merchant, &t.Store, &t.Day, &t.Accepted, &t.Shown, &t.Redeemed, &t.Voided, &t.Duplicates, &t.Rejected,
		&t.Quarantined, &t.Given, &t.Delay)
	return t, err
}

// plain leaves out the zero byte, which PostgreSQL's text does not hold; the row itself keeps it.
func plain(text string) string { return strings.ReplaceAll(text, "\x00", "") }
