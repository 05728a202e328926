package storesuite

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
)

func agreements(t *testing.T, s store.Store) {
	between := func(id, owner, partner string) store.Agreement {
		return store.Agreement{ID: id, Owner: owner, Partner: partner, Campaigns: []string{"c"},
			State: rules.AgreementProposed, ProposedBy: owner, Proposed: 1}
	}
	a, b, c := between("A", "m", "n"), between("b", "o", "m"), between("c", "n", "o")
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutAgreement(c), tx.PutAgreement(b), tx.PutAgreement(a))
	})
	update(t, s, func(tx store.Tx) error {
		row, err := tx.Agreement("A")
		require.NoError(t, err)
		assert.Equal(t, &a, row)
		row.State, row.Accepted, row.FollowUps = rules.AgreementActive, 2, true
		a = *row
		return tx.PutAgreement(a)
	})
	update(t, s, func(tx store.Tx) error { return tx.DropAgreement("c") })
	view(t, s, func(tx store.Tx) error {
		for merchant, want := range map[string][]store.Agreement{"m": {a, b}, "n": {a}, "o": {b}, "": {a, b}, "p": nil} {
			got, err := tx.Agreements(merchant)
			require.NoError(t, err)
			assert.Equal(t, want, append([]store.Agreement(nil), got...), "of %q, by id", merchant)
		}
		for _, id := range []string{"c", "d", "\x00"} {
			none, err := tx.Agreement(id)
			require.NoError(t, err)
			assert.Nil(t, none, "a merchant may ask for anything: %q", id)
		}
		return nil
	})
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.DropAgreement("A"), tx.DropAgreement("A"), tx.PutAgreement(a))
	})
	view(t, s, func(tx store.Tx) error {
		got, err := tx.Agreement("A")
		assert.Equal(t, &a, got, "dropped and put again in one transaction")
		return err
	})
}

// sampleAgreement has every field set.
func sampleAgreement() store.Agreement {
	return store.Agreement{ID: "AGREEMENT", Owner: "shop.example", Partner: "m-2", Campaigns: []string{"coffee"},
		FollowUps: true,
		Coupons:   []string{"950123"}, State: rules.AgreementEnded, ProposedBy: "m-2",
		EndedBy: "shop.example", Proposed: 1, Accepted: 2, Ended: 3, Stopped: 4}
}
