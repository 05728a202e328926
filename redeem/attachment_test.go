package redeem_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/cbor/cddltest"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sparse is a discount on few of many lines.
func sparse() terms.Discount {
	lines := make([]int64, 400)
	lines[0], lines[7], lines[8], lines[399] = 1, 25, 70_000, 5_000_000_000
	return terms.Discount{Currency: "EUR", Total: 5_000_070_026, Lines: lines}
}

func TestAttachmentIsTheGoldenFile(t *testing.T) {
	file := filepath.Join("testdata", "attachment-v1.hex")
	raw := redeem.Attach("OL1:ABC", sparse())
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(hex.EncodeToString(raw)+"\n"), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, strings.TrimSpace(string(want)), hex.EncodeToString(raw))
	a, err := redeem.DecodeAttachment(raw)
	require.NoError(t, err)
	assert.Equal(t, "OL1:ABC", a.Pass)
	assert.Equal(t, sparse(), redeem.DiscountOf(a))
	mode, err := cbor.CoreDetEncOptions().EncMode()
	require.NoError(t, err)
	again, err := mode.Marshal(a)
	require.NoError(t, err)
	assert.Equal(t, again, raw, "it is written as the library writes it")
}

func TestAttachmentsAreWhatTheCDDLSays(t *testing.T) {
	s := cddltest.Load(t, filepath.Join("testdata", "attachment.cddl"))
	require.NoError(t, s.CheckKeys("attachment", redeem.Attachment{}))
	for name, raw := range map[string][]byte{
		"the golden file":  redeem.Attach("OL1:ABC", sparse()),
		"the longest pass": redeem.Attach(strings.Repeat("A", offer.MaxPassText), terms.Discount{}),
		"lines alone":      redeem.Attach("", terms.Discount{Currency: "EUR", Total: 5, Lines: []int64{5}}),
	} {
		assert.NoError(t, s.Check("attachment", raw), name)
	}
}

func TestAttachmentHasBounds(t *testing.T) {
	assert.Nil(t, redeem.Attach("", terms.Discount{}), "what says nothing is not kept")
	many := terms.Discount{Currency: "EUR", Lines: slices.Repeat([]int64{70_000}, terms.MaxLines),
		Total: 70_000 * terms.MaxLines}
	a, err := redeem.DecodeAttachment(redeem.Attach("OL1:ABC", many))
	require.NoError(t, err)
	assert.Equal(t, redeem.Attachment{Version: 1, Pass: "OL1:ABC"}, a, "lines that do not fit are left out together")
	few := terms.Discount{Currency: "EUR", Lines: slices.Repeat([]int64{70_000}, 2_000), Total: 70_000 * 2_000}
	raw := redeem.Attach(strings.Repeat("A", offer.MaxPassText), few)
	assert.LessOrEqual(t, len(raw), journal.MaxAttachment)
	a, err = redeem.DecodeAttachment(raw)
	require.NoError(t, err)
	assert.Equal(t, few, redeem.DiscountOf(a), "2000 lines fit")
}

func TestAttachmentThatCannotBeIsRefused(t *testing.T) {
	encoded := func(change func(*redeem.Attachment)) []byte {
		a := redeem.Attachment{Version: 1, Currency: "EUR", Count: 2, Lines: []int64{0, 5, 0, 7}}
		change(&a)
		raw, err := cbor.Marshal(a)
		require.NoError(t, err)
		return raw
	}
	for name, test := range map[string]struct {
		raw  []byte
		code fault.Code
	}{
		"empty":       {nil, fault.Malformed},
		"no map":      {[]byte{0x80}, fault.Malformed},
		"too large":   {make([]byte, journal.MaxAttachment+1), fault.TooLarge},
		"version 2":   {encoded(func(a *redeem.Attachment) { a.Version = 2 }), fault.UnsupportedVersion},
		"odd":         {encoded(func(a *redeem.Attachment) { a.Lines = a.Lines[:3] }), fault.Malformed},
		"no currency": {encoded(func(a *redeem.Attachment) { a.Currency = "" }), fault.Malformed},
		"no lines":    {encoded(func(a *redeem.Attachment) { a.Lines = nil }), fault.Malformed},
		"outside":     {encoded(func(a *redeem.Attachment) { a.Lines[2] = 1 }), fault.Malformed},
		"behind":      {encoded(func(a *redeem.Attachment) { a.Count = 1 }), fault.Malformed},
		"backwards":   {encoded(func(a *redeem.Attachment) { a.Lines[2] = -1 }), fault.Malformed},
		"nothing":     {encoded(func(a *redeem.Attachment) { a.Lines[1] = 0 }), fault.Malformed},
		"too much":    {encoded(func(a *redeem.Attachment) { a.Lines[1] = terms.MaxAmount + 1 }), fault.Malformed},
		"too many":    {encoded(func(a *redeem.Attachment) { a.Count = terms.MaxLines + 1 }), fault.Malformed},
		"overflows":   {encoded(func(a *redeem.Attachment) { a.Lines[0] = 1<<63 - 1 }), fault.Malformed},
		"a long pass": {encoded(func(a *redeem.Attachment) { a.Pass = strings.Repeat("A", offer.MaxPassText+1) }),
			fault.Malformed},
		"key twice":    {[]byte{0xa2, 1, 1, 1, 1}, fault.Malformed},
		"more follows": {append(encoded(func(*redeem.Attachment) {}), 0), fault.Malformed},
	} {
		_, err := redeem.DecodeAttachment(test.raw)
		assert.ErrorIs(t, err, test.code, name)
	}
}

