package pgstore

import (
	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

// Answers implements store.Tx.
func (t *transaction) Answers(device store.Hash) ([]store.Answer, error) {
	all, err := list[store.Answer](t, `SELECT data FROM answers WHERE device = $1 ORDER BY name COLLATE "C"`, device[:])
	for i := range all {
		all[i].Device = device
	}
	return all, err
}

// PutAnswers implements store.Tx.
func (t *transaction) PutAnswers(answers []store.Answer) error {
	var batch pgx.Batch
	for i := range answers {
		a := &answers[i]
		raw, err := rowcode.Encode(a)
		if err != nil {
			return err
		}
		var merchant *string
		if a.Click != nil {
			merchant = &a.Click.Merchant
		}
		batch.Queue(`INSERT INTO answers (device, name, due, merchant, data) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (device, name) DO UPDATE SET due = excluded.due, merchant = excluded.merchant, data = excluded.data`,
			a.Device[:], a.Name, a.Due, merchant, raw)
	}
	if batch.Len() == 0 {
		return nil
	}
	return t.tx.SendBatch(t.ctx, &batch).Close()
}

// DropAnswers implements store.Tx.
func (t *transaction) DropAnswers(device store.Hash, names []string) error {
	return t.exec("DELETE FROM answers WHERE device = $1 AND name = ANY($2)", device[:], names)
}

// DueAnswers implements store.Tx.
func (t *transaction) DueAnswers(before int64, most int) ([]store.Answer, error) {
	return t.answers(`SELECT device, data FROM answers WHERE due > 0 AND due < $1
		ORDER BY due, device, name COLLATE "C" LIMIT $2`, before, most)
}

// ClickAnswers implements store.Tx.
func (t *transaction) ClickAnswers(merchant string) ([]store.Answer, error) {
	return t.answers(`SELECT device, data FROM answers WHERE merchant = $1 ORDER BY device, name COLLATE "C"`, merchant)
}

// answers reads rows of several devices.
func (t *transaction) answers(sql string, args ...any) ([]store.Answer, error) {
	found, err := t.tx.Query(t.ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (store.Answer, error) {
		var device, raw []byte
		if err := r.Scan(&device, &raw); err != nil {
			return store.Answer{}, err
		}
		row, err := rowcode.Decode[store.Answer](raw)
		row.Device = store.Hash(device)
		return row, err
	})
}

// ShownInAll implements store.Tx. An Update adds the row that is missing, since only a row can be locked.
func (t *transaction) ShownInAll(name string) (times int64, err error) {
	err = t.lockRow("SELECT times FROM shown WHERE name = $1"+t.lock,
		"INSERT INTO shown (name, times) VALUES ($1, 0) ON CONFLICT DO NOTHING", &times, name)
	return times, err
}

// PutShownInAll implements store.Tx.
func (t *transaction) PutShownInAll(name string, times int64) error {
	return t.exec(`INSERT INTO shown (name, times) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET times = excluded.times`, name, times)
}
