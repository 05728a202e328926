package storesuite

import (
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// redemptions is among how many redeemed offers Match looks.
var redemptions = flag.Int("redemptions", 20_000,
	"among how many redeemed offers a device is matched, and how many the large campaign has of which offers are accepted")

// held is how many identifiers a device presents.
const held = 20

// redeemedOffer is offer number n of the benchmark, with its redemption.
func redeemedOffer(n int) store.Offer {
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], uint64(n))
	var id offer.ID
	rand.NewChaCha8(seed).Read(id[:])
	return store.Offer{
		ID: id, Campaign: "c", Device: store.HashOf("device"), Accepted: 1793487600000, NotBefore: 1793487600000,
		NotAfter: 1801263600000, MaxUses: 1,
		Pass: string(make([]byte, 300)),
		Uses: []store.Use{{Record: record.ID(id), Place: record.Place{Merchant: "m", Store: "s", Lane: "1"},
			Redeemed: 1793487700000, Committed: 1793487800000}},
	}
}

// Match matches devices of 20 identifiers with the redeemed offers of a store and with a bare query by turns, and
// reports the 99th percentile of the store's times as a multiple of the bare query's. fill puts offers into the empty
// store.
func Match(b *testing.B, st store.Store, fill func(n int, nth func(int) store.Offer) error,
	bare func([]offer.ID) error) {
	if err := fill(*redemptions, redeemedOffer); err != nil {
		b.Fatal(err)
	}
	var ours, theirs []time.Duration
	draw := func() (ids []offer.ID) {
		for range held {
			ids = append(ids, redeemedOffer(rand.IntN(*redemptions)).ID)
		}
		return ids
	}
	hash := store.HashOf("device")
	for b.Loop() {
		ids := draw()
		start := time.Now()
		err := st.View(b.Context(), func(tx store.Tx) error {
			offers, err := tx.Offers(ids, nil)
			if i := slices.IndexFunc(offers, func(o store.Offer) bool { return o.Device != hash || len(o.Uses) != 1 }); i >= 0 ||
				len(offers) == 0 {
				b.Fatal("an offer was not matched")
			}
			return err
		})
		ours = append(ours, time.Since(start))
		if err != nil {
			b.Fatal(err)
		}
		ids = draw()
		start = time.Now()
		err = bare(ids)
		theirs = append(theirs, time.Since(start))
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(percentile(ours, 99))/float64(percentile(theirs, 99)), "p99×bare")
	b.ReportMetric(float64(percentile(ours, 99).Microseconds()), "p99-µs")
	b.ReportMetric(float64(percentile(theirs, 99).Microseconds()), "bare-p99-µs")
}
