package pgstore

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/store"
)

// A mark's number is that of the transaction that changed it last (PostgreSQL manual, "Transaction ID and Snapshot
// Information Functions"), and a shift. All transactions below a snapshot's xmin have ended before it was taken, so
// that whatever it does not show has its xmin's number or a greater one, in whichever order they commit. A dump that
// is loaded into another server brings numbers that are above those of its transactions; Open raises the shift then.

// settingShift is the setting that keeps the shift.
const settingShift = "mark shift"

// wantedShift is the shift in the settings, and the least that puts this transaction's number above all that are there.
const wantedShift = `SELECT coalesce((SELECT convert_from(value, 'UTF8')::bigint FROM settings WHERE name = $1), 0),
	greatest((SELECT coalesce(max(changed), 0) FROM marks), (SELECT coalesce(max(mark), 0) FROM bundles) - 1)
		- pg_current_xact_id()::text::bigint`

// raiseShift returns the shift, raised where that is needed. The caller holds the migrations' lock.
func raiseShift(ctx context.Context, tx pgx.Tx) (shift int64, err error) {
	var least int64
	if err := tx.QueryRow(ctx, wantedShift, settingShift).Scan(&shift, &least); err != nil || least <= shift {
		return shift, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, settingShift, strconv.AppendInt(nil, least, 10))
	return least, err
}

// markOffers marks those offers, of the statement's rows named new, that are to be marked, or were.
const markOffers = `INSERT INTO marks (offer, changed, kind, not_after, campaign, alias)
		SELECT id, $%d + pg_current_xact_id()::text::bigint, kind, ends, campaign, alias FROM new
		WHERE kind > 0 OR EXISTS (SELECT FROM marks WHERE marks.offer = new.id) ORDER BY id
		ON CONFLICT (offer) DO UPDATE SET changed = excluded.changed, kind = excluded.kind WHERE marks.kind <> excluded.kind`

// Marks implements store.Tx.
func (t *transaction) Marks(behind store.Mark, most int) ([]store.Mark, error) {
	// With the limit as a parameter PostgreSQL may plan for many more rows, and read and sort all of them for each part.
	sql := fmt.Sprintf(`SELECT offer, changed, kind, not_after, campaign, alias FROM marks
		WHERE (changed, offer) > ($1, $2) ORDER BY changed, offer LIMIT %d`, most)
	found, err := t.tx.Query(t.ctx, sql, int64(behind.Changed), behind.ID[:])
	if err != nil {
		return nil, err
	}
	marks := make([]store.Mark, 0, min(most, 1000))
	var m store.Mark
	var id []byte
	_, err = pgx.ForEachRow(found, []any{&id, &m.Changed, &m.Kind, &m.NotAfter, &m.Campaign, &m.Alias}, func() error {
		m.ID = offer.ID(id)
		marks = append(marks, m)
		return nil
	})
	return marks, err
}

// NextMark implements store.Tx.
func (t *transaction) NextMark() (next uint64, err error) {
	err = t.tx.QueryRow(t.ctx, "SELECT $1 + pg_snapshot_xmin(pg_current_snapshot())::text::bigint", t.shift).Scan(&next)
	return next, err
}

// DropMarks implements store.Tx. One that another transaction works on stays.
func (t *transaction) DropMarks(ids []offer.ID) error {
	keys := make([][]byte, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	return t.exec(`DELETE FROM marks WHERE offer IN
		(SELECT offer FROM marks WHERE offer = ANY($1) ORDER BY offer FOR UPDATE SKIP LOCKED)`, keys)
}

// addMark marks an offer that is marked when it is added.
func (t *transaction) addMark(o *store.Offer) error {
	if o.Mark() == store.Unmarked {
		return nil
	}
	return t.exec(`INSERT INTO marks (offer, changed, kind, not_after, campaign, alias)
		VALUES ($1, $2 + pg_current_xact_id()::text::bigint, $3, $4, $5, $6)`,
		o.ID[:], t.shift, o.Mark(), o.NotAfter, plain(o.Campaign), plain(o.Alias))
}
