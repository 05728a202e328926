package pgstore_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
)

// A transaction that finds nothing has no lock, and another one may add the row before it looks again. It counted from
// what it had not seen: an answer was shown to one device more than it may be.
func TestARowThatAppearsIsNotTakenForOneThatWasSeen(t *testing.T) {
	t.Parallel()
	st, err := pgstore.Open(t.Context(), database(t))
	require.NoError(t, err)
	defer st.Close()
	hash, terminal, entry := store.HashOf("h"), record.NewTerminalID(), store.Entry{ID: record.NewID()}
	for _, c := range []struct {
		name string
		read func(store.Tx) (bool, error)
		put  func(store.Tx) error
	}{
		{"setting", func(tx store.Tx) (bool, error) { v, err := tx.Setting("s"); return v != nil, err },
			func(tx store.Tx) error { return tx.PutSetting("s", []byte{1}) }},
		{"campaign", func(tx store.Tx) (bool, error) { v, err := tx.LockCampaign("c"); return v != nil, err },
			func(tx store.Tx) error { return tx.PutCampaign(store.Campaign{ID: "c"}) }},
		{"code", func(tx store.Tx) (bool, error) { v, err := tx.Code(hash); return v != nil, err },
			func(tx store.Tx) error { return tx.PutCode(store.Code{Hash: hash}) }},
		{"terminal", func(tx store.Tx) (bool, error) { v, err := tx.Terminal(terminal); return v != nil, err },
			func(tx store.Tx) error { return tx.PutTerminal(store.Terminal{ID: terminal}) }},
		{"device", func(tx store.Tx) (bool, error) { v, err := tx.Device(hash); return v != nil, err },
			func(tx store.Tx) error { return tx.PutDevice(store.Device{Hash: hash}) }},
		{"agreement", func(tx store.Tx) (bool, error) { v, err := tx.Agreement("a"); return v != nil, err },
			func(tx store.Tx) error { return tx.PutAgreement(store.Agreement{ID: "a"}) }},
		{"bundle", func(tx store.Tx) (bool, error) { v, err := tx.Bundle("m"); return v != nil, err },
			func(tx store.Tx) error { return tx.PutBundle(store.Bundle{Merchant: "m", BaseData: []byte{1}}) }},
		{"entry", func(tx store.Tx) (bool, error) { v, err := tx.Entries([]record.ID{entry.ID}); return len(v) > 0, err },
			func(tx store.Tx) error { return tx.PutEntries([]store.Entry{entry}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var attempts []bool
			require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error {
				before, err := c.read(tx)
				require.NoError(t, err)
				if len(attempts) == 0 {
					require.NoError(t, st.Update(t.Context(), c.put), "another one is first")
				}
				attempts = append(attempts, before)
				after, err := c.read(tx)
				if err == nil {
					assert.Equal(t, before, after, "both looks see the same")
				}
				return errors.Join(err, c.put(tx))
			}))
			assert.Equal(t, []bool{false, true}, attempts, "the transaction began again, and saw the row from the start")
		})
	}
}

// What is shown to all for the first time, and the first day that is closed, have no row yet that could be locked.
func TestWhatHasNoRowYetIsLockedAllTheSame(t *testing.T) {
	t.Parallel()
	address, _, _ := strings.Cut(database(t), " pool_max_conns")
	st, err := pgstore.Open(t.Context(), address)
	require.NoError(t, err)
	defer st.Close()
	closing := store.Closing{Owner: "m", Partner: "n", Day: "2026-11-01"}
	for _, c := range []struct {
		name        string
		first, then func(store.Tx) error
		read        func(store.Tx) error
	}{
		{"shown in all", func(tx store.Tx) error { return tx.PutShownInAll("c/0", 1) },
			func(tx store.Tx) error {
				times, err := tx.ShownInAll("c/0")
				assert.EqualValues(t, 1, times, "it waits for the first, and sees what that counted")
				return err
			},
			func(tx store.Tx) error { _, err := tx.ShownInAll("c/0"); return err }},
		{"booking while a day is closed", func(tx store.Tx) error { return tx.PutClosing(closing) },
			func(tx store.Tx) error {
				day, err := tx.LastClosed("m", "n")
				assert.Equal(t, closing.Day, day, "it waits for whoever closes, and books for the next day")
				return err
			},
			func(tx store.Tx) error { _, err := tx.Closing("m", "n", closing.Day); return err }},
		{"closing while something is booked", func(tx store.Tx) error { return tx.PutSetting("booked", []byte{1}) },
			func(tx store.Tx) error {
				if _, err := tx.Closing("o", "p", closing.Day); err != nil {
					return err
				}
				booked, err := tx.Setting("booked")
				assert.NotNil(t, booked, "it waits for whoever books, and sums up what that booked")
				return err
			},
			func(tx store.Tx) error { _, err := tx.LastClosed("o", "p"); return err }},
	} {
		t.Run(c.name, func(t *testing.T) {
			done := make(chan error, 1)
			require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error {
				if err := c.read(tx); err != nil {
					return err
				}
				go func() { done <- st.Update(t.Context(), c.then) }()
				waitUntilBlocked(t.Context(), t, address, 1)
				return c.first(tx)
			}))
			assert.NoError(t, <-done)
		})
	}
}
