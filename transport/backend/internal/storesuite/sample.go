package storesuite

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
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/internal/waits"
	"github.com/offlane/offlane/transport/backend/store"
)

// sample is one row of each kind with every field set, the same in every run: what the golden files of the formats are
// made from.
type sample struct {
	campaign store.Campaign
	code     store.Code
	terminal store.Terminal
	offer    store.Offer
	entries  []store.Entry
	waiting  store.Waiting
	flag     store.Flag
	device   store.Device
	access   access
}

// posting is what the entries count, and an accepted offer.
func (s sample) posting() *store.Posting {
	var p posting.Sums
	p.Add(store.Tally{Campaign: "coffee", Day: posting.DayOf(s.offer.Accepted), Currency: "CHF", Accepted: 1, Shown: 3}, 1)
	p.Owe("coffee", "CHF", "2027-03-01", 250)
	p.Settle(sampleSettlement())
	p.Measure(sampleMeasure())
	for i := range s.entries {
		p.Count(nil, &s.entries[i])
		if s.entries[i].Kind == record.Void {
			sampleOperator(&p, &s.entries[i])
		}
	}
	return p.Posting()
}

func samplePlace() record.Place {
	return record.Place{Merchant: "shop.example", Store: "Z\u00fcrich", Lane: "7"}
}

// sampleEntries are a redemption, another one of the same offer, and the void of the first.
func sampleEntries() []store.Entry {
	money := record.Money{Amount: 250, Currency: "CHF"}
	id, voided := record.ID{4}, record.ID{5}
	first := &record.First{Record: record.ID{6}, Place: samplePlace(), Redeemed: 1793491200000, Committed: 1793491300000}
	entry := store.Entry{
		ID: id, Raw: []byte{1, 2, 3}, Hash: record.Hash{7}, Terminal: record.TerminalID{2}, Kind: record.Redemption,
		Effect: posting.Gave,
		Offer:  offer.ID{3}, Campaign: "coffee", Place: samplePlace(), Day: "2026-11-01", Earliest: 1793491100000,
		Latest: 1793491200000, Given: money,
		TakenBack: 250, CorrectedBy: 7, Delay: 3600, Voided: voided,
		Verdict: record.Verdict{Version: record.Version, Number: 1, Record: id, Hash: record.Hash{7},
			Status: record.Confirmed, Judged: 1793491400000},
	}
	second := entry
	second.ID, second.Voided, second.Delay, second.TakenBack, second.Effect, second.CorrectedBy = record.ID{8},
		record.ID{}, 0, 0, posting.NoEffect, 0
	second.Verdict = record.Verdict{Version: record.Version, Number: 2, Record: second.ID, Hash: record.Hash{7},
		Status: record.Duplicate,
		Reason: fault.RedeemedElsewhere, Detail: "store Z\u00fcrich, lane 7 was booked first", First: first,
		Judged: 1793491500000}
	void := store.Entry{ID: voided, Raw: []byte{4}, Hash: record.Hash{8}, Terminal: record.TerminalID{2},
		Kind: record.Void, Effect: posting.TookBack,
		Offer: offer.ID{3}, Campaign: "coffee", Place: samplePlace(), Day: "2026-11-02", Earliest: 1, Latest: 2, Given: money}
	void.Verdict = record.Verdict{Version: record.Version, Number: 3, Record: voided, Hash: record.Hash{8},
		Status: record.Confirmed,
		Judged: 1793491600000, Booked: &money}
	return []store.Entry{entry, second, void}
}

func sampleTerminal() store.Terminal {
	place := samplePlace()
	return store.Terminal{
		ID: record.TerminalID{2}, Key: make(ed25519.PublicKey, ed25519.PublicKeySize),
		Former:     []store.FormerKey{{Key: make(ed25519.PublicKey, ed25519.PublicKeySize), Last: 11}},
		KeyChanged: 23, Places: []store.FormerPlace{{Place: place, Zone: "Europe/Berlin", Last: 2, Moved: 24}},
		Blocked: 25, Blocks: []store.Block{{From: 26, Until: 27}}, Notice: 28,
		MayHost: true, OutOfService: true,
		Place: place, Zone: "Europe/Zurich", Awaiting: 1, Beyond: 32,
		Flags: map[store.FlagKind]uint64{flags.Overlap: 1}, Token: store.HashOf("token"),
		Code: store.HashOf("code"), TokenEnds: 12, Enrolled: 13, LastReport: 14, Waiting: 15, LastVerdict: 2,
		Booked: 33, Forgets: 34, Forgot: 34, Ended: 35, Remembers: 36,
		Chains: []store.Chain{{ID: record.ChainID{9}, Runs: []store.Run{{First: 1, Last: 2, Prev: record.Hash{1},
			Head: record.Hash{7}}}, Lost: []record.Range{{First: 3, Last: 4}}, Aside: []record.Range{{First: 6, Last: 6}},
			LostFrom: 7, Forked: true}},
	}
}

