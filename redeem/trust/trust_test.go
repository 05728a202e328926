package trust_test

import (
	"bytes"
	"crypto/ed25519"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

var update = flag.Bool("update", false, "write the golden files anew")

const merchant = "shop.example"

var made = time.UnixMilli(1_790_000_000_123).UTC()

func newIssuer(name, id string, seed byte) offer.Issuer {
	return offer.Issuer{Name: name, KeyID: id, Private: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed},
		ed25519.SeedSize))}
}

var (
	backend = newIssuer("backend.example", "root-1", 1)
	brand   = newIssuer("brand.example", "2026-10", 2)
	roots   = keysOf(backend.Key())
)

func keysOf(keys ...offer.Key) offer.Keys {
	set, err := offer.NewKeys(keys...)
	if err != nil {
		panic(err)
	}
	return set
}

// ids returns n identifiers that begin with kind and are all different, the same each time.
func ids(kind byte, n int) []offer.ID {
	all := make([]offer.ID, n)
	for i := range all {
		all[i] = offer.ID{kind, byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}
	}
	return all
}

func filterOf(t testing.TB, offers trust.Offers) trust.Filter {
	t.Helper()
	f, err := trust.NewFilter(offers)
	require.NoError(t, err)
	return f
}

func sample(t testing.TB) trust.Bundle {
	key := brand.Key()
	key.NotAfter = made.AddDate(1, 0, 0)
	return trust.Bundle{
		Sequence: 7, Merchant: merchant, Made: made,
		Salt: trust.Salt{5}, Keys: []offer.Key{key}, Roots: []offer.Key{newIssuer("backend.example", "root-2", 3).Key()},
		Revoked:          trust.Offers{IDs: []offer.ID{{9}, {3}, {9}}, Aliases: []string{"255:95012345678931"}},
		RevokedCampaigns: []string{"winter", "autumn"},
		Campaigns: []trust.Campaign{
			{Name: "spring", Prefixes: []string{"255:9501234567893"}, Stores: []string{"north"}, NotBefore: made,
				NotAfter: made.AddDate(0, 3, 0),
				Terms:    terms.Terms{Kind: terms.PercentOff, Percent: 1000},
				Unproven: trust.Allowance{Number: 20, Value: 5000, Currency: "EUR"}, Offline: trust.Allowance{Number: 200}},
			{Name: "theirs", Owner: "brand.example", Title: "A cup"},
			{Unproven: trust.Allowance{Number: 1}},
			{Name: "printed", Prefixes: []string{"255:9501234567886"},
				Layout: offer.Layout{Serials: []int{0, 12}, AIs: []string{"17", "390n"}, MaxAmount: 500}},
		},
		Agreements: []trust.Agreement{
			{Owner: "brand.example"},
			{Owner: "mill.example", Campaigns: []string{"bread", "flour"}, Ended: made},
			{Owner: "dairy.example", Ended: made.Add(-time.Hour), Stopped: true},
		},
		Spent:      filterOf(t, trust.Offers{IDs: ids(1, 3), Aliases: []string{"255:95012345678939999"}}),
		Correction: 5, Withdrawals: []trust.Withdrawal{{Number: 5, From: made, Until: made.Add(time.Hour)}},
		Lanes: []trust.Lane{
			{Terminal: [16]byte{2}, Store: "south", Name: "1", Key: laneKey(2), OutOfService: true},
			{Terminal: [16]byte{1}, Store: "south", Name: "2", Key: laneKey(1), MayHost: true},
			{Terminal: [16]byte{3}, Store: "north", Name: "1", Key: laneKey(3), MayHost: true},
		},
	}
}

func laneKey(n byte) ed25519.PublicKey {
	return newIssuer("lane", "k", n).Private.Public().(ed25519.PublicKey)
}

func sign(t testing.TB, b trust.Bundle) []byte {
	t.Helper()
	data, err := trust.Sign(b, backend)
	require.NoError(t, err)
	return data
}

func verified(t testing.TB, data []byte) *trust.Bundle {
	t.Helper()
	b, err := trust.Verify(data, roots)
	require.NoError(t, err)
	return b
}

