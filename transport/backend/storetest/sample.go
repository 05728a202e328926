package storetest

import (
	"crypto/ed25519"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/rows"
	"github.com/offlane/offlane/transport/wire"
)

// sample is one row of each kind with every field set, the same in every run: what the golden files of the formats are made from.
type sample struct {
	campaign wire.Campaign
	code     rows.Code
	terminal rows.Terminal
	offer    rows.Offer
	entries  []rows.Entry
}

func newSample() sample {
	place := record.Place{Merchant: "shop.example", Store: "Z\u00fcrich", Lane: "7"}
	money := record.Money{Amount: 250, Currency: "CHF"}
	id, voided := record.ID{4}, record.ID{5}
	first := &record.First{Record: record.ID{6}, Place: place, Redeemed: 1793491200000, Committed: 1793491300000}
	entry := rows.Entry{
		ID: id, Raw: []byte{1, 2, 3}, Hash: record.Hash{7}, Terminal: record.TerminalID{2}, Kind: record.Redemption, Offer: offer.ID{3}, Campaign: "coffee",
		Place: place, Day: "2026-11-01", Given: money, Delay: 3600, Voided: voided,
		Verdict: record.Verdict{Version: record.Version, Number: 1, Record: id, Hash: record.Hash{7}, Status: record.Confirmed, Judged: 1793491400000},
	}
	second := entry
	second.ID, second.Voided, second.Delay = record.ID{8}, record.ID{}, 0
	second.Verdict = record.Verdict{Version: record.Version, Number: 2, Record: second.ID, Hash: record.Hash{7}, Status: record.Duplicate,
		Reason: fault.RedeemedElsewhere, Detail: "store Z\u00fcrich, lane 7 was booked first", First: first, Judged: 1793491500000}
	use := rows.Use{Record: id, Terminal: record.TerminalID{2}, Place: place, Redeemed: 1793491200000, Committed: 1793491400000, Given: money}
	return sample{
		campaign: wire.Campaign{
			ID: "coffee", Merchant: "shop.example", Title: "A free coffee", Text: "One cup.", Category: "drinks",
			Terms: terms.Terms{Kind: terms.AmountOff, Currency: "CHF", Amount: 250}, Partners: []string{"m-2"}, Stores: []string{"Z\u00fcrich"}, Starts: 1, Ends: 2, ValidSeconds: 3, NotAfter: 4,
			Uses: 2, OfflineUses: 1, Limit: 10, Budget: 1000, Coupon: "9501234567891",
			FollowUps: []wire.FollowUp{{Campaign: "cake", Merchant: "m-2", Category: "food", Ad: &wire.Ad{ID: "a", Title: "Ad", Text: "T", Link: "https://shop.example/"}, Priority: 1, From: 5, Until: 6}},
			State:     wire.Active, Created: 7, Revoked: 8, Accepted: 9,
		},
		code: rows.Code{Hash: rows.HashOf("code"), Text: "ABCD", Merchant: "shop.example", Store: "Z\u00fcrich", Terminals: 3, Used: 1, Expires: 10},
		terminal: rows.Terminal{
			ID: record.TerminalID{2}, Key: make(ed25519.PublicKey, ed25519.PublicKeySize), Former: []rows.FormerKey{{Key: make(ed25519.PublicKey, ed25519.PublicKeySize), Last: 11}},
			Place: place, Token: rows.HashOf("token"), Code: rows.HashOf("code"), TokenEnds: 12, Enrolled: 13, LastReport: 14, Waiting: 15, LastVerdict: 2,
			Chains: []rows.Chain{{ID: record.ChainID{9}, Runs: []rows.Run{{First: 1, Last: 2, Prev: record.Hash{1}, Head: record.Hash{7}}}, Lost: []record.Range{{First: 3, Last: 4}}, Forked: true}},
		},
		offer: rows.Offer{
			ID: offer.ID{3}, Alias: "255:9501234567891123", Campaign: "coffee", Device: rows.HashOf("device"), Accepted: 1793487600000, NotBefore: 1793487600000,
			NotAfter: 1801263600000, MaxUses: 1, Revoked: 16, Personal: 17, Pass: "OL1:PASS", Uses: []rows.Use{use}, Owed: []rows.Use{use},
		},
		entries: []rows.Entry{entry, second, {ID: record.ID{10}, Terminal: record.TerminalID{2}, Place: record.Place{Merchant: "shop.example"}, Voided: voided, Parts: []record.ID{{11}, {12}}}},
	}
}

// WriteSample writes one row of each kind into an empty store. What a store then holds is what its golden file shows.
func WriteSample(t testing.TB, store backend.Store) {
	t.Helper()
	s := newSample()
	update(t, store, func(tx backend.Tx) error {
		bare := s.offer
		bare.Uses, bare.Owed, bare.Revoked = nil, nil, 0
		return errors.Join(tx.PutSetting("key 1", []byte{1, 2}), tx.PutCampaign(s.campaign), tx.PutCode(s.code), tx.PutTerminal(s.terminal), tx.AddOffer(bare))
	})
	update(t, store, func(tx backend.Tx) error {
		_, err := tx.Offers([]offer.ID{s.offer.ID}, nil)
		return errors.Join(err, tx.PutOffers([]rows.Offer{s.offer}), tx.PutEntries(s.entries), tx.AddShown("coffee", "2026-11-01", 3))
	})
}

// ReadSample reads what WriteSample wrote, with this program or with another release.
func ReadSample(t testing.TB, store backend.Store) {
	t.Helper()
	s := newSample()
	view(t, store, func(tx backend.Tx) error {
		setting, err := tx.Setting("key 1")
		require.NoError(t, err)
		assert.Equal(t, []byte{1, 2}, setting)
		campaign, err := tx.Campaign("coffee")
		require.NoError(t, err)
		assert.Equal(t, &s.campaign, campaign)
		code, err := tx.Code(s.code.Hash)
		require.NoError(t, err)
		assert.Equal(t, &s.code, code)
		terminal, err := tx.TerminalByToken(s.terminal.Token)
		require.NoError(t, err)
		assert.Equal(t, &s.terminal, terminal)
		offers, err := tx.Offers(nil, []string{s.offer.Alias})
		require.NoError(t, err)
		assert.Equal(t, []rows.Offer{s.offer}, offers)
		entries, err := tx.Entries([]record.ID{s.entries[0].ID, s.entries[1].ID, s.entries[2].ID})
		require.NoError(t, err)
		assert.ElementsMatch(t, s.entries, entries)
		verdicts, err := tx.Verdicts(s.terminal.ID, 0, 10)
		require.NoError(t, err)
		assert.Equal(t, []record.Verdict{s.entries[0].Verdict, s.entries[1].Verdict}, verdicts)
		receipts, err := tx.Redemptions("shop.example", []record.Receipt{s.entries[0].ID.Receipt()})
		require.NoError(t, err)
		assert.Len(t, receipts, 1)
		marked := 0
		require.NoError(t, tx.MarkedOffers(0, func(rows.Offer) error { marked++; return nil }))
		assert.Equal(t, 1, marked)
		tallies, err := tx.Tallies([]string{"coffee"}, "", "")
		var accepted, redeemed, duplicates, shown int64
		for _, tally := range tallies {
			accepted, redeemed, duplicates, shown = accepted+tally.Accepted, redeemed+tally.Redeemed, duplicates+tally.Duplicates, shown+tally.Shown
		}
		assert.Equal(t, []int64{1, 1, 1, 3}, []int64{accepted, redeemed, duplicates, shown})
		return err
	})
}
