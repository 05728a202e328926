package pgstore

import (
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

// Offers implements store.Tx. Those named by alias alone are looked up first, so that all are locked in the order of
// their ids.
func (t *transaction) Offers(ids []offer.ID, aliases []string) ([]store.Offer, error) {
	keys := make([][]byte, 0, len(ids))
	for i := range ids {
		if !ids[i].IsZero() {
			keys = append(keys, ids[i][:])
		}
	}
	// PostgreSQL's text holds no zero byte, so that nothing has such an alias.
	aliases = slices.DeleteFunc(slices.Clone(aliases), func(a string) bool { return a == "" || plain(a) != a })
	if len(aliases) > 0 {
		found, err := t.tx.Query(t.ctx, "SELECT id FROM offers WHERE alias = ANY($1)", aliases)
		if err != nil {
			return nil, err
		}
		more, err := pgx.CollectRows(found, pgx.RowTo[[]byte])
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return t.offers("SELECT id, data FROM offers WHERE id = ANY($1) ORDER BY id"+t.lock, keys)
}

func (t *transaction) offers(sql string, args ...any) ([]store.Offer, error) {
	found, err := t.tx.Query(t.ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, scanOffer)
}

func scanOffer(r pgx.CollectableRow) (o store.Offer, err error) {
	var id, raw []byte
	if err = r.Scan(&id, &raw); err != nil {
		return o, err
	}
	if o, err = rowcode.DecodeOffer(offer.ID(id), raw); err != nil {
		o = store.Offer{ID: offer.ID(id), Err: err}
	}
	return o, nil
}

// AddOffer implements store.Tx.
func (t *transaction) AddOffer(o store.Offer) error {
	done, err := t.tx.Exec(t.ctx, `INSERT INTO offers (id, alias, not_after, data, device, number, unused)
		VALUES ($1, NULLIF($2, ''), $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		o.ID[:], o.Alias, o.NotAfter, rowcode.EncodeOffer(&o), deviceOf(&o), o.Number, len(o.Uses) == 0)
	if err == nil && done.RowsAffected() == 0 {
		err = fault.New(fault.Conflict, "pgstore", "the identifier or alias of offer %s is taken", o.ID)
	}
	if err != nil {
		return err
	}
	return t.addMark(&o)
}

// putOffers replaces offers and keeps their marks in step.
var putOffers = fmt.Sprintf(`WITH new AS (SELECT * FROM
		unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::boolean[], $5::smallint[], $6::text[], $7::text[])
		AS new (id, data, ends, free, kind, campaign, alias)),
	replaced AS (UPDATE offers SET data = new.data, not_after = new.ends, unused = offers.unused AND new.free
		FROM new WHERE offers.id = new.id)
	`+markOffers, 8)

// PutOffers implements store.Tx.
func (t *transaction) PutOffers(offers []store.Offer) error {
	if len(offers) == 0 {
		return nil
	}
	n := len(offers)
	ids, raws, ends, free := make([][]byte, n), make([][]byte, n), make([]int64, n), make([]bool, n)
	kinds, campaigns, aliases := make([]int16, n), make([]string, n), make([]string, n)
	for i := range offers {
		o := &offers[i]
		ids[i], raws[i], ends[i], free[i] = o.ID[:], rowcode.EncodeOffer(o), o.NotAfter, len(o.Uses) == 0
		kinds[i], campaigns[i], aliases[i] = int16(o.Mark()), plain(o.Campaign), plain(o.Alias)
	}
	return t.exec(putOffers, ids, raws, ends, free, kinds, campaigns, aliases, t.shift)
}
