package trust_test

import (
	"bytes"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
)

func sampleDelta() trust.Delta {
	return trust.Delta{
		Lanes: []trust.Lane{{Terminal: [16]byte{4}, Store: "north", Name: "2", Key: laneKey(4), MayHost: true}},
		Base:  7, Sequence: 9, Merchant: merchant, Made: made.Add(time.Hour), Salt: trust.Salt{5},
		Keys: []offer.Key{brand.Key(), newIssuer("brand.example", "2026-11", 4).Key()}, RevokedCampaigns: []string{"spring"},
		Campaigns: []trust.Campaign{{Name: "summer"}}, Agreements: []trust.Agreement{{Owner: "mill.example"}},
		Revoked: trust.Offers{IDs: []offer.ID{{5}}}, Restored: trust.Offers{IDs: []offer.ID{{3}}},
		Spent: trust.Offers{IDs: []offer.ID{{6}}, Aliases: []string{"8112:6"}}, GivenBack: trust.Offers{IDs: ids(1, 1)},
		Correction: 6, Withdrawals: []trust.Withdrawal{{Number: 6, From: made, Until: made.Add(2 * time.Hour)}},
	}
}

func signDelta(t testing.TB, d trust.Delta) []byte {
	t.Helper()
	data, err := trust.SignDelta(d, backend)
	require.NoError(t, err)
	return data
}

func TestDeltaChangesItsBase(t *testing.T) {
	base := verified(t, sign(t, sample(t)))
	data := signDelta(t, sampleDelta())
	b, err := trust.Accept(base, data, roots, merchant)
	require.NoError(t, err)
	assert.Equal(t, uint64(9), b.Sequence)
	assert.Equal(t, made.Add(time.Hour), b.Made)
	assert.Len(t, b.Keys, 2, "as many keys as the delta says")
	assert.Equal(t, uint64(6), b.Correction)
	assert.Equal(t, sampleDelta().Withdrawals, b.Withdrawals)
	assert.Equal(t, sampleDelta().Lanes, b.Lanes, "the delta's lanes stand in place of the base's")
	assert.True(t, b.IsRevoked(offer.ID{5}, "", ""), "revoked since")
	assert.False(t, b.IsRevoked(offer.ID{3}, "", ""), "restored since")
	assert.True(t, b.IsRevoked(offer.ID{9}, "", ""), "revoked before")
	assert.True(t, b.IsRevoked(offer.ID{}, "", "spring"), "the delta revokes the campaign")
	assert.False(t, b.IsRevoked(offer.ID{}, "", "winter"), "the delta gives the campaign back")
	assert.True(t, b.MaySpent(offer.ID{6}, ""), "spent since, by identifier")
	assert.True(t, b.MaySpent(offer.ID{}, "8112:6"), "spent since, by GS1 number")
	assert.True(t, b.MaySpent(ids(1, 2)[1], ""), "spent before")
	assert.False(t, b.MaySpent(ids(1, 1)[0], ""), "given back since")
	_, ok := b.Campaign("spring")
	assert.False(t, ok, "the delta drops the campaign")
	agreed, _ := b.Agreed("mill.example", "cake", made)
	assert.True(t, agreed, "agreed upon since")
	agreed, _ = b.Agreed("brand.example", "any", made)
	assert.False(t, agreed, "what the delta does not name is over")

	assert.Equal(t, uint64(7), base.Sequence, "the base is as it was")
	assert.True(t, base.MaySpent(ids(1, 1)[0], ""), "the base has it as spent")
	again := verified(t, b.Data())
	assert.Equal(t, b.Data(), again.Data(), "what is kept can be read again")
	assert.False(t, again.MaySpent(ids(1, 1)[0], ""), "the delta gives it back")
	same, err := trust.Accept(b, data, roots, merchant)
	require.NoError(t, err)
	assert.Same(t, b, same, "the same delta twice")
}

func TestOnlyTheNewestDeltaIsNeeded(t *testing.T) {
	base := verified(t, sign(t, sample(t)))
	first, second := sampleDelta(), sampleDelta()
	second.Sequence, second.Spent, second.GivenBack = 12, trust.Offers{IDs: []offer.ID{{8}}}, trust.Offers{}
	b, err := trust.Accept(base, signDelta(t, first), roots, merchant)
	require.NoError(t, err)
	b, err = trust.Accept(b, signDelta(t, second), roots, merchant)
	require.NoError(t, err)
	assert.True(t, b.MaySpent(offer.ID{8}, ""), "spent since")
	assert.False(t, b.MaySpent(offer.ID{6}, ""), "it counts from the base, not from the first delta")
	assert.True(t, b.MaySpent(ids(1, 1)[0], ""), "spent before")
	_, err = trust.Accept(b, signDelta(t, first), roots, merchant)
	assert.ErrorIs(t, err, fault.RolledBack)
	_, err = trust.Accept(b, base.Data(), roots, merchant)
	assert.ErrorIs(t, err, fault.RolledBack)
}