func FuzzDecodeAttachment(f *testing.F) {
	f.Add(redeem.Attach("OL1:ABC", sparse()))
	f.Add(redeem.Attach("", terms.Discount{Currency: "EUR", Total: 5, Lines: []int64{5}}))
	f.Add([]byte{0xa1, 1, 1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := redeem.DecodeAttachment(raw)
		if err != nil {
			assert.NotEmpty(t, fault.CodeOf(err))
			return
		}
		d := redeem.DiscountOf(a)
		sum := int64(0)
		for _, amount := range d.Lines {
			sum += amount
		}
		assert.Equal(t, d.Total, sum)
		if d.Total == 0 {
			return
		}
		back, err := redeem.DecodeAttachment(redeem.Attach(a.Pass, d))
		require.NoError(t, err)
		assert.Equal(t, a, back)
	})
}

// tenPercent are terms that the tests count with.
func tenPercent(p *offer.Pass) {
	p.Terms = terms.Terms{Kind: terms.PercentOff, Percent: 1000, Combinable: true}
}

// basket is a sale with lines of these amounts.
func basket(amounts ...int64) terms.Sale {
	sale := terms.Sale{Currency: "EUR"}
	for _, amount := range amounts {
		sale.Lines = append(sale.Lines, terms.Line{Amount: amount})
	}
	return sale
}

// A POS that died before it printed the receipt asks again with the same call, or lists the sale, and prints the same
// lines.
func TestTheReceiptCanBePrintedAgainAfterACrash(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, tenPercent)
	req := redeem.Request{Scanned: "]Q1" + scanned + "\r\n", SaleKey: "s", Sale: basket(1000, 0, 500)}
	first, err := terminal.Redeem(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, first.Outcome, first.String())
	require.Equal(t, []int64{100, 0, 50}, first.Discount.Lines)
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	for _, again := range []redeem.Request{req, {Scanned: scanned, SaleKey: "s"}} {
		d, err := terminal.Redeem(t.Context(), again)
		require.NoError(t, err)
		assert.True(t, d.Again, "the same call again")
		assert.False(t, d.Differs, "the sale is the same")
		assert.Equal(t, first.Discount, d.Discount)
		assert.Equal(t, euros(150), d.Given)
		assert.Equal(t, noon, d.Made)
	}
	all := listed(t, terminal, redeem.Query{SaleKey: "s"})
	require.Len(t, all, 1)
	assert.Equal(t, first.Discount, all[0].Discount)
	assert.Equal(t, scanned, all[0].Pass, "as it is sent again to a backend that lost it")
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Len(t, shop.desk.booked, 1)
}

// A short code has no pass, and its lines are kept all the same.
func TestLinesOfAnUnprovenOfferAreKept(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.UnprovenPerDay.Number = 5
	terminal := shop.with(t, couponCampaign())
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: gcn("1"), SaleKey: "s", Sale: basket(1000)})
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	all := listed(t, terminal, redeem.Query{SaleKey: "s"})
	assert.Equal(t, []int64{200}, all[0].Discount.Lines)
	assert.Empty(t, all[0].Pass)
}

// What is damaged beside a record costs the lines and nothing else.
func TestADamagedAttachmentIsPassedOver(t *testing.T) {
	shop := newShop(t)
	var log bytes.Buffer
	shop.cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	terminal := shop.online(t)
	scanned := pass(t, tenPercent)
	presented, err := offer.Parse(scanned)
	require.NoError(t, err)
	rec := record.Record{
		Kind: record.Redemption, ID: record.NewID(), Terminal: terminal.Status().Terminal, Chain: record.NewChainID(),
		Number: 1, Offer: presented.ID,
		Sale: record.Sale{Key: "s"}, Given: euros(150), GivenBy: record.GivenByTerms,
		Time: record.Evidence{Wall: noon.UnixMilli(), Boot: "b1", SinceBoot: 3_600_000},
	}
	raw, err := rec.Encode()
	require.NoError(t, err)
	require.NoError(t, redeem.JournalOf(terminal).Append(t.Context(), func(*journal.View) ([]journal.Entry, error) {
		return []journal.Entry{{ID: journal.ID(rec.ID), CountedKeys: []string{"offer:" + string(rec.Offer[:])}, Uses: 1,
			LookupKeys: []string{"sale:s"},
			Payload:    raw, Attachment: []byte{0xff}}}, nil
	}))
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "s", Sale: basket(1500)})
	require.NoError(t, err)
	assert.True(t, d.Again, "the same call again")
	assert.False(t, d.Differs, "the amount is the same, and of the lines nothing is known")
	assert.Equal(t, euros(150), d.Given)
	assert.Empty(t, d.Discount.Lines)
	assert.Len(t, listed(t, terminal, redeem.Query{}), 1)
	_, err = terminal.Correct(t.Context(), redeem.CorrectRequest{Redemption: rec.ID, Given: euros(100)})
	require.NoError(t, err, "of the terms nothing is known either")
	require.NoError(t, terminal.Close(), "it waits for what is being logged")
	assert.Contains(t, log.String(), "cannot be read")
}
