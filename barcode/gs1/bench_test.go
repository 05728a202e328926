package gs1_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/barcode/gs1"
)

var benchTexts = map[string]string{
	"coupon": "]C12554012345000009123456\x1d3900250\x1d17261231",
	"item":   "]d2010952123454321310ABC123\x1d21XYZ12345678\x1d172612313103001000422276",
	"8110":   "811010614141123456250110123" + "10110123" + "0123456" + "3261231" + "50123456",
}

func BenchmarkAppendRaw(b *testing.B) {
	for name, text := range benchTexts {
		b.Run(name, func(b *testing.B) {
			var elements gs1.Elements
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if elements, err = gs1.AppendRaw(elements[:0], text); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(elements)), "ns/AI")
		})
	}
}

func TestAppendRawAllocatesNothingInTheSteadyState(t *testing.T) {
	for name, text := range benchTexts {
		elements := make(gs1.Elements, 0, 16)
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			elements, _ = gs1.AppendRaw(elements[:0], text)
		}), name)
		assert.NotEmpty(t, elements)
	}
}
