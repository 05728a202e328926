package offer_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/veraison/go-cose"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
)

var issued = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// newIssuer makes the same key from the same seed; the private keys here sign nothing but tests.
func newIssuer(name, keyID string, seed byte) offer.Issuer {
	return offer.Issuer{Name: name, KeyID: keyID, Private: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))}
}

var house = newIssuer("offers.example", "2026-11", 1)

func samplePass() offer.Pass {
	return offer.Pass{
		ID: sample, Owner: "bakery", Audience: []string{"bakery"}, Stores: []string{"north", "south"}, Campaign: "autumn",
		IssuedAt: issued, NotBefore: issued.Add(time.Hour), NotAfter: issued.AddDate(0, 1, 0),
		Uses: 3, OfflineUses: 2,
		Terms: terms.Terms{Kind: terms.AmountOff, Amount: 250, Currency: "EUR", MinSpend: 1000},
	}
}

func issue(t testing.TB, issuer offer.Issuer, pass offer.Pass) string {
	t.Helper()
	text, err := issuer.Issue(pass)
	require.NoError(t, err)
	return text
}

func keysOf(t testing.TB, keys ...offer.Key) offer.Keys {
	t.Helper()
	set, err := offer.NewKeys(keys...)
	require.NoError(t, err)
	return set
}

func TestAPassSaysWhatItsIssuerSaid(t *testing.T) {
	everywhere := samplePass()
	everywhere.Audience, everywhere.Stores, everywhere.Campaign, everywhere.Terms = nil, nil, "", terms.Terms{}
	everywhere.NotBefore, everywhere.Uses, everywhere.OfflineUses = time.Time{}, 0, 0
	several := samplePass()
	several.Audience = []string{"bakery", "café"}
	foreign := samplePass()
	foreign.Owner = "mill"
	everywhere.Owner = ""
	for name, pass := range map[string]offer.Pass{
		"full": samplePass(), "bare": everywhere, "two merchants": several, "another's": foreign,
	} {
		t.Run(name, func(t *testing.T) {
			presented, err := offer.Parse("]Q1" + issue(t, house, pass))
			require.NoError(t, err)
			pass.Issuer, pass.KeyID = house.Name, house.KeyID
			assert.Equal(t, pass, *presented.Pass)
			assert.Equal(t, offer.SignedPass, presented.Dress)
			assert.Equal(t, pass.ID, presented.ID)
			assert.True(t, presented.Identifies(), "a pass identifies its offer")
			assert.NoError(t, presented.Verify(keysOf(t, house.Key())))
		})
	}
}

func TestVerifyTellsWhyNot(t *testing.T) {
	key := house.Key()
	late, early := key, key
	late.NotBefore, early.NotAfter = issued.Add(time.Second), issued
	otherKey, otherIssuer := newIssuer(house.Name, house.KeyID, 2), newIssuer("rival.example", house.KeyID, 1)
	for name, test := range map[string]struct {
		keys offer.Keys
		code fault.Code
	}{
		"no keys":                {offer.Keys{}, fault.UnknownIssuer},
		"another key id":         {keysOf(t, newIssuer(house.Name, "2026-12", 1).Key()), fault.UnknownIssuer},
		"another issuer":         {keysOf(t, otherIssuer.Key()), fault.UnknownIssuer},
		"another key":            {keysOf(t, otherKey.Key()), fault.Forged},
		"key not yet in force":   {keysOf(t, late), fault.IssuerKeyExpired},
		"key no longer in force": {keysOf(t, early), fault.IssuerKeyExpired},
	} {
		t.Run(name, func(t *testing.T) {
			presented, err := offer.Parse(issue(t, house, samplePass()))
			require.NoError(t, err)
			assert.ErrorIs(t, presented.Verify(test.keys), test.code)
		})
	}
	presented, err := offer.Parse(sample.Code())
	require.NoError(t, err)
	assert.ErrorIs(t, presented.Verify(keysOf(t, key)), fault.Unproven)
	assert.ErrorIs(t, offer.Presented{}.Verify(keysOf(t, key)), fault.Unproven)
}

