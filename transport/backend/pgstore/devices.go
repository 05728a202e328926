package pgstore

import (
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

// deviceOf is null for an offer that belongs to no device.
func deviceOf(o *store.Offer) []byte {
	if o.Device.IsZero() {
		return nil
	}
	return o.Device[:]
}

// Device implements store.Tx.
func (t *transaction) Device(hash store.Hash) (*store.Device, error) {
	return one[store.Device](t, "device "+string(hash[:]), "SELECT data FROM devices WHERE hash = $1"+t.lock, hash[:])
}

// PutDevice implements store.Tx.
func (t *transaction) PutDevice(d store.Device) error {
	return t.writeRow("device "+string(d.Hash[:]), "UPDATE devices SET last = $2, data = $3 WHERE hash = $1",
		"INSERT INTO devices (hash, last, data) VALUES ($1, $2, $3)", d, d.Hash[:], d.Last)
}

// DeviceOffers implements store.Tx.
func (t *transaction) DeviceOffers(device store.Hash, below, most int) ([]store.Offer, error) {
	if below == 0 {
		below = math.MaxInt32
	}
	const newest = "SELECT id, data FROM offers WHERE device = $1 AND number < $2 ORDER BY number DESC, id LIMIT $3"
	return t.offers(newest, device[:], below, most)
}

// ForgetDevice implements store.Tx. The offers are locked in the order of their ids, as everywhere.
func (t *transaction) ForgetDevice(device store.Hash) error {
	found, err := t.tx.Query(t.ctx, "SELECT id, data FROM offers WHERE device = $1 ORDER BY id FOR UPDATE", device[:])
	if err != nil {
		return err
	}
	var ids, raws [][]byte
	var id, raw []byte
	_, err = pgx.ForEachRow(found, []any{&id, &raw}, func() error {
		ids, raws = append(ids, id), append(raws, rowcode.Unlink(offer.ID(id), raw, device))
		return nil
	})
	if err != nil {
		return err
	}
	err = t.exec(`UPDATE offers SET data = new.data, device = NULL
		FROM unnest($1::bytea[], $2::bytea[]) AS new (id, data) WHERE offers.id = new.id`, ids, raws)
	if err != nil {
		return err
	}
	return t.exec(`WITH gone AS (DELETE FROM answers WHERE device = $1) DELETE FROM devices WHERE hash = $1`, device[:])
}

// DropUnused implements store.Tx. What another transaction works on is left for the next time.
func (t *transaction) DropUnused(before int64, most int) (int, error) {
	found, err := t.tx.Query(t.ctx, `WITH old AS MATERIALIZED (
			SELECT id FROM offers WHERE unused AND not_after < $1 ORDER BY not_after LIMIT $2 FOR UPDATE SKIP LOCKED),
		unmarked AS (DELETE FROM marks USING old WHERE marks.offer = old.id)
		DELETE FROM offers USING old WHERE offers.id = old.id RETURNING device`, before, most)
	if err != nil {
		return 0, err
	}
	devices, err := pgx.CollectRows(found, pgx.RowTo[[]byte])
	if err != nil {
		return 0, err
	}
	return len(devices), t.dropDevices(devices, before)
}

// dropDevices removes those of the devices that accepted nothing since a moment and have no offers left. They are
// locked first: what is written under a lock of theirs until then is seen and removed as well.
func (t *transaction) dropDevices(devices [][]byte, before int64) error {
	err := t.exec("SELECT FROM devices WHERE hash = ANY($1) AND last < $2 ORDER BY hash FOR UPDATE", devices, before)
	if err != nil {
		return err
	}
	return t.exec(`WITH gone AS (DELETE FROM devices WHERE hash = ANY($1) AND last < $2
		AND NOT EXISTS (SELECT FROM offers WHERE offers.device = devices.hash) RETURNING hash)
		DELETE FROM answers USING gone WHERE answers.device = gone.hash`, devices, before)
}

// DropRaw implements store.Tx.
func (t *transaction) DropRaw(before int64, most int) (int, error) {
	old, err := t.entries(`SELECT id, data FROM entries WHERE raw_at < $1 AND number IS NOT NULL
		ORDER BY raw_at LIMIT $2 FOR UPDATE SKIP LOCKED`, before, most)
	if err != nil {
		return 0, err
	}
	var damaged [][]byte
	kept := old[:0]
	for i := range old {
		if old[i].Err != nil {
			damaged = append(damaged, old[i].ID[:])
			continue
		}
		old[i].Raw = nil
		kept = append(kept, old[i])
	}
	if len(damaged) > 0 { // left for a person to look at
		if err := t.exec("UPDATE entries SET raw_at = NULL WHERE id = ANY($1)", damaged); err != nil {
			return 0, err
		}
	}
	return len(kept) + len(damaged), t.PutEntries(kept)
}