func TestDeltaThatDoesNotFitIsRefused(t *testing.T) {
	base := verified(t, sign(t, sample(t)))
	with := func(change func(*trust.Delta)) []byte {
		d := sampleDelta()
		change(&d)
		return signDelta(t, d)
	}
	foreign, err := trust.SignDelta(sampleDelta(), newIssuer("rival.example", "root-1", 9))
	require.NoError(t, err)
	for name, test := range map[string]struct {
		have *trust.Bundle
		data []byte
		code fault.Code
	}{
		"nothing at hand":  {nil, with(func(*trust.Delta) {}), fault.NotFound},
		"another base":     {base, with(func(d *trust.Delta) { d.Base = 8 }), fault.NotFound},
		"another merchant": {base, with(func(d *trust.Delta) { d.Merchant = "other.example" }), fault.OtherMerchant},
		"another signer":   {base, foreign, fault.Forged},
		"another salt":     {base, with(func(d *trust.Delta) { d.Salt = trust.Salt{6} }), fault.Malformed},
		"with another bundle": {
			nil, append(bytes.Clone(base.Data()), with(func(d *trust.Delta) { d.Base = 6 })...), fault.Malformed,
		},
		"two deltas": {
			base, slices.Concat(base.Data(), signDelta(t, sampleDelta()), signDelta(t, sampleDelta())), fault.Malformed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := trust.Accept(test.have, test.data, roots, merchant)
			assert.ErrorIs(t, err, test.code)
			assert.Nil(t, got)
		})
	}
}

func TestSignDeltaRefusesWhatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*trust.Delta){
		"no base":               func(d *trust.Delta) { d.Base = 0 },
		"before its base":       func(d *trust.Delta) { d.Sequence = 7 },
		"revoked and restored":  func(d *trust.Delta) { d.Restored.IDs = d.Revoked.IDs },
		"spent and given back":  func(d *trust.Delta) { d.GivenBack.Aliases = d.Spent.Aliases },
		"no merchant":           func(d *trust.Delta) { d.Merchant = "" },
		"no salt":               func(d *trust.Delta) { d.Salt = trust.Salt{} },
		"an identifier of zero": func(d *trust.Delta) { d.GivenBack.IDs = []offer.ID{{}} },
	} {
		t.Run(name, func(t *testing.T) {
			d := sampleDelta()
			change(&d)
			_, err := trust.SignDelta(d, backend)
			assert.ErrorIs(t, err, fault.InvalidRequest)
		})
	}
}

// What is spent or revoked can become good again, so whoever reads a bundle or a delta finds no offer in it.
func TestNoOfferIsReadFromABundleOrADelta(t *testing.T) {
	id, alias := func() offer.ID { return offer.NewID() }, "255:9501234567893"
	named := func(serial string) trust.Offers {
		return trust.Offers{IDs: []offer.ID{id()}, Aliases: []string{alias + serial}}
	}
	b, d := sample(t), sampleDelta()
	b.Revoked, d.Revoked, d.Restored, d.Spent, d.GivenBack = named("1"), named("2"), named("3"), named("4"), named("5")
	base := verified(t, sign(t, b))
	signed, err := trust.Accept(base, signDelta(t, d), roots, merchant)
	require.NoError(t, err)
	for _, set := range []trust.Offers{b.Revoked, d.Revoked, d.Restored, d.Spent, d.GivenBack} {
		assert.False(t, bytes.Contains(signed.Data(), set.IDs[0][:]), "an identifier is there")
		assert.False(t, bytes.Contains(signed.Data(), []byte(set.Aliases[0])), "a GS1 number is there")
	}
	assert.True(t, signed.IsRevoked(b.Revoked.IDs[0], "", "") && signed.IsRevoked(d.Revoked.IDs[0], "", ""),
		"by identifier")
	assert.True(t, signed.IsRevoked(offer.ID{}, alias+"1", "") && signed.IsRevoked(offer.ID{}, alias+"2", ""),
		"by GS1 number")
	other := b
	other.Salt = trust.Salt{6}
	assert.False(t, verified(t, sign(t, other)).IsRevoked(id(), "", ""), "another salt is another list")
	b.Salt = trust.Salt{}
	assert.NotEqual(t, verified(t, sign(t, b)).Salt, verified(t, sign(t, b)).Salt, "each bundle has a salt of its own")
}