func newSample() sample {
	entries := sampleEntries()
	first := &entries[0]
	use := store.Use{Record: first.ID, Terminal: first.Terminal, Place: first.Place, Products: []string{"9501101530003"},
		Earliest: 1793491100000,
		Redeemed: 1793491200000, Committed: 1793491400000, Given: first.Given}
	return sample{
		campaign: store.Campaign{
			ID: "coffee", Merchant: "shop.example", Currency: "CHF", AskBeyond: true, Title: "A free coffee", Text: "One cup.",
			Category: "drinks",
			Terms:    terms.Terms{Kind: terms.AmountOff, Currency: "CHF", Amount: 250}, Partners: []string{"m-2"},
			Stores: []string{"Z\u00fcrich"}, Starts: 1, Ends: 2, ValidSeconds: 3, NotAfter: 4,
			Language: "en", Words: map[string]store.Words{"de": {Title: "Ein Kaffee", Text: "Eine Tasse."}},
			Uses: 2, OfflineUses: 1, Limit: 10, PerDevice: 3, Budget: 1000, Reserve: true, Coupon: "9501234567891",
			FollowUps: []store.FollowUp{{Campaign: "cake", Merchant: "m-2", Category: "food", Store: "Z\u00fcrich",
				Product: "9501101530003", Times: 2, MinGiven: 3, Currency: "CHF", AfterDays: 4, WithinDays: 5, Repeat: true,
				Ad: &store.Ad{ID: "a", Title: "Ad", Text: "T", Words: map[string]store.Words{"de": {Title: "Anzeige"}},
					Link: "https://shop.example/"}, Priority: 1, From: 5, Until: 6,
				Cap: store.Cap{Times: 7, Days: 8, Total: 9}, CoolOffDays: 10, Reasons: map[string]string{"de": "Weil"}}},
			Holdout: store.Holdout{Percent: 60, Days: 61},
			State:   rules.Active, Created: 7, Revoked: 8, Accepted: 9,
		},
		code: store.Code{Hash: store.HashOf("code"), Merchant: "shop.example", Store: "Z\u00fcrich",
			Zone: "Europe/Zurich", Terminals: 3, Used: 1,
			Terminal: record.TerminalID{2}, Expires: 10, Blocked: 22},
		terminal: sampleTerminal(),
		offer: store.Offer{
			ID: offer.ID{3}, Alias: "255:9501234567891123", Campaign: "coffee", Device: store.HashOf("device"), Number: 40,
			Accepted: 1793487600000, NotBefore: 1793487600000,
			NotAfter: 1801263600000, MaxUses: 1, Revoked: 16, Recovered: 18, Pass: "OL1:PASS", Uses: []store.Use{use},
		},
		entries: entries,
		waiting: store.Waiting{Target: waits.TargetReceipt("shop.example", "X79NA-0B3W9"), Record: record.ID{10},
			Terminal: record.TerminalID{2},
			Received: 19, Until: 20, Stands: true},
		flag: store.Flag{Kind: flags.Overlap, Merchant: "shop.example", Record: entries[2].ID,
			Terminal: record.TerminalID{2}, At: 21, Detail: "look"},
		device: store.Device{Hash: store.HashOf("device"), Personal: store.Consent{At: 17, Text: "v1"},
			Measurement: store.Consent{At: 40, Text: "v2"}, Export: store.Consent{At: 41, Text: "v3"}, GPC: 42, Withdrew: true,
			Origin: "https://shop.example", Last: 1793487600000, Accepted: 1},
		access: sampleAccess(),
	}
}

// WriteSample writes one row of each kind into an empty store. What a store then holds is what its golden file shows.
func WriteSample(t testing.TB, st store.Store) {
	t.Helper()
	s := newSample()
	update(t, st, func(tx store.Tx) error {
		bare := s.offer
		bare.Uses, bare.Revoked = nil, 0
		return errors.Join(tx.PutSetting("key 1", []byte{1, 2}), tx.PutCampaign(s.campaign), tx.PutCode(s.code),
			tx.PutTerminal(s.terminal), tx.PutDevice(s.device),
			tx.AddOffer(bare))
	})
	update(t, st, func(tx store.Tx) error {
		_, err := tx.Offers([]offer.ID{s.offer.ID}, nil)
		return errors.Join(err, tx.PutOffers([]store.Offer{s.offer}), tx.PutEntries(s.entries), tx.AddWaiting(s.waiting),
			tx.AddFlag(s.flag), tx.PutAgreement(sampleAgreement()), tx.Post(s.posting()), s.access.write(tx),
			tx.PutBundle(sampleBundle()), tx.PutAnswers([]store.Answer{sampleAnswer()}), tx.PutShownInAll("coffee/0", 37),
			tx.PutClosing(sampleClosing()))
	})
}

