package offer_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/offlane/offlane/redeem/offer"
)

// BenchmarkVerify reports how much longer parsing and verifying a pass takes than Ed25519 alone, in the same run.
func BenchmarkVerify(b *testing.B) {
	text, keys := issue(b, house, samplePass()), keysOf(b, house.Key())
	content := make([]byte, 250)
	signature := ed25519.Sign(house.Private, content)
	public := house.Key().Public
	var bare float64
	b.Run("Ed25519", func(b *testing.B) {
		for b.Loop() {
			if !ed25519.Verify(public, content, signature) {
				b.Fatal("the signature does not fit")
			}
		}
		bare = float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	})
	b.Run("pass", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p, err := offer.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			if err := p.Verify(keys); err != nil {
				b.Fatal(err)
			}
		}
		if bare > 0 {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/bare, "×Ed25519")
		}
	})
}

func BenchmarkParseCode(b *testing.B) {
	code := sample.Code()
	for b.Loop() {
		if _, err := offer.ParseCode(code); err != nil {
			b.Fatal(err)
		}
	}
}