func TestBundleSaysWhatWasSigned(t *testing.T) {
	want := sample(t)
	data := sign(t, want)
	got := verified(t, data)
	assert.Equal(t, uint64(7), got.Sequence)
	assert.Equal(t, merchant, got.Merchant)
	assert.Equal(t, made, got.Made)
	assert.Equal(t, want.Keys, got.Keys)
	assert.Equal(t, want.Roots, got.Roots)
	assert.Equal(t, trust.Salt{5}, got.Salt)
	assert.Zero(t, got.Revoked, "hashes are signed, no names")
	assert.Equal(t, []string{"autumn", "winter"}, got.RevokedCampaigns)
	assert.Equal(t, data, got.Data())
	assert.Equal(t, 4, got.Spent.Len())
	issuers := got.Keys
	assert.True(t, slices.ContainsFunc(issuers, func(k offer.Key) bool {
		return k.Issuer == "brand.example" && k.ID == "2026-10"
	}), "the bundle has the key")
	spring, ok := got.Campaign("spring")
	assert.True(t, ok, "the bundle has it")
	assert.Equal(t, want.Campaigns[0], spring)
	nameless, ok := got.Campaign("")
	assert.True(t, ok, "the bundle has it")
	assert.Equal(t, want.Campaigns[2], nameless)
	assert.NotZero(t, want.Campaigns[3].Layout)
	assert.Equal(t, want.Campaigns[3].Layout, got.LayoutOf("255:9501234567886123456789012"))
	assert.Zero(t, got.LayoutOf("255:4012345000009"), "no campaign has this number")
	assert.Zero(t, (*trust.Bundle)(nil).LayoutOf("255:9501234567886123456789012"), "without a bundle nothing is known")
	assert.Equal(t, want.Agreements, got.Agreements)
	assert.Equal(t, uint64(5), got.Correction)
	assert.Equal(t, want.Withdrawals, got.Withdrawals)
	assert.Equal(t, []trust.Lane{want.Lanes[1], want.Lanes[0]}, got.LanesOf("south"), "in the order of their ids")
	assert.Equal(t, []trust.Lane{want.Lanes[2]}, got.LanesOf("north"))
	assert.Empty(t, got.LanesOf("east"), "a store without a hub")
	_, ok = got.Campaign("summer")
	assert.False(t, ok, "the bundle has none")
}

func TestLookUps(t *testing.T) {
	b := verified(t, sign(t, sample(t)))
	assert.True(t, b.IsRevoked(offer.ID{9}, "", ""), "by identifier")
	assert.True(t, b.IsRevoked(offer.ID{}, "255:95012345678931", ""), "by GS1 number")
	assert.True(t, b.IsRevoked(offer.ID{8}, "255:1", "winter"), "by campaign")
	assert.False(t, b.IsRevoked(offer.ID{8}, "255:1", "spring"), "of another campaign")
	assert.False(t, b.IsRevoked(offer.ID{}, "", ""), "nothing is not revoked")
	assert.True(t, b.MaySpent(ids(1, 3)[2], ""), "spent, by identifier")
	assert.True(t, b.MaySpent(offer.ID{}, "255:95012345678939999"), "spent, by GS1 number")
	assert.False(t, b.MaySpent(offer.ID{}, ""), "nothing is not spent")
	spring, ok := b.CampaignOf("255:950123456789312")
	assert.True(t, ok, "the bundle has it")
	assert.Equal(t, "spring", spring.Name)
	_, ok = b.CampaignOf("255:96")
	assert.False(t, ok, "the bundle has none")
	_, ok = b.CampaignOf("")
	assert.False(t, ok, "the bundle has none")
}

func TestOffersOfOthersAreAgreedUpon(t *testing.T) {
	for name, test := range map[string]struct {
		owner, campaign string
		issued          time.Time
		agreed, stopped bool
	}{
		"all campaigns":             {"brand.example", "any", made, true, false},
		"no campaign":               {"brand.example", "", made, true, false},
		"another owner":             {"rival.example", "any", made, false, false},
		"a named campaign, before":  {"mill.example", "bread", made.Add(-time.Millisecond), true, false},
		"at the end":                {"mill.example", "bread", made, false, false},
		"without a moment of issue": {"mill.example", "flour", time.Time{}, true, false},
		"another campaign":          {"mill.example", "cake", time.Time{}, false, false},
		"one without a name":        {"mill.example", "", time.Time{}, false, false},
		"stopped":                   {"dairy.example", "milk", made.AddDate(-1, 0, 0), false, true},
	} {
		agreed, stopped := verified(t, sign(t, sample(t))).Agreed(test.owner, test.campaign, test.issued)
		assert.Equal(t, [2]bool{test.agreed, test.stopped}, [2]bool{agreed, stopped}, name)
	}
	again := sample(t)
	again.Agreements = append(again.Agreements, trust.Agreement{Owner: "dairy.example"})
	agreed, stopped := verified(t, sign(t, again)).Agreed("dairy.example", "milk", made)
	assert.Equal(t, [2]bool{true, false}, [2]bool{agreed, stopped}, "there is a new one")
}

