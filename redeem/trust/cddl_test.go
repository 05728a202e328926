package trust

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/cbor/cddltest"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
)

func schema(t testing.TB) *cddltest.Schema {
	t.Helper()
	terms := filepath.Join("..", "offer", "testdata", "terms.cddl")
	return cddltest.Load(t, filepath.Join("testdata", "bundle.cddl"), terms)
}

func TestTheGoldenBundlesAreWhatTheCDDLSays(t *testing.T) {
	s := schema(t)
	assert.NoError(t, s.Check("bundle", golden(t, "bundle-v1.cbor")), "the bundle")
	assert.NoError(t, s.Check("delta", golden(t, "delta-v1.cbor")), "the delta")
}

func TestTheCDDLOfABundleHasTheKeysThatGoHas(t *testing.T) {
	s := schema(t)
	for rule, of := range map[string]any{
		"bundle-content": wireBundle{},
		"delta-content":  wireDelta{},
		"key":            wireKey{},
		"campaign":       wireCampaign{},
		"filter":         wireFilter{},
		"agreement":      wireAgreement{},
		"withdrawal":     wireWithdrawal{},
		"lane":           wireLane{},
		"allowance":      Allowance{},
		"layout":         offer.Layout{},
		"terms":          terms.Terms{},
	} {
		assert.NoError(t, s.CheckKeys(rule, of))
	}
}

func TestSignedBundlesAreWhatTheCDDLSays(t *testing.T) {
	s, made := schema(t), time.UnixMilli(1_790_000_000_000).UTC()
	by, _ := fuzzSigner(t)
	least, err := Sign(Bundle{Sequence: 1, Merchant: "shop.example", Made: made}, by)
	require.NoError(t, err)
	assert.NoError(t, s.Check("bundle", least), "a bundle of nothing")
	spent, err := NewFilter(randomOffers(1, 1000))
	require.NoError(t, err)
	more, err := Sign(Bundle{Sequence: 1<<32 | 5, Merchant: "shop.example", Made: made, Spent: spent,
		Revoked: randomOffers(2, 100), Campaigns: []Campaign{{AskBeyond: true, Title: "T", NotAfter: made}}}, by)
	require.NoError(t, err)
	assert.NoError(t, s.Check("bundle", more), "a bundle with offers")
	delta, err := SignDelta(Delta{Base: 1, Sequence: 2, Merchant: "shop.example", Made: made}, by)
	require.NoError(t, err)
	assert.NoError(t, s.Check("delta", delta), "a delta of nothing")
	all, err := SignDelta(Delta{Base: 1, Sequence: 2, Merchant: "shop.example", Made: made, Salt: Salt{1},
		Revoked: randomOffers(3, 2), Restored: randomOffers(4, 2),
		Spent: randomOffers(5, 2), GivenBack: randomOffers(6, 2),
		RevokedCampaigns: []string{"winter"},
		Correction:       2, Withdrawals: []Withdrawal{{1, made, made.Add(time.Hour)}}}, by)
	require.NoError(t, err)
	assert.NoError(t, s.Check("delta", all), "a delta with offers")
}