func TestKeysRotateWithOverlap(t *testing.T) {
	old, next := newIssuer(house.Name, "a", 1), newIssuer(house.Name, "b", 2)
	oldKey, nextKey := old.Key(), next.Key()
	oldKey.NotAfter, nextKey.NotBefore = issued.Add(time.Hour), issued.Add(-time.Hour)
	keys := keysOf(t, oldKey, nextKey, newIssuer("rival.example", "a", 3).Key())
	for _, issuer := range []offer.Issuer{old, next} {
		presented, err := offer.Parse(issue(t, issuer, samplePass()))
		require.NoError(t, err)
		assert.NoError(t, presented.Verify(keys))
	}
	listed := 0
	for key := range keys.All() {
		found, ok := keys.Find(key.Issuer, key.ID)
		assert.True(t, ok, "a listed key is found")
		assert.Equal(t, key, found)
		listed++
	}
	assert.Equal(t, 3, listed)
}

func TestKeysThatCannotBeAreRefused(t *testing.T) {
	good := house.Key()
	for name, change := range map[string]func(*offer.Key){
		"no id":          func(k *offer.Key) { k.ID = "" },
		"long id":        func(k *offer.Key) { k.ID = strings.Repeat("k", offer.MaxName+1) },
		"no issuer":      func(k *offer.Key) { k.Issuer = "" },
		"short key":      func(k *offer.Key) { k.Public = k.Public[1:] },
		"empty time":     func(k *offer.Key) { k.NotBefore, k.NotAfter = issued, issued },
		"the same twice": func(*offer.Key) {},
	} {
		t.Run(name, func(t *testing.T) {
			bad := good
			change(&bad)
			_, err := offer.NewKeys(good, bad)
			assert.ErrorIs(t, err, fault.InvalidRequest)
		})
	}
}

func TestIssueRefusesWhatContradictsItself(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*offer.Pass)
		code   fault.Code
	}{
		"no identifier":     {func(p *offer.Pass) { p.ID = offer.ID{} }, fault.InvalidRequest},
		"no time of issue":  {func(p *offer.Pass) { p.IssuedAt = time.Time{} }, fault.InvalidRequest},
		"no end":            {func(p *offer.Pass) { p.NotAfter = time.Time{} }, fault.InvalidRequest},
		"ends early":        {func(p *offer.Pass) { p.NotAfter = p.NotBefore }, fault.InvalidRequest},
		"a nameless store":  {func(p *offer.Pass) { p.Stores = []string{""} }, fault.InvalidRequest},
		"a merchant twice":  {func(p *offer.Pass) { p.Audience = []string{"a", "a"} }, fault.InvalidRequest},
		"long campaign":     {func(p *offer.Pass) { p.Campaign = strings.Repeat("c", 65) }, fault.InvalidRequest},
		"less than no uses": {func(p *offer.Pass) { p.Uses = -1 }, fault.InvalidRequest},
		"more uses offline": {func(p *offer.Pass) { p.Uses, p.OfflineUses = 1, 2 }, fault.InvalidRequest},
		"too large": {func(p *offer.Pass) {
			p.Stores = []string{strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 64)}
		}, fault.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			pass := samplePass()
			test.change(&pass)
			_, err := house.Issue(pass)
			assert.ErrorIs(t, err, test.code)
		})
	}
	_, err := offer.Issuer{Name: "x", KeyID: "y"}.Issue(samplePass())
	assert.ErrorIs(t, err, fault.InvalidRequest, "an issuer without a key")
}

func TestWhoMayRedeemAndWhen(t *testing.T) {
	pass := samplePass()
	assert.NoError(t, pass.MayRedeem("bakery", "north"))
	assert.ErrorIs(t, pass.MayRedeem("butcher", "north"), fault.OtherMerchant)
	assert.ErrorIs(t, pass.MayRedeem("bakery", "west"), fault.OtherStore)
	assert.NoError(t, offer.Pass{}.MayRedeem("anyone", ""))
	assert.Equal(t, 3, pass.MaxUses())
	assert.Equal(t, 2, pass.MaxOfflineUses())
	assert.Equal(t, 1, offer.Pass{}.MaxUses())
}

