package redeem_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/outbox"
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

// busyTill is a till with ten thousand revoked offers, a million that are spent elsewhere, every limit there is, and ten
// thousand redemptions in its journal. Its disk is memory, where a flush costs nothing.
func busyTill(b *testing.B) *redeem.Terminal {
	spent, err := trust.NewFilter(trust.Offers{IDs: many(1, 1_000_000)})
	require.NoError(b, err)
	bundle, err := trust.Sign(trust.Bundle{
		Sequence: 1, Merchant: "m-1", Made: noon, Keys: []offer.Key{issuer.Key()}, Spent: spent, Revoked: trust.Offers{IDs: many(2, 10_000)},
		Campaigns: []trust.Campaign{{Name: "spring", Offline: trust.Allowance{Number: 1 << 30}, Terms: terms.Terms{Kind: terms.PercentOff, Percent: 1000}}},
	}, root)
	require.NoError(b, err)
	unlimited := trust.Allowance{Number: 1 << 30, Value: terms.MaxAmount, Currency: "EUR"}
	terminal, err := redeem.Open(vfs.Into(context.Background(), &vfs.Memory{}), "till", redeem.Config{
		Place: record.Place{Merchant: "m-1", Store: "s-1", Lane: "7"}, Roots: []offer.Key{root.Key()},
		Clock:  &watch{now: redeem.Reading{Wall: noon, SinceBoot: time.Hour, Boot: "b1"}},
		Policy: redeem.Policy{PerHour: unlimited, Unreported: unlimited, UnprovenPerDay: unlimited, MaxUnreported: time.Hour},
	})
	require.NoError(b, err)
	b.Cleanup(func() { terminal.Close() })
	require.NoError(b, terminal.InstallBundle(b.Context(), bundle))
	for i := range 10_000 {
		_, err := terminal.Redeem(b.Context(), redeem.Request{Scanned: offer.ID{3, byte(i >> 8), byte(i)}.Code(), SaleKey: fmt.Sprint(i)})
		require.NoError(b, err)
	}
	return terminal
}

// BenchmarkDecision measures what a decision costs beside the signature's verification and the durable write: reading the text,
// every rule, the discount and, with Redeem, the record. The parts take turns, and the medians count, so that what else the
// machine does tells nothing:
//
//	ns/call       Check or Redeem
//	ns/Ed25519    the bare verification of a signature over as many bytes as the pass has
//	ns/write      one append of as many bytes and keys to a journal of its own
//	ns/decision   the call less the other two
func BenchmarkDecision(b *testing.B) {
	terminal := busyTill(b)
	journal, err := outbox.Open(vfs.Into(context.Background(), &vfs.Memory{}), "journal", outbox.Config{})
	require.NoError(b, err)
	defer journal.Close()
	signed := inStock(func() string {
		text, err := issuer.Issue(offer.Pass{ID: offer.NewID(), Campaign: "spring", Audience: []string{"m-1"}, IssuedAt: noon, NotAfter: noon.Add(time.Hour)})
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
			m.content = make([]byte, 220)
			m.signature = ed25519.Sign(issuer.Private, m.content)
			sale := terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: 199}, {Amount: 250}, {Amount: 1299}}}
			for b.Loop() {
				req := redeem.Request{Scanned: test.scanned(), SaleKey: offer.NewID().Code(), Sale: sale}
				if test.signed {
					m.verify(b)
				}
				if test.write {
					m.append(b, journal, req)
				}
				began := time.Now()
				d, err := test.call(b.Context(), req)
				m.call = append(m.call, time.Since(began))
				if err != nil || d.Outcome != redeem.Allow && !d.Because(fault.RedeemedElsewhere) { // the filter errs for 1 in 65536
					b.Fatal(d, err)
				}
			}
			m.report(b)
		})
	}
}

// inStock makes a thousand at a time, so that signing does not drive everything else out of the processor's caches at every turn.
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
type measured struct {
	content, signature        []byte
	call, verification, write []time.Duration
}

func (m *measured) verify(b *testing.B) {
	began := time.Now()
	if !ed25519.Verify(issuer.Key().Public, m.content, m.signature) {
		b.Fatal("the signature does not fit")
	}
	m.verification = append(m.verification, time.Since(began))
}

func (m *measured) append(b *testing.B, journal *outbox.Log, req redeem.Request) {
	id, payload := outbox.ID(record.NewID()), make([]byte, 330)
	began := time.Now()
	err := journal.Append(b.Context(), func(*outbox.View) ([]outbox.Entry, error) {
		return []outbox.Entry{{
			Kind: outbox.KindRecord, ID: id, Keys: []string{"offer" + req.SaleKey}, Names: []string{"sale" + req.SaleKey, "receipt" + req.SaleKey}, Uses: 1,
			KeepUntil: noon.Add(time.Hour), Payload: payload,
		}}, nil
	})
	m.write = append(m.write, time.Since(began))
	require.NoError(b, err)
}

func (m *measured) report(b *testing.B) {
	call, verification, write := median(m.call), median(m.verification), median(m.write)
	b.ReportMetric(call, "ns/call")
	b.ReportMetric(verification, "ns/Ed25519")
	b.ReportMetric(write, "ns/write")
	b.ReportMetric(call-verification-write, "ns/decision")
	b.ReportMetric(0, "ns/op") // what a turn takes, passes' issue included, says nothing
}

func median(all []time.Duration) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[len(all)/2])
}
