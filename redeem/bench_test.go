package redeem_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// many returns n identifiers that begin with kind.
func many(kind byte, n int) []offer.ID {
	ids := make([]offer.ID, n)
	for i := range ids {
		ids[i] = offer.ID{kind, byte(i >> 16), byte(i >> 8), byte(i), 1}
	}
	return ids
}

// BenchmarkDecision measures Check, which is a decision without the write: with ten thousand revoked offers, a million that are
// spent elsewhere, limits, and ten thousand redemptions in the journal. A signed pass is measured beside reading it and
// verifying its signature alone, so that "ns/decision" is what the terminal adds.
func BenchmarkDecision(b *testing.B) {
	spent, err := trust.NewFilter(trust.Offers{IDs: many(1, 1_000_000)})
	require.NoError(b, err)
	bundle, err := trust.Sign(trust.Bundle{
		Sequence: 1, Merchant: "m-1", Made: noon, Keys: []offer.Key{issuer.Key()}, Spent: spent, Revoked: trust.Offers{IDs: many(2, 10_000)},
		Campaigns: []trust.Campaign{{Name: "spring", Offline: trust.Allowance{Number: 1 << 20}, Terms: terms.Terms{Kind: terms.PercentOff, Percent: 1000}}},
	}, root)
	require.NoError(b, err)
	unlimited := trust.Allowance{Number: 1 << 20, Value: 1 << 39, Currency: "EUR"}
	terminal, err := redeem.Open(vfs.Into(context.Background(), &vfs.Memory{}), "till", redeem.Config{
		Place: record.Place{Merchant: "m-1", Store: "s-1", Lane: "7"}, Roots: []offer.Key{root.Key()},
		Clock:  &watch{now: redeem.Reading{Wall: noon, SinceBoot: time.Hour, Boot: "b1"}},
		Policy: redeem.Policy{PerHour: unlimited, Unreported: unlimited, UnprovenPerDay: unlimited, MaxUnreported: time.Hour},
	})
	require.NoError(b, err)
	defer terminal.Close()
	require.NoError(b, terminal.InstallBundle(b.Context(), bundle))
	for i := range 10_000 {
		_, err := terminal.Redeem(b.Context(), redeem.Request{Scanned: offer.ID{3, byte(i >> 8), byte(i)}.Code(), SaleKey: fmt.Sprint(i)})
		require.NoError(b, err)
	}
	sale := terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: 199}, {Amount: 250}, {Amount: 1299}}}
	signed, err := issuer.Issue(offer.Pass{ID: offer.NewID(), Campaign: "spring", IssuedAt: noon, NotAfter: noon.Add(time.Hour)})
	require.NoError(b, err)
	keys, err := offer.NewKeys(issuer.Key())
	require.NoError(b, err)
	read := func(text string) {
		presented, err := offer.Parse(text)
		if err == nil && presented.Pass != nil {
			err = presented.Verify(keys)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	for name, text := range map[string]string{"short code": offer.NewID().Code(), "signed pass": signed} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			const floors = 2000
			start := time.Now()
			for range floors {
				read(text)
			}
			floor := time.Since(start) / floors
			request := redeem.Request{Scanned: text, SaleKey: "sale", Sale: sale}
			for b.Loop() {
				if d, err := terminal.Check(b.Context(), request); err != nil || d.Outcome != redeem.Allow {
					b.Fatal(d, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed()/time.Duration(b.N)-floor), "ns/decision")
		})
	}
}