func TestABundleThatIsSignedAgainKeepsWhatIsRevoked(t *testing.T) {
	b := verified(t, sign(t, sample(t)))
	b.Revoked = trust.Offers{IDs: []offer.ID{{8}}}
	again := verified(t, sign(t, *b))
	assert.True(t, again.IsRevoked(offer.ID{9}, "", ""), "revoked before")
	assert.True(t, again.IsRevoked(offer.ID{8}, "", ""), "revoked since")
	assert.False(t, again.IsRevoked(offer.ID{7}, "", ""), "it is revoked no more")
}

func TestEveryFlippedBitOfADeltaIsRefused(t *testing.T) {
	base := verified(t, sign(t, sample(t)))
	data := signDelta(t, sampleDelta())
	for bit := range len(data) * 8 {
		flipped := bytes.Clone(data)
		flipped[bit/8] ^= 1 << (bit % 8)
		_, err := trust.Accept(base, flipped, roots, merchant)
		require.Error(t, err, "bit %d", bit)
		require.NotErrorIs(t, err, fault.Internal)
	}
}

func TestDeltaIsOfTheFormThatItsGoldenFileShows(t *testing.T) {
	const golden = "testdata/delta-v1.cbor"
	data := signDelta(t, sampleDelta())
	if *update {
		require.NoError(t, os.WriteFile(golden, data, 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, want, data, "the form of deltas changed: replace the file with -update and say so")
}

// Whatever was spent, voided and spent again since a base: base and delta answer as a bundle made anew would, but for
// the filter's own errors.
func TestBaseAndDeltaAnswerAsABundleMadeAnew(t *testing.T) {
	all, salt := ids(4, 40), trust.Salt{7}
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 20, rapid.ID[offer.ID]).Draw(t, "before")
		after := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 20, rapid.ID[offer.ID]).Draw(t, "after")
		without := func(from, these []offer.ID) []offer.ID {
			return slices.DeleteFunc(slices.Clone(from), func(id offer.ID) bool { return slices.Contains(these, id) })
		}
		spent, err := trust.NewFilter(trust.Offers{IDs: before})
		require.NoError(t, err)
		data, err := trust.Sign(trust.Bundle{Sequence: 1, Merchant: merchant, Made: made, Salt: salt, Spent: spent,
			Revoked: trust.Offers{IDs: before}}, backend)
		require.NoError(t, err)
		added, taken := trust.Offers{IDs: without(after, before)}, trust.Offers{IDs: without(before, after)}
		delta, err := trust.SignDelta(trust.Delta{
			Base: 1, Sequence: 2, Merchant: merchant, Made: made, Salt: salt, Spent: added, GivenBack: taken,
			Revoked: added, Restored: taken,
		}, backend)
		require.NoError(t, err)
		b, err := trust.Accept(nil, append(data, delta...), roots, merchant)
		require.NoError(t, err)
		for _, id := range all {
			want := slices.Contains(after, id)
			require.Equal(t, want, b.IsRevoked(id, "", ""))
			if want || slices.Contains(before, id) {
				require.Equal(t, want, b.MaySpent(id, ""))
			}
		}
	})
}

func TestADeltaCanKeepTheLanesOfItsBase(t *testing.T) {
	base := verified(t, sign(t, sample(t)))
	other, err := trust.Accept(base, signDelta(t, sampleDelta()), roots, merchant)
	require.NoError(t, err)
	d := sampleDelta()
	d.Sequence, d.Lanes, d.KeepsLanes = 10, nil, true
	b, err := trust.Accept(other, signDelta(t, d), roots, merchant)
	require.NoError(t, err)
	assert.Equal(t, base.Lanes, b.Lanes, "the base's, not those of the delta before")
	assert.Equal(t, base.Lanes, verified(t, b.Data()).Lanes, "also when bundle and delta are read together")
	d.Lanes = sampleDelta().Lanes
	_, err = trust.SignDelta(d, backend)
	assert.ErrorIs(t, err, fault.InvalidRequest, "a delta that keeps the base's lanes and has others")
}
