package record_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// anyRecord draws records of every kind, with every part there or not, of every length that is written differently.
func anyRecord() *rapid.Generator[record.Record] {
	id := rapid.Custom(func(t *rapid.T) (id [16]byte) {
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		id[0] |= 1
		return id
	})
	text := func(most int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat("x", rapid.SampledFrom([]int{0, 0, 1, min(23, most), min(24, most), most}).Draw(t, "length"))
		})
	}
	number := rapid.SampledFrom([]int64{0, 0, 1, 23, 24, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1,
		terms.MaxAmount, math.MaxInt64})
	moment := rapid.OneOf(number, rapid.Int64())
	return rapid.Custom(func(t *rapid.T) record.Record {
		r := record.Record{
			Kind: record.Kind(rapid.IntRange(1, 5).Draw(t, "kind")), ID: id.Draw(t, "record"), Terminal: id.Draw(t, "terminal"),
			Chain:  id.Draw(t, "chain"),
			Number: rapid.Uint64Range(1, record.MaxNumber).Draw(t, "number"), Offer: id.Draw(t, "offer"),
			Alias: text(128).Draw(t, "alias"),
			Place: record.Place{Merchant: text(64).Draw(t, "merchant"), Store: text(64).Draw(t, "store"),
				Lane: text(64).Draw(t, "lane")},
			Campaign: text(64).Draw(t, "campaign"), Coupon: text(128).Draw(t, "coupon"),
			Receipt: record.Receipt(text(11).Draw(t, "receipt")),
			Sale: record.Sale{Key: "k" + text(127).Draw(t, "key"), Transaction: text(64).Draw(t, "transaction"),
				Operator:     text(64).Draw(t, "operator"),
				BusinessDate: rapid.SampledFrom([]string{"", "2026-11-26", "2028-02-29"}).Draw(t, "date"),
				Shift:        text(64).Draw(t, "shift")},
			Time: record.Evidence{Wall: moment.Draw(t, "wall"), SinceBoot: moment.Draw(t, "boot"), Boot: text(64).Draw(t, "run"),
				Server: moment.Draw(t, "server"), Earliest: moment.Draw(t, "earliest"), Latest: moment.Draw(t, "latest"),
				Trusted:    rapid.Bool().Draw(t, "trusted"),
				Correction: uint64(number.Draw(t, "correction")), Off: moment.Draw(t, "off")},
			Proven: rapid.Bool().Draw(t, "proven"), Partial: rapid.Bool().Draw(t, "partial"), Exclusive: rapid.Bool().Draw(t,
				"exclusive"),
			Until: moment.Draw(t, "until"), GivenBy: record.GivenBy(rapid.IntRange(0, 3).Draw(t, "by")),
		}
		if r.Kind == record.Release || r.Kind == record.Correction || rapid.Bool().Draw(t, "completes") {
			r.Of = id.Draw(t, "of")
		}
		if rapid.Bool().Draw(t, "grouped") {
			r.Group = id.Draw(t, "group")
		}
		if rapid.Bool().Draw(t, "corrected") {
			r.Before = record.Money{Amount: min(number.Draw(t, "before"), terms.MaxAmount), Currency: "CHF"}
		}
		for range rapid.IntRange(0, 8).Draw(t, "notes") {
			r.Notes = append(r.Notes, record.Note(text(64).Draw(t, "note")))
		}
		for range rapid.IntRange(0, record.MaxProducts).Draw(t, "products") {
			r.Products = append(r.Products, rapid.StringMatching("[0-9]{8,14}").Draw(t, "product"))
		}
		if rapid.Bool().Draw(t, "claimed") {
			r.Claim = &record.Claim{Epoch: max(rapid.Uint64().Draw(t, "epoch"), 1),
				Attempt: max(rapid.Uint64().Draw(t, "attempt"), 1)}
		}
		if rapid.Bool().Draw(t, "given") {
			r.Given = record.Money{Amount: min(number.Draw(t, "amount"), terms.MaxAmount), Currency: "EUR"}
		}
		if rapid.Bool().Draw(t, "overridden") {
			r.Override = &record.Override{Manager: "12", Why: "w" + text(511).Draw(t, "why"), Reasons: codes.Draw(t, "reasons")}
		}
		for _, code := range codes.Draw(t, "turned") {
			r.Turned = append(r.Turned, record.Turned{Reason: code, Times: int(rapid.Int32().Draw(t, "times"))})
		}
		return r
	})
}

var codes = rapid.SliceOfN(rapid.SampledFrom([]fault.Code{fault.Expired, fault.ClockUntrusted, fault.Unproven}), 0, 30)

func TestARecordIsWrittenAsCBORWritesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRecord().Draw(t, "record")
		raw, err := r.Encode()
		require.NoError(t, err)
		want, err := record.EncodeByReflection(r)
		require.NoError(t, err)
		require.Equal(t, want, raw)
		back, err := record.Decode(raw)
		require.NoError(t, err)
		again, err := back.Encode()
		require.NoError(t, err)
		require.Equal(t, raw, again)
	})
	alone := record.Record{Kind: record.Void, ID: record.ID{1}, Terminal: record.TerminalID{1}, Chain: record.ChainID{1},
		Number: 1,
		Offer:  offer.ID{1}, Sale: record.Sale{Key: "k"}}
	raw, err := alone.Encode()
	require.NoError(t, err)
	want, err := record.EncodeByReflection(alone)
	require.NoError(t, err)
	require.Equal(t, want, raw)
}