// ReadSample reads what WriteSample wrote, with this program or with another release.
func ReadSample(t testing.TB, st store.Store) {
	t.Helper()
	s := newSample()
	view(t, st, func(tx store.Tx) error {
		s.access.read(t, tx)
		s.readParties(t, tx)
		s.readOffers(t, tx)
		s.readEntries(t, tx)
		readBundle(t, tx, sampleBundle())
		readAnswer(t, tx)
		readSettlement(t, tx)
		agreed, err := tx.Agreements("m-2")
		require.NoError(t, err)
		assert.Equal(t, []store.Agreement{sampleAgreement()}, agreed)
		s.readSums(t, tx)
		return nil
	})
}

func (s sample) readParties(t testing.TB, tx store.Tx) {
	t.Helper()
	setting, err := tx.Setting("key 1")
	require.NoError(t, err)
	assert.Equal(t, []byte{1, 2}, setting)
	campaign, err := tx.Campaign("coffee")
	require.NoError(t, err)
	assert.Equal(t, &s.campaign, campaign)
	code, err := tx.Code(s.code.Hash)
	require.NoError(t, err)
	assert.Equal(t, &s.code, code)
	terminal, err := tx.Terminal(s.terminal.ID)
	require.NoError(t, err)
	assert.Equal(t, &s.terminal, terminal)
	credentials, err := tx.Credentials(s.terminal.Token)
	require.NoError(t, err)
	assert.Equal(t, new(s.terminal.Credentials()), credentials)
}

func (s sample) readOffers(t testing.TB, tx store.Tx) {
	t.Helper()
	offers, err := tx.Offers(nil, []string{s.offer.Alias})
	require.NoError(t, err)
	assert.Equal(t, []store.Offer{s.offer}, offers)
	device, err := tx.Device(s.offer.Device)
	require.NoError(t, err)
	assert.Equal(t, &s.device, device)
	offers, err = tx.DeviceOffers(s.offer.Device, 0, 10)
	require.NoError(t, err)
	assert.Equal(t, []store.Offer{s.offer}, offers)
	marks, err := tx.Marks(store.Mark{}, 10)
	require.NoError(t, err)
	assert.Equal(t, []store.Mark{markOf(s.offer)}, sortedMarks(marks))
}

func (s sample) readEntries(t testing.TB, tx store.Tx) {
	t.Helper()
	entries, err := tx.Entries([]record.ID{s.entries[0].ID, s.entries[1].ID, s.entries[2].ID})
	require.NoError(t, err)
	assert.ElementsMatch(t, s.entries, entries)
	verdicts, err := tx.Verdicts(s.terminal.ID, 0, 10)
	require.NoError(t, err)
	assert.Equal(t, []record.Verdict{s.entries[0].Verdict, s.entries[1].Verdict, s.entries[2].Verdict}, verdicts)
	receipts, err := tx.Redemptions("shop.example", []record.Receipt{s.entries[0].ID.Receipt()})
	require.NoError(t, err)
	assert.Len(t, receipts, 1)
	waits, err := tx.Waiting([]store.Target{s.waiting.Target})
	require.NoError(t, err)
	assert.Equal(t, []store.Waiting{s.waiting}, waits)
	flagged, err := tx.Flags("shop.example", store.Flag{}, 10)
	require.NoError(t, err)
	assert.Equal(t, []store.Flag{s.flag}, flagged)
}

func (s sample) readSums(t testing.TB, tx store.Tx) {
	t.Helper()
	kept, err := tx.Ledger("coffee")
	require.NoError(t, err)
	line := posting.LedgerLine{Campaign: "coffee", Currency: "CHF", Accepted: 1, Given: 250, TakenBack: 250,
		Liability: 250}
	assert.Equal(t, []posting.LedgerLine{line}, posting.SumLedger("coffee", "2026-11-26", kept))
	tallies, err := tx.Tallies([]string{"coffee"}, "", "")
	require.NoError(t, err)
	var all posting.Sums
	for _, tally := range tallies {
		all.Add(tally, 1)
	}
	assert.Equal(t, s.posting().Tallies, all.Posting().Tallies)
	readOperators(t, tx, s.posting())
}