func TestLongestPrefixDecidesTheCampaign(t *testing.T) {
	b := sample(t)
	b.Campaigns = []trust.Campaign{{Name: "a", Prefixes: []string{"255:95"}},
		{Name: "b", Prefixes: []string{"8112:", "255:9501"}}, {Name: "c"}}
	got := verified(t, sign(t, b))
	for alias, want := range map[string]string{"255:95011": "b", "255:9502": "a", "8112:1": "b"} {
		campaign, ok := got.CampaignOf(alias)
		assert.True(t, ok, "the bundle has it")
		assert.Equal(t, want, campaign.Name, alias)
	}
}

func TestEveryFlippedBitIsRefusedAndTheBetterOneStays(t *testing.T) {
	have := verified(t, sign(t, sample(t)))
	newer := sample(t)
	newer.Sequence++
	data := sign(t, newer)
	step := 5 // which meets each bit of a byte
	if *trust.Long {
		step = 1
	}
	for bit := 0; bit < len(data)*8; bit += step {
		flipped := bytes.Clone(data)
		flipped[bit/8] ^= 1 << (bit % 8)
		got, err := trust.Accept(have, flipped, roots, merchant)
		require.Error(t, err, "bit %d", bit)
		require.NotErrorIs(t, err, fault.Internal)
		require.NotEmpty(t, fault.CodeOf(err))
		require.Nil(t, got)
	}
	for n := range data {
		_, err := trust.Accept(have, data[:n], roots, merchant)
		require.Error(t, err, "%d bytes", n)
	}
}

func TestAcceptKeepsTheBetterBundle(t *testing.T) {
	have := verified(t, sign(t, sample(t)))
	with := func(change func(*trust.Bundle)) []byte {
		b := sample(t)
		change(&b)
		return sign(t, b)
	}
	foreign, err := trust.Sign(sample(t), newIssuer("rival.example", "root-9", 9))
	require.NoError(t, err)
	impostor, err := trust.Sign(sample(t), newIssuer("backend.example", "root-1", 9))
	require.NoError(t, err)
	pass, err := backend.Seal("application/x-other", []byte{0xa0})
	require.NoError(t, err)
	for name, test := range map[string]struct {
		data []byte
		code fault.Code
	}{
		"older":       {with(func(b *trust.Bundle) { b.Sequence = 6 }), fault.RolledBack},
		"same number": {with(func(b *trust.Bundle) { b.Made = made.Add(time.Hour) }), fault.Conflict},
		"another merchant": {
			with(func(b *trust.Bundle) { b.Sequence, b.Merchant = 8, "other.example" }), fault.OtherMerchant,
		},
		"another signer":      {foreign, fault.UnknownIssuer},
		"another key":         {impostor, fault.Forged},
		"another purpose":     {pass, fault.Malformed},
		"too large":           {make([]byte, trust.MaxSize+1), fault.TooLarge},
		"nothing":             {nil, fault.Malformed},
		"something behind it": {append(with(func(b *trust.Bundle) { b.Sequence = 8 }), 0xa0), fault.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := trust.Accept(have, test.data, roots, merchant)
			assert.ErrorIs(t, err, test.code)
			assert.Nil(t, got)
		})
	}
	same, err := trust.Accept(have, bytes.Clone(have.Data()), roots, merchant)
	require.NoError(t, err)
	assert.Same(t, have, same)
	newer, err := trust.Accept(have, with(func(b *trust.Bundle) { b.Sequence = 8 }), roots, merchant)
	require.NoError(t, err)
	assert.Equal(t, uint64(8), newer.Sequence)
	first, err := trust.Accept(nil, have.Data(), roots, merchant)
	require.NoError(t, err)
	assert.Equal(t, uint64(7), first.Sequence)
}

func TestBundleIsSignedWithAKeyInForce(t *testing.T) {
	late := backend.Key()
	late.NotBefore = made.Add(time.Millisecond)
	_, err := trust.Verify(sign(t, sample(t)), keysOf(late))
	assert.ErrorIs(t, err, fault.IssuerKeyExpired)
}

func TestSignRefusesWhatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*trust.Bundle){
		"no sequence":        func(b *trust.Bundle) { b.Sequence = 0 },
		"no merchant":        func(b *trust.Bundle) { b.Merchant = "" },
		"bad merchant":       func(b *trust.Bundle) { b.Merchant = "\xff" },
		"no time":            func(b *trust.Bundle) { b.Made = time.Time{} },
		"a key twice":        func(b *trust.Bundle) { b.Keys = append(b.Keys, b.Keys...) },
		"a bad root":         func(b *trust.Bundle) { b.Roots[0].Public = nil },
		"zero identifier":    func(b *trust.Bundle) { b.Revoked.IDs = []offer.ID{{}} },
		"empty alias":        func(b *trust.Bundle) { b.Revoked.Aliases = []string{""} },
		"nameless campaign":  func(b *trust.Bundle) { b.RevokedCampaigns = []string{""} },
		"a campaign twice":   func(b *trust.Bundle) { b.Campaigns = append(b.Campaigns, b.Campaigns[0]) },
		"bad terms":          func(b *trust.Bundle) { b.Campaigns[0].Terms.Percent = -1 },
		"ends early":         func(b *trust.Bundle) { b.Campaigns[0].NotAfter = b.Campaigns[0].NotBefore },
		"empty prefix":       func(b *trust.Bundle) { b.Campaigns[0].Prefixes = []string{""} },
		"bad allowance":      func(b *trust.Bundle) { b.Campaigns[0].Offline = trust.Allowance{Number: -1} },
		"a long owner":       func(b *trust.Bundle) { b.Campaigns[0].Owner = strings.Repeat("x", offer.MaxName+1) },
		"no owner":           func(b *trust.Bundle) { b.Agreements[0].Owner = "" },
		"its own owner":      func(b *trust.Bundle) { b.Agreements[0].Owner = merchant },
		"nothing named":      func(b *trust.Bundle) { b.Agreements[1].Campaigns[0] = "" },
		"stopped, no end":    func(b *trust.Bundle) { b.Agreements[2].Ended = time.Time{} },
		"a later withdrawal": func(b *trust.Bundle) { b.Withdrawals[0].Number = 6 },
		"withdraws nothing":  func(b *trust.Bundle) { b.Withdrawals[0].Until = made },
		"many withdrawals": func(b *trust.Bundle) {
			b.Withdrawals = slices.Repeat(b.Withdrawals, trust.MaxWithdrawals+1)
		},
		"a lane twice":       func(b *trust.Bundle) { b.Lanes[1].Terminal = b.Lanes[0].Terminal },
		"a lane without id":  func(b *trust.Bundle) { b.Lanes[0].Terminal = [16]byte{} },
		"a lane without key": func(b *trust.Bundle) { b.Lanes[0].Key = nil },
		"a lane nowhere":     func(b *trust.Bundle) { b.Lanes[0].Store = "" },
		"a nameless lane":    func(b *trust.Bundle) { b.Lanes[0].Name = "" },
		"many lanes":         func(b *trust.Bundle) { b.Lanes = make([]trust.Lane, trust.MaxLanes+1) },
		"value of nothing":   func(b *trust.Bundle) { b.Campaigns[0].Offline = trust.Allowance{Value: 5} },
	} {
		t.Run(name, func(t *testing.T) {
			b := sample(t)
			change(&b)
			_, err := trust.Sign(b, backend)
			assert.ErrorIs(t, err, fault.InvalidRequest)
		})
	}
	_, err := trust.NewFilter(trust.Offers{IDs: []offer.ID{{}}})
	assert.ErrorIs(t, err, fault.InvalidRequest)
	b := sample(t)
	b.Revoked.IDs = ids(1, trust.MaxSize/16+1)
	_, err = trust.Sign(b, backend)
	assert.ErrorIs(t, err, fault.TooLarge)
}

func TestFilterHasAllThatWasPutIn(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 5, 10, 100, 1000, 10_000} {
		in := ids(1, n)
		f := filterOf(t, trust.Offers{IDs: append(slices.Clone(in), in...)})
		assert.Equal(t, n, f.Len(), "each once")
		for _, id := range in {
			require.True(t, f.Has(id, ""), "%d", n)
		}
		wrong := 0
		for _, id := range ids(2, 10_000) {
			if f.Has(id, "") {
				wrong++
			}
		}
		assert.Less(t, wrong, 10, "%d in it", n)
	}
	assert.False(t, trust.Filter{}.Has(offer.ID{1}, "255:1"), "a zero filter has nothing")
}

func TestBundleIsOfTheFormThatItsGoldenFileShows(t *testing.T) {
	const golden = "testdata/bundle-v1.cbor"
	if *update {
		require.NoError(t, os.WriteFile(golden, sign(t, sample(t)), 0o644))
	}
	data, err := os.ReadFile(golden)
	require.NoError(t, err)
	b := verified(t, data)
	want := sample(t)
	want.Spent = b.Spent // its salt is random
	again := sign(t, want)
	assert.Equal(t, data, again, "the form of bundles changed: replace the file with -update and say so")
	for _, id := range ids(1, 3) {
		assert.True(t, b.MaySpent(id, ""), "the identifier is spent")
	}
}
