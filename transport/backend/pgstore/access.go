package pgstore

import (
	"github.com/offlane/offlane/transport/backend/store"
)

// ManagementKey implements store.Tx.
func (t *transaction) ManagementKey(hash store.Hash) (*store.ManagementKey, error) {
	return one[store.ManagementKey](t, "key "+string(hash[:]),
		"SELECT data FROM management_keys WHERE hash = $1"+t.lock, hash[:])
}

// ManagementKeys implements store.Tx.
func (t *transaction) ManagementKeys(merchant string) ([]store.ManagementKey, error) {
	return list[store.ManagementKey](t, "SELECT data FROM management_keys WHERE merchant = $1 ORDER BY hash", merchant)
}

// PutManagementKey implements store.Tx.
func (t *transaction) PutManagementKey(k store.ManagementKey) error {
	return t.writeRow("key "+string(k.Hash[:]), "UPDATE management_keys SET merchant = $2, data = $3 WHERE hash = $1",
		"INSERT INTO management_keys (hash, merchant, data) VALUES ($1, $2, $3)", k, k.Hash[:], k.Merchant)
}

// forget removes some challenges that have ended, none that another transaction removes.
const forget = `DELETE FROM challenges WHERE nonce IN
	(SELECT nonce FROM challenges WHERE ends <= $1 ORDER BY ends LIMIT 100 FOR UPDATE SKIP LOCKED)`

// UseChallenge implements store.Tx. Of two transactions that use one challenge the second waits for the first to end.
func (t *transaction) UseChallenge(c store.Challenge, ended int64) (bool, error) {
	if err := t.exec(forget, ended); err != nil {
		return false, err
	}
	done, err := t.tx.Exec(t.ctx, "INSERT INTO challenges (nonce, ends) VALUES ($1, $2) ON CONFLICT DO NOTHING",
		c.Nonce[:], c.Ends)
	return done.RowsAffected() == 1, err
}
