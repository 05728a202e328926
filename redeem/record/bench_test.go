package record_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
)

// BenchmarkEncode writes one record: a terminal does so in every sale.
func BenchmarkEncode(b *testing.B) {
	r := sample(1, record.Hash{7})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecode reads one record: a backend does so with every record of a report.
func BenchmarkDecode(b *testing.B) {
	raw, err := sample(1, record.Hash{7}).Encode()
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := record.Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIDOf reads the id alone.
func BenchmarkIDOf(b *testing.B) {
	raw, err := sample(1, record.Hash{7}).Encode()
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if record.IDOf(raw).IsZero() {
			b.Fatal("the record has no id")
		}
	}
}