func TestEveryFlippedBitOfAPassIsRefused(t *testing.T) {
	keys := keysOf(t, house.Key())
	text := issue(t, house, samplePass())
	data, err := offer.DecodeBase45(text[len("OL1:"):])
	require.NoError(t, err)
	reasons := map[fault.Code]int{}
	for bit := range len(data) * 8 {
		flipped := bytes.Clone(data)
		flipped[bit/8] ^= 1 << (bit % 8)
		err := verify("OL1:"+offer.EncodeBase45(flipped), keys)
		require.Error(t, err, "bit %d", bit)
		require.NotEmpty(t, fault.CodeOf(err))
		require.NotErrorIs(t, err, fault.Internal)
		reasons[fault.CodeOf(err)]++
	}
	t.Logf("%d bits: %v", len(data)*8, reasons)
}

func TestEveryShortenedPassIsRefused(t *testing.T) {
	keys := keysOf(t, house.Key())
	text := issue(t, house, samplePass())
	for n := range len(text) {
		require.Error(t, verify(text[:n], keys), "%d characters", n)
	}
	require.ErrorIs(t, verify(text+"00", keys), fault.Malformed, "a byte too many")
}

func verify(text string, keys offer.Keys) error {
	presented, err := offer.Parse(text)
	if err != nil {
		return err
	}
	return presented.Verify(keys)
}

func TestSealedForOnePurposeDoesNotOpenForAnother(t *testing.T) {
	keys := keysOf(t, house.Key())
	payload := []byte{0xa0}
	data, err := house.Seal("application/x-test", payload)
	require.NoError(t, err)
	opened, key, err := keys.Open("application/x-test", data)
	require.NoError(t, err)
	assert.Equal(t, payload, opened)
	assert.Equal(t, house.Key(), key)
	_, _, err = keys.Open("application/x-other", data)
	assert.ErrorIs(t, err, fault.Malformed)
	_, _, err = offer.Keys{}.Open("application/x-test", data)
	assert.ErrorIs(t, err, fault.UnknownIssuer)
	_, _, err = keysOf(t, newIssuer(house.Name, house.KeyID, 9).Key()).Open("application/x-test", data)
	assert.ErrorIs(t, err, fault.Forged)
	assert.Error(t, verify("OL1:"+offer.EncodeBase45(data), keys), "it is no pass")
	_, err = house.Seal("", payload)
	assert.ErrorIs(t, err, fault.InvalidRequest)
}

// Every pass that is issued is read in the quick way, and as the libraries read it.
func TestPassesAreReadQuickly(t *testing.T) {
	several := samplePass()
	several.Audience, several.Stores = []string{"bakery", "café"}, nil
	worth := samplePass()
	worth.Terms = terms.Terms{
		Kind: terms.PercentOff, Percent: 1250, Currency: "EUR", MinSpend: 70_000, MinQuantity: 2500,
		MaxQuantity: terms.Items(3), Unit: terms.Litre, Cap: 5_000_000_000,
		Products: []string{"4006381333931", "96385074"}, Combinable: true,
	}
	for name, pass := range map[string]offer.Pass{"bare": barePass(), "full": samplePass(), "long": longPass(),
		"two merchants": several, "terms": worth} {
		data, err := offer.DecodeBase45(issue(t, house, pass)[len("OL1:"):])
		require.NoError(t, err)
		quick, ok := offer.ReadPlain(data)
		require.True(t, ok, name)
		thorough, ok := offer.ReadAny(data)
		require.True(t, ok, name)
		assert.Equal(t, thorough, quick, name)

		var message cose.Sign1Message
		require.NoError(t, message.UnmarshalCBOR(data))
		verifier, err := cose.NewVerifier(cose.AlgorithmEdDSA, house.Key().Public)
		require.NoError(t, err)
		assert.NoError(t, message.Verify(nil, verifier), "go-cose says so too")
	}
}

// One bit changed anywhere in a pass: the quick way takes nothing that the thorough one refuses.
func TestPassWithABitChangedIsReadAlikeInBothWays(t *testing.T) {
	data, err := offer.DecodeBase45(issue(t, house, longPass())[len("OL1:"):])
	require.NoError(t, err)
	for bit := range 8 * len(data) {
		changed := bytes.Clone(data)
		changed[bit/8] ^= 1 << (bit % 8)
		readAlike(t, changed)
	}
}
