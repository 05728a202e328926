package decision_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func key(b byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(make32(b)) }

func make32(b byte) []byte {
	seed := make([]byte, 32)
	seed[0] = b
	return seed
}

var (
	issuer   = offer.Issuer{Name: "i-1", KeyID: "k-1", Private: key(1)}
	forger   = offer.Issuer{Name: "i-1", KeyID: "k-1", Private: key(9)}
	stranger = offer.Issuer{Name: "i-9", KeyID: "k-9", Private: key(9)}
)

const (
	coupon      = "]e08112001234561234560123456" // a positive offer with a serial
	couponAlias = "8112:0.123456.123456.123456"
)

var (
	passID = offer.ID{1, 2, 3}
	codeID = offer.ID{4, 5, 6}
)

// A scene is a request at a till where everything is well, until a test changes something.
type scene struct {
	request decision.Request
	policy  decision.Policy
	facts   decision.Facts
	bundle  *trust.Bundle
	keys    []offer.Key
	pass    offer.Pass
	by      offer.Issuer
	ledger  decision.Ledger
	used    map[string]trust.Allowance // of limits, by their names
}

func newScene() *scene {
	return &scene{
		request: decision.Request{SaleKey: "sale"},
		facts: decision.Facts{
			Time: record.Evidence{Wall: noon.UnixMilli(), Earliest: noon.UnixMilli(), Latest: noon.Add(time.Hour).UnixMilli(),
				Trusted: true},
			Zone: time.UTC, Place: record.Place{Merchant: "m-1", Store: "s-1", Lane: "7"}, SetUp: true,
		},
		bundle: &trust.Bundle{Merchant: "m-1", Made: noon, Campaigns: []trust.Campaign{
			{Name: ""}, {Name: "positive", Prefixes: []string{"8112:"}}, {Name: "spring", Title: "Spring"},
		}},
		keys: []offer.Key{issuer.Key()},
		pass: offer.Pass{ID: passID, Audience: []string{"m-1"}, Campaign: "spring", IssuedAt: noon.Add(-time.Hour),
			NotAfter: noon.Add(24 * time.Hour)},
		by: issuer, used: map[string]trust.Allowance{},
	}
}

// campaigns changes the rules of whichever campaign the offer is of.
func (s *scene) campaigns(change func(*trust.Campaign)) {
	for i := range s.bundle.Campaigns {
		change(&s.bundle.Campaigns[i])
	}
}

func (s *scene) prepare(t testing.TB) decision.Prepared {
	t.Helper()
	if s.request.Scanned == "" {
		text, err := s.by.Issue(s.pass)
		require.NoError(t, err)
		s.request.Scanned = text
	}
	keys, err := offer.NewKeys(s.keys...)
	require.NoError(t, err)
	s.facts.Policy, s.facts.Keys, s.facts.Bundle = &s.policy, keys, s.bundle
	require.NoError(t, s.request.Check())
	p := decision.Prepare(&s.request, &s.facts)
	for i, limit := range p.Limits() {
		s.ledger.Counters.Used[i] = s.used[limit.Name]
	}
	return p
}

func (s *scene) decide(t testing.TB) decision.Decision {
	t.Helper()
	p := s.prepare(t)
	d, repeats := p.Decide(&s.ledger)
	require.Equal(t, d.Again, len(repeats) > 0, "a repetition names records, and nothing else does")
	return d
}

// sold is a redemption of this offer under the sale's key, made some time ago.
func sold(ago time.Duration) *record.Record {
	at := noon.Add(-ago).UnixMilli()
	return &record.Record{Kind: record.Redemption, ID: record.ID{7}, Offer: passID, Campaign: "spring",
		Sale: record.Sale{Key: "sale"}, Place: record.Place{Merchant: "m-1", Store: "s-2"},
		Time: record.Evidence{Wall: at, Earliest: at, Latest: at, Trusted: true}}
}

// another is the same redemption of another offer.
func another(rec *record.Record) *record.Record {
	rec.ID, rec.Offer = record.ID{8}, offer.ID{9}
	return rec
}

func number(n int) trust.Allowance { return trust.Allowance{Number: n} }

func euros(cents int64) trust.Allowance { return trust.Allowance{Value: cents, Currency: "EUR"} }

func lines(currency string, amounts ...int64) (s terms.Sale) {
	s.Currency = currency
	for _, amount := range amounts {
		s.Lines = append(s.Lines, terms.Line{Amount: amount})
	}
	return s
}
