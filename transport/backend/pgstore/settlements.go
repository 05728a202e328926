package pgstore

import (
	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

const postSettlement = `INSERT INTO settlements (owner, partner, day, campaign, currency, stripe, redeemed, voided,
	given, taken_back) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
	ON CONFLICT (owner, partner, day, campaign, currency, stripe) DO UPDATE SET
		redeemed = settlements.redeemed + excluded.redeemed, voided = settlements.voided + excluded.voided,
		given = settlements.given + excluded.given, taken_back = settlements.taken_back + excluded.taken_back`

func queueSettlements(batch *pgx.Batch, rows []store.Settlement, stripe int) {
	for _, s := range rows {
		batch.Queue(postSettlement, plain(s.Owner), plain(s.Partner), s.Day, plain(s.Campaign), plain(s.Currency), stripe,
			s.Redeemed, s.Voided, s.Given, s.TakenBack)
	}
}

// Settlements implements store.Tx.
func (t *transaction) Settlements(owner, partner, from, to string) ([]store.Settlement, error) {
	found, err := t.tx.Query(t.ctx, `SELECT owner, partner, day, campaign, currency, sum(redeemed)::bigint,
		sum(voided)::bigint, sum(given)::bigint, sum(taken_back)::bigint FROM settlements
		WHERE owner = $1 AND partner = $2 AND ($3 = '' OR day >= $3) AND ($4 = '' OR day <= $4)
		GROUP BY owner, partner, day, campaign, currency`, plain(owner), plain(partner), from, to)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, pgx.RowToStructByPos[store.Settlement])
}

// LastClosed implements store.Tx. Those who book for the same two merchants share the lock.
func (t *transaction) LastClosed(owner, partner string) (string, error) {
	return t.lastClosed(owner, partner, " FOR SHARE")
}

// lastClosed locks the row of two merchants in an Update, which adds the row that is missing.
func (t *transaction) lastClosed(owner, partner, lock string) (day string, err error) {
	if t.lock == "" {
		lock = ""
	}
	err = t.lockRow("SELECT day FROM closed WHERE owner = $1 AND partner = $2"+lock,
		"INSERT INTO closed (owner, partner, day) VALUES ($1, $2, '') ON CONFLICT DO NOTHING", &day, plain(owner),
		plain(partner))
	return day, err
}

// Closing implements store.Tx. A statement that is there does not change, so that nobody has to wait for it.
func (t *transaction) Closing(owner, partner, day string) (*store.Closing, error) {
	closing, err := t.readClosing(owner, partner, day)
	if closing != nil || err != nil || t.lock == "" {
		return closing, err
	}
	if _, err := t.lastClosed(owner, partner, t.lock); err != nil {
		return nil, err
	}
	return t.readClosing(owner, partner, day)
}

func (t *transaction) readClosing(owner, partner, day string) (*store.Closing, error) {
	return one[store.Closing](t, "closing "+owner+"\x00"+partner+"\x00"+day,
		"SELECT data FROM closings WHERE owner = $1 AND partner = $2 AND day = $3", plain(owner), plain(partner), plain(day))
}

// PutClosing implements store.Tx. Two who close the same day meet at its key, and one of them does it again.
func (t *transaction) PutClosing(c store.Closing) error {
	raw, err := rowcode.Encode(c)
	if err != nil {
		return err
	}
	err = t.exec("INSERT INTO closings (owner, partner, day, data) VALUES ($1, $2, $3, $4)", plain(c.Owner),
		plain(c.Partner), c.Day, raw)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO closed (owner, partner, day) VALUES ($1, $2, $3)
		ON CONFLICT (owner, partner) DO UPDATE SET day = greatest(closed.day, excluded.day)`, plain(c.Owner),
		plain(c.Partner), c.Day)
}
