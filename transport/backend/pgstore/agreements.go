package pgstore

import "github.com/offlane/offlane/transport/backend/store"

// Agreement implements store.Tx.
func (t *transaction) Agreement(id string) (*store.Agreement, error) {
	if plain(id) != id {
		return nil, nil
	}
	return one[store.Agreement](t, "agreement "+id, "SELECT data FROM agreements WHERE id = $1"+t.lock, id)
}

// Agreements implements store.Tx.
func (t *transaction) Agreements(merchant string) ([]store.Agreement, error) {
	if merchant == "" {
		return list[store.Agreement](t, `SELECT data FROM agreements ORDER BY id COLLATE "C"`)
	}
	return list[store.Agreement](t, `SELECT data FROM agreements WHERE owner = $1 OR partner = $1
		ORDER BY id COLLATE "C"`, merchant)
}

// PutAgreement implements store.Tx.
func (t *transaction) PutAgreement(a store.Agreement) error {
	return t.writeRow("agreement "+a.ID, "UPDATE agreements SET owner = $2, partner = $3, data = $4 WHERE id = $1",
		"INSERT INTO agreements (id, owner, partner, data) VALUES ($1, $2, $3, $4)", a, a.ID, a.Owner, a.Partner)
}

// DropAgreement implements store.Tx.
func (t *transaction) DropAgreement(id string) error {
	delete(t.rows, "agreement "+id)
	return t.exec("DELETE FROM agreements WHERE id = $1", id)
}
