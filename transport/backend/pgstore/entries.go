package pgstore

import (
	"bytes"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/rows"
)

// Entries implements backend.Tx.
func (t *transaction) Entries(ids []record.ID) ([]backend.Entry, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([][]byte, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	return t.entries("SELECT id, data FROM entries WHERE id = ANY($1) ORDER BY id"+t.lock, keys)
}

// Redemptions implements backend.Tx.
func (t *transaction) Redemptions(merchant string, receipts []record.Receipt) ([]backend.Entry, error) {
	codes := make([]string, len(receipts))
	for i, r := range receipts {
		codes[i] = string(r)
	}
	return t.entries("SELECT id, data FROM entries WHERE receipt = ANY($1) AND merchant = $2 ORDER BY id"+t.lock, codes, merchant)
}

func (t *transaction) entries(sql string, args ...any) ([]backend.Entry, error) {
	found, err := t.tx.Query(t.ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (e backend.Entry, err error) {
		var id, raw []byte
		if err = r.Scan(&id, &raw); err != nil {
			return e, err
		}
		t.known["entry "+string(id)] = true
		return rows.DecodeEntry(record.ID(id), raw)
	})
}

// columns are many entries, column by column, as unnest takes them.
type columns struct {
	ids, terminals, data                         [][]byte
	numbers                                      []*int64
	kinds                                        []int16
	statuses, campaigns, merchants, stores, days []string
	receipts                                     []*string
	given, delays                                []int64
}

func (c *columns) add(e *backend.Entry) error {
	raw, err := rows.EncodeEntry(e)
	if err != nil {
		return err
	}
	c.ids, c.terminals, c.data = append(c.ids, e.ID[:]), append(c.terminals, e.Terminal[:]), append(c.data, raw)
	c.numbers, c.receipts = append(c.numbers, number(e)), append(c.receipts, receipt(e))
	c.kinds, c.statuses = append(c.kinds, int16(e.Kind)), append(c.statuses, string(e.Verdict.Status))
	c.campaigns, c.merchants = append(c.campaigns, plain(e.Campaign)), append(c.merchants, plain(e.Place.Merchant))
	c.stores, c.days = append(c.stores, plain(e.Place.Store)), append(c.days, e.Day)
	c.given, c.delays = append(c.given, e.Given.Amount), append(c.delays, e.Delay)
	return nil
}

func (c *columns) args() []any {
	return []any{c.ids, c.terminals, c.numbers, c.kinds, c.statuses, c.receipts, c.campaigns, c.merchants, c.stores, c.days, c.given, c.delays, c.data}
}

// number is null for a stub, so that stubs do not meet in the unique key.
func number(e *backend.Entry) *int64 {
	if e.Verdict.Number == 0 {
		return nil
	}
	n := int64(e.Verdict.Number)
	return &n
}

func receipt(e *backend.Entry) *string {
	if e.Kind != record.Redemption {
		return nil
	}
	text := string(e.ID.Receipt())
	return &text
}

const unnested = `unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
	$10::text[], $11::bigint[], $12::bigint[], $13::bytea[])`

const (
	insertEntries = `INSERT INTO entries (id, terminal, number, kind, status, receipt, campaign, merchant, store, day, given, delay, data)
	SELECT * FROM ` + unnested
	updateEntries = `UPDATE entries SET terminal = new.terminal, number = new.number, kind = new.kind, status = new.status, receipt = new.receipt,
	campaign = new.campaign, merchant = new.merchant, store = new.store, day = new.day, given = new.given, delay = new.delay, data = new.data
	FROM ` + unnested + ` AS new (id, terminal, number, kind, status, receipt, campaign, merchant, store, day, given, delay, data)
	WHERE entries.id = new.id`
)

// PutEntries implements backend.Tx, in the order of the ids, so that two transactions meet each key in the same order.
func (t *transaction) PutEntries(entries []backend.Entry) error {
	slices.SortFunc(entries, func(a, b backend.Entry) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	var inserted, updated columns
	for i := range entries {
		into, key := &inserted, "entry "+string(entries[i].ID[:])
		if t.known[key] {
			into = &updated
		}
		t.known[key] = true
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

// Verdicts implements backend.Tx.
func (t *transaction) Verdicts(terminal record.TerminalID, after uint64, most int) ([]record.Verdict, error) {
	const greatest = 1<<63 - 1
	found, err := t.tx.Query(t.ctx, "SELECT data FROM entries WHERE terminal = $1 AND number > $2 ORDER BY number LIMIT $3",
		terminal[:], int64(min(after, greatest)), most)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (record.Verdict, error) {
		var raw []byte
		if err := r.Scan(&raw); err != nil {
			return record.Verdict{}, err
		}
		e, err := rows.DecodeEntry(record.ID{}, raw)
		return e.Verdict, err
	})
}
