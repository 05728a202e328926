package redeem_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
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

// busyTill is a till with ten thousand revoked offers, a million that are spent elsewhere, every limit there is, and
// ten thousand redemptions in its journal. Its disk is memory, where a flush costs nothing.
func busyTill(b *testing.B) *redeem.Terminal {
	spent, err := trust.NewFilter(trust.Offers{IDs: many(1, 1_000_000)})
	require.NoError(b, err)
	bundle, err := trust.Sign(trust.Bundle{
		Sequence: 1, Merchant: "m-1", Made: noon, Keys: []offer.Key{issuer.Key()}, Spent: spent,
		Revoked: trust.Offers{IDs: many(2, 10_000)},
		Campaigns: []trust.Campaign{{Name: "spring", Offline: trust.Allowance{Number: 1 << 30},
			Terms: terms.Terms{Kind: terms.PercentOff, Percent: 1000}}},
	}, root)
	require.NoError(b, err)
	unlimited := trust.Allowance{Number: 1 << 30, Value: terms.MaxAmount, Currency: "EUR"}
	terminal, err := redeem.Open(vfs.WithFS(context.Background(), &vfs.Memory{}), "till", redeem.Config{
		Place: record.Place{Merchant: "m-1", Store: "s-1", Lane: "7"}, Roots: []offer.Key{root.Key()},
		Clock:  &watch{now: redeem.Reading{Wall: noon, SinceBoot: time.Hour, Boot: "b1"}},
		Policy: redeem.Policy{PerHour: unlimited, Unreported: unlimited, UnprovenPerDay: unlimited, MaxUnreported: time.Hour},
	})
	require.NoError(b, err)
	b.Cleanup(func() { terminal.Close() })
	require.NoError(b, terminal.InstallBundle(b.Context(), bundle))
	for i := range 10_000 {
		_, err := terminal.Redeem(b.Context(), redeem.Request{Scanned: offer.ID{3, byte(i >> 8), byte(i)}.Code(),
			SaleKey: fmt.Sprint(i)})
		require.NoError(b, err)
	}
	return terminal
}

// BenchmarkDecision measures what a decision costs beside the signature's verification and the durable write: reading
// the text, every rule, the discount and, with Redeem, the record. The parts take turns, and the medians count, so
// that what else the machine does tells nothing:
//
//	ns/call       Check or Redeem
//	ns/signature  the verification of the same pass's signature alone
//	ns/write      one append of as many bytes and keys to a journal of its own
//	ns/decision   the call less the other two, of the same turn
func BenchmarkDecision(b *testing.B) {
	terminal := busyTill(b)
	log, err := journal.Open(vfs.WithFS(context.Background(), &vfs.Memory{}), "journal", journal.Config{})
	require.NoError(b, err)
	defer log.Close()
	signed := inStock(func() string {
		text, err := issuer.Issue(offer.Pass{ID: offer.NewID(), Campaign: "spring", Audience: []string{"m-1"}, IssuedAt: noon,
			NotAfter: noon.Add(time.Hour)})
		require.NoError(b, err)
		return text
	})
	code := func() string { return offer.NewID().Code() }
	for _, test := range []struct {
		name          string
		scanned       func() string
		signed, write bool
		call          func(context.Context, redeem.Request) (redeem.Decision, error)
	}{
		{"check/signed pass", signed, true, false, terminal.Check},
		{"check/short code", code, false, false, terminal.Check},
		{"redeem/signed pass", signed, true, true, terminal.Redeem},
		{"redeem/short code", code, false, true, terminal.Redeem},
	} {
		b.Run(test.name, func(b *testing.B) {
			var m measured
			sale := terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: 199}, {Amount: 250}, {Amount: 1299}}}
			for b.Loop() {
				req := redeem.Request{Scanned: test.scanned(), SaleKey: offer.NewID().Code(), Sale: sale}
				var floor time.Duration
				if test.signed {
					floor += m.verify(b, req.Scanned)
				}
				if test.write {
					floor += m.append(b, log, req)
				}
				began := time.Now()
				d, err := test.call(b.Context(), req)
				took := time.Since(began)
				m.call, m.decision = append(m.call, took), append(m.decision, took-floor)
				// the filter errs for 1 in 65536
				if err != nil || d.Outcome != redeem.Allow && !d.Because(fault.RedeemedElsewhere) {
					b.Fatal(d, err)
				}
			}
			m.report(b)
		})
	}
}

// inStock makes a thousand at a time, so that signing does not drive everything else out of the processor's caches at
// every turn.
func inStock(make func() string) func() string {
	var stock []string
	return func() string {
		for len(stock) == 0 {
			for range 1000 {
				stock = append(stock, make())
			}
		}
		next := stock[0]
		stock = stock[1:]
		return next
	}
}

// measured are the times of the parts.
type measured struct{ call, signature, write, decision []time.Duration }

func (m *measured) verify(b *testing.B, text string) time.Duration {
	keys, err := offer.NewKeys(issuer.Key())
	require.NoError(b, err)
	presented, err := offer.Parse(text)
	require.NoError(b, err)
	began := time.Now()
	if presented.Verify(keys) != nil {
		b.Fatal("the signature does not fit")
	}
	took := time.Since(began)
	m.signature = append(m.signature, took)
	return took
}

func (m *measured) append(b *testing.B, log *journal.Log, req redeem.Request) time.Duration {
	id, payload := journal.ID(record.NewID()), make([]byte, 330)
	began := time.Now()
	err := log.Append(b.Context(), func(*journal.View) ([]journal.Entry, error) {
		return []journal.Entry{{
			ID: id, CountedKeys: []string{"offer" + req.SaleKey},
			LookupKeys: []string{"sale" + req.SaleKey, "receipt" + req.SaleKey}, Uses: 1,
			KeepUntil: noon.Add(time.Hour), Payload: payload,
		}}, nil
	})
	took := time.Since(began)
	require.NoError(b, err)
	m.write = append(m.write, took)
	return took
}

func (m *measured) report(b *testing.B) {
	b.ReportMetric(median(m.call), "ns/call")
	b.ReportMetric(median(m.signature), "ns/signature")
	b.ReportMetric(median(m.write), "ns/write")
	b.ReportMetric(median(m.decision), "ns/decision")
	b.ReportMetric(0, "ns/op") // what a turn takes, passes' issue included, says nothing
}

func median(all []time.Duration) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[len(all)/2])
}
