package pgstore

import (
	"bytes"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

// Entries implements store.Tx.
func (t *transaction) Entries(ids []record.ID) ([]store.Entry, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([][]byte, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	found, err := t.entries("SELECT id, data FROM entries WHERE id = ANY($1) ORDER BY id"+t.lock, keys)
	for _, id := range ids {
		if key := entryKey(id); err == nil && !t.rows[key] {
			t.noteMissing(key)
		}
	}
	return found, err
}

func entryKey(id record.ID) string { return "entry " + string(id[:]) }

// Redemptions implements store.Tx.
func (t *transaction) Redemptions(merchant string, receipts []record.Receipt) ([]store.Entry, error) {
	codes := make([]string, len(receipts))
	for i, r := range receipts {
		codes[i] = string(r)
	}
	return t.entries("SELECT id, data FROM entries WHERE receipt = ANY($1) AND merchant = $2 ORDER BY id"+t.lock, codes,
		merchant)
}

func (t *transaction) entries(sql string, args ...any) ([]store.Entry, error) {
	found, err := t.tx.Query(t.ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (e store.Entry, err error) {
		var id, raw []byte
		if err = r.Scan(&id, &raw); err != nil {
			return e, err
		}
		if err = t.noteRow(entryKey(record.ID(id))); err != nil {
			return e, err
		}
		if e, err = rowcode.DecodeEntry(record.ID(id), raw); err != nil {
			e = store.Entry{ID: record.ID(id), Err: err}
		}
		return e, nil
	})
}

// columns are many entries, column by column, as unnest takes them.
type columns struct {
	ids, terminals, data [][]byte
	numbers, rawAt       []*int64
	merchants            []string
	receipts             []*string
	days                 []string
	latest               []int64
}

func (c *columns) add(e *store.Entry) error {
	raw, err := rowcode.EncodeEntry(e)
	if err != nil {
		return err
	}
	c.ids, c.terminals, c.data = append(c.ids, e.ID[:]), append(c.terminals, e.Terminal[:]), append(c.data, raw)
	c.numbers, c.receipts = append(c.numbers, number(e)), append(c.receipts, receipt(e))
	c.merchants, c.rawAt = append(c.merchants, plain(e.Place.Merchant)), append(c.rawAt, rawAt(e))
	c.days, c.latest = append(c.days, plain(e.Day)), append(c.latest, e.Latest)
	return nil
}

func (c *columns) args() []any {
	return []any{c.ids, c.terminals, c.numbers, c.receipts, c.merchants, c.data, c.rawAt, c.days, c.latest}
}

// number is null for what has no verdict yet, so that such entries do not meet in the unique key.
func number(e *store.Entry) *int64 {
	if e.Verdict.Number == 0 {
		return nil
	}
	n := int64(e.Verdict.Number)
	return &n
}

// rawAt is null for what has no record any more.
func rawAt(e *store.Entry) *int64 {
	if len(e.Raw) == 0 {
		return nil
	}
	return &e.Verdict.Judged
}

func receipt(e *store.Entry) *string {
	if e.Kind != record.Redemption {
		return nil
	}
	text := string(e.ID.Receipt())
	return &text
}

const unnested = `unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::bigint[],
	$8::text[], $9::bigint[])`

const (
	insertEntries = `INSERT INTO entries (id, terminal, number, receipt, merchant, data, raw_at, day, latest)
	SELECT * FROM ` + unnested
	updateEntries = `UPDATE entries SET number = new.number, data = new.data, day = new.day, latest = new.latest,
		raw_at = CASE WHEN new.raw_at IS NULL THEN NULL ELSE entries.raw_at END
	FROM ` + unnested + ` AS new (id, terminal, number, receipt, merchant, data, raw_at, day, latest)
	WHERE entries.id = new.id`
)

// PutEntries implements store.Tx, in the order of the ids, so that two transactions meet each key in the same order.
func (t *transaction) PutEntries(entries []store.Entry) error {
	slices.SortFunc(entries, func(a, b store.Entry) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	var inserted, updated columns
	for i := range entries {
		into, key := &inserted, entryKey(entries[i].ID)
		if t.rows[key] {
			into = &updated
		}
		t.rows[key] = true
		if err := into.add(&entries[i]); err != nil {
			return err
		}
	}
	for sql, c := range map[string]*columns{insertEntries: &inserted, updateEntries: &updated} {
		if len(c.ids) == 0 {
			continue
		}
		if err := t.exec(sql, c.args()...); err != nil {
			return err
		}
	}
	return nil
}

// DayEntries implements store.Tx.
func (t *transaction) DayEntries(merchant, day string, after store.DayMark, most int) ([]store.Entry, error) {
	return t.entries("SELECT id, data FROM entries WHERE merchant = $1 AND day = $2 AND (latest, id) > ($3, $4) "+
		"ORDER BY latest, id LIMIT $5", plain(merchant), plain(day), after.Latest, after.ID[:], most)
}

// Verdicts implements store.Tx.
func (t *transaction) Verdicts(terminal record.TerminalID, after uint64, most int) ([]record.Verdict, error) {
	const greatest = 1<<63 - 1
	found, err := t.tx.Query(t.ctx,
		"SELECT data FROM entries WHERE terminal = $1 AND number > $2 ORDER BY number LIMIT $3",
		terminal[:], int64(min(after, greatest)), most)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (record.Verdict, error) {
		var raw []byte
		if err := r.Scan(&raw); err != nil {
			return record.Verdict{}, err
		}
		e, err := rowcode.DecodeEntry(record.ID{}, raw)
		return e.Verdict, err
	})
}
