package sim

import (
	"context"
	"crypto/ed25519"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/store"
)

// A stock is offers that are signed once and accepted in every run: signing them anew would tell nothing more.
type stock struct {
	issuer offer.Issuer
	mu     sync.Mutex
	offers []stocked
}

// stocked is an offer in both dresses.
type stocked struct {
	id         offer.ID
	pass, code string
}

func newStock() *stock {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	return &stock{issuer: offer.Issuer{Name: "issuer-sim", KeyID: "1", Private: key}}
}

// The bubble's clock begins in the year 2000; the offers are good for a year from then.
var (
	stockFrom  = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	stockUntil = stockFrom.AddDate(1, 0, 0)
)

// take returns n offers, the same in every run.
func (s *stock) take(n int) ([]stocked, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.offers) < n {
		id := offer.NewID()
		pass, err := s.issuer.Issue(offer.Pass{ID: id, Campaign: campaignName, IssuedAt: stockFrom, NotAfter: stockUntil})
		if err != nil {
			return nil, err
		}
		s.offers = append(s.offers, stocked{id, pass, id.Code()})
	}
	return s.offers[:n], nil
}

// accept puts the offers into a backend's store as if devices had accepted them.
func (s *stock) accept(ctx context.Context, st store.Store, offers []stocked) error {
	return st.Update(ctx, func(tx store.Tx) error {
		for _, o := range offers {
			err := tx.AddOffer(store.Offer{
				ID: o.id, Campaign: campaignName, Accepted: stockFrom.UnixMilli(), NotBefore: stockFrom.UnixMilli(),
				NotAfter: stockUntil.UnixMilli(),
				MaxUses:  1, Pass: o.pass,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// accepted fills a world's passes from a stock, every second one as a short code, which is checked without a signature.
func (w *world) accepted(t *testing.T, from *stock, n int) {
	t.Helper()
	offers, err := from.take(n)
	require.NoError(t, err)
	require.NoError(t, from.accept(t.Context(), w.store, offers))
	w.keys = []offer.Key{from.issuer.Key()}
	for i, o := range offers {
		if i%2 == 0 {
			w.passes = append(w.passes, o.pass)
		} else {
			w.passes = append(w.passes, o.code)
		}
	}
}
