package pgstore_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
)

// An interleaved store has something else happen within a transaction: after the first call of one method of a Tx, or
// at the "end" of the callback, it calls a function, once.
type interleaved struct {
	store.Store
	after string
	then  func()
}

func (s *interleaved) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.Store.Update(ctx, func(tx store.Tx) error {
		err := fn(&interleavedTx{tx, s})
		s.called("end")
		return err
	})
}

// called notes that a method was called.
func (s *interleaved) called(method string) {
	if then := s.then; then != nil && method == s.after {
		s.then = nil
		then()
	}
}

type interleavedTx struct {
	store.Tx
	in *interleaved
}

func (t *interleavedTx) Waiting(targets []store.Target) ([]store.Waiting, error) {
	waiting, err := t.Tx.Waiting(targets)
	t.in.called("Waiting")
	return waiting, err
}

func (t *interleavedTx) Campaigns() ([]store.Campaign, error) {
	campaigns, err := t.Tx.Campaigns()
	t.in.called("Campaigns")
	return campaigns, err
}

func (t *interleavedTx) Terminals(merchant string) ([]store.Terminal, error) {
	terminals, err := t.Tx.Terminals(merchant)
	t.in.called("Terminals")
	return terminals, err
}

func (t *interleavedTx) PutAgreement(a store.Agreement) error {
	err := t.Tx.PutAgreement(a)
	t.in.called("PutAgreement")
	return err
}

func (t *interleavedTx) PutAnswers(answers []store.Answer) error {
	err := t.Tx.PutAnswers(answers)
	t.in.called("PutAnswers")
	return err
}

// openPlain opens a database with as many connections as pgx has by default, and returns its address, too.
func openPlain(t *testing.T) (store.Store, string) {
	t.Helper()
	address, _, _ := strings.Cut(database(t), " pool_max_conns")
	st, err := pgstore.Open(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(func() { st.Close() })
	return st, address
}

// startOther has another transaction run and returns when it is done or waits for a lock. The channel has its error.
func startOther(t *testing.T, address string, other func() error) <-chan error {
	t.Helper()
	result, done := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(done)
		result <- other()
	}()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, address)
	require.NoError(t, err)
	defer conn.Close(ctx)
	for blocked := false; !blocked; {
		select {
		case <-done:
			return result
		default:
			require.NoError(t, conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_activity "+
				"WHERE wait_event_type = 'Lock' AND datname = current_database())").Scan(&blocked))
		}
	}
	return result
}

// The last visit of a device came while its row was removed with its last offer: what it wrote stayed without a device.
func TestNothingIsKeptOfADeviceThatIsRemovedMeanwhile(t *testing.T) {
	t.Parallel()
	storesuite.SkipUnlessLong(t)
	plain, address := openPlain(t)
	st := &interleaved{Store: plain, after: "PutAnswers"}
	device := store.HashOf("d")
	require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error {
		if err := tx.PutDevice(store.Device{Hash: device, Last: 1, Accepted: 1}); err != nil {
			return err
		}
		return tx.AddOffer(store.Offer{ID: offer.NewID(), Campaign: "c", Device: device, Number: 1, NotAfter: 2,
			MaxUses: 1})
	}))
	var tidied <-chan error
	st.then = func() {
		tidied = startOther(t, address, func() error {
			return plain.Update(t.Context(), func(tx store.Tx) error {
				_, err := tx.DropUnused(100, 10)
				return err
			})
		})
	}
	require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Device(device); err != nil {
			return err
		}
		return tx.PutAnswers([]store.Answer{{Device: device, Name: "c/0", Due: 1000}})
	}))
	require.NoError(t, <-tidied)
	require.NoError(t, plain.View(t.Context(), func(tx store.Tx) error {
		row, err := tx.Device(device)
		require.NoError(t, err)
		require.Nil(t, row, "the device had no offer left")
		answers, err := tx.Answers(device)
		require.Empty(t, answers, "and nothing of it stays")
		return err
	}))
}
