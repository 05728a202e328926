package offer_test

import (
	"crypto/ed25519"
	"slices"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem/offer"
)

// BenchmarkVerify reports how much longer parsing and verifying a pass takes than Ed25519 alone. Both take turns, and
// the medians count, so that what else the machine does tells nothing.
func BenchmarkVerify(b *testing.B) {
	text, keys := issue(b, house, samplePass()), keysOf(b, house.Key())
	content := make([]byte, 250)
	signature := ed25519.Sign(house.Private, content)
	public := house.Key().Public
	var bare, pass []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		if !ed25519.Verify(public, content, signature) {
			b.Fatal("the signature does not fit")
		}
		between := time.Now()
		p, err := offer.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Verify(keys); err != nil {
			b.Fatal(err)
		}
		pass = append(pass, time.Since(between))
		bare = append(bare, between.Sub(began))
	}
	b.ReportMetric(median(bare), "ns/Ed25519")
	b.ReportMetric(median(pass), "ns/pass")
	b.ReportMetric(median(pass)/median(bare), "×Ed25519")
}

func median(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2])
}

func BenchmarkParseCode(b *testing.B) {
	code := sample.Code()
	for b.Loop() {
		if _, err := offer.ParseCode(code); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParsePass reads a pass without verifying its signature.
func BenchmarkParsePass(b *testing.B) {
	text := issue(b, house, samplePass())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := offer.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
