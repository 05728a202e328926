package record_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

var update = flag.Bool("update", false, "write the golden files anew")

// key makes a key that is the same in every run.
func key(b byte) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = b
	return ed25519.NewKeyFromSeed(seed)
}

func sample(number uint64, prev record.Hash) record.Record {
	return record.Record{
		Kind: record.Redemption, ID: record.ID{1, byte(number)}, Terminal: record.TerminalID{2}, Chain: record.ChainID{3},
		Number: number, Prev: prev, Place: record.Place{Merchant: "m-1", Store: "s-1", Lane: "7"},
		Offer: offer.ID{9, byte(number)}, Campaign: "spring", Sale: record.Sale{Key: "sale-1", Operator: "12"},
		Given:  record.Money{Amount: 250, Currency: "EUR"},
		Time:   record.Evidence{Wall: 1_800_000_000_000, SinceBoot: 5000, Boot: "b", Earliest: 1, Latest: 2, Trusted: true},
		Proven: true, GivenBy: record.GivenByPOS,
	}
}

func chain(t *testing.T, n int) [][]byte {
	t.Helper()
	var raws [][]byte
	var prev record.Hash
	for i := range n {
		raw, err := sample(uint64(i+1), prev).Encode()
		require.NoError(t, err)
		raws, prev = append(raws, raw), record.HashOf(raw)
	}
	return raws
}

func heading() record.Heading {
	return record.Heading{Terminal: record.TerminalID{2}, Chain: record.ChainID{3}, After: 4,
		Sent: record.Evidence{Wall: 1}}
}

// correction is a record with all that sample leaves out.
func correction() record.Record {
	r := sample(2, record.Hash{8})
	r.Kind, r.Of, r.Group = record.Correction, record.ID{1, 1}, record.ID{1, 1}
	r.Before, r.Given = r.Given, record.Money{Amount: 150, Currency: "EUR"}
	r.Notes, r.Claim = []record.Note{record.HubUnreachable}, &record.Claim{Epoch: 3, Attempt: 1}
	r.Sale.BusinessDate = "2026-11-26"
	return r
}

func statement() record.Statement {
	return record.Statement{Terminal: record.TerminalID{2}, Made: 7, Verdicts: []record.Verdict{
		{Number: 1, Record: record.ID{1}, Hash: record.Hash{1}, Status: record.Confirmed, Judged: 6},
		{Record: record.ID{3}, Hash: record.Hash{3}, Status: record.Received, Judged: 6},
		{Number: 2, Record: record.ID{2}, Hash: record.Hash{2}, Status: record.Confirmed, Judged: 6,
			Booked: &record.Money{Amount: 3, Currency: "EUR"}},
	}}
}

func TestStatementIsSigned(t *testing.T) {
	signed, err := statement().Sign("k1", key(1))
	require.NoError(t, err)
	got, err := signed.Open(key(1).Public().(ed25519.PublicKey))
	require.NoError(t, err)
	require.Len(t, got.Verdicts, 2, "what was only received is no verdict")
	assert.Equal(t, record.ID{2}, got.Verdicts[1].Record)
	assert.Equal(t, &record.Money{Amount: 3, Currency: "EUR"}, got.Verdicts[1].Booked)
	_, err = signed.Open(key(2).Public().(ed25519.PublicKey))
	assert.ErrorIs(t, err, fault.Forged, "another key")
	for i := range signed.Content {
		spoilt := signed
		spoilt.Content = slices.Clone(signed.Content)
		spoilt.Content[i] ^= 1
		_, err := spoilt.Open(key(1).Public().(ed25519.PublicKey))
		require.ErrorIs(t, err, fault.Forged, "byte %d", i)
	}
}

func TestGoldenFormatsStayReadable(t *testing.T) {
	raw := chain(t, 1)[0]
	report, err := record.Seal(heading(), chain(t, 3), key(1))
	require.NoError(t, err)
	verdict, err := record.Verdict{Number: 3, Record: record.ID{1}, Hash: record.HashOf(raw), Status: record.Duplicate,
		Reason: fault.RedeemedElsewhere, First: &record.First{Place: record.Place{Store: "s-2", Lane: "1"}, Committed: 5},
		Judged: 6}.Encode()
	require.NoError(t, err)
	enrolment, err := record.Enrolment{Code: "ABCD", Terminal: record.TerminalID{2}, Lane: "7",
		Challenge: "C"}.Prove(key(1))
	require.NoError(t, err)
	rotation, err := record.Rotate(record.TerminalID{2}, key(1), key(2).Public().(ed25519.PublicKey), 41)
	require.NoError(t, err)
	rotated, err := record.Enrolment{Terminal: record.TerminalID{2}, Lane: "7", Rotations: []record.Rotation{rotation},
		Challenge: "C", Last: 41}.Prove(key(2))
	require.NoError(t, err)
	at, err := record.SignTime(time.UnixMilli(1_800_000_000_000), 7, "k1", key(1))
	require.NoError(t, err)
	correction, err := correction().Encode()
	require.NoError(t, err)
	statement, err := statement().Sign("k1", key(1))
	require.NoError(t, err)
	notice, err := notice().Sign("k1", key(1))
	require.NoError(t, err)
	corrected, err := timeCorrection().Sign("k1", key(1))
	require.NoError(t, err)
	for name, got := range map[string][]byte{
		"record-v1": raw, "heading-v1": report.Heading, "heading-signature-v1": report.Signature, "verdict-v1": verdict,
		"enrolment-proof-v1": enrolment.Proof, "rotation-signature-v1": rotation.Signature, "rotated-proof-v1": rotated.Proof,
		"time-signature-v1": at.Signature, "correction-v1": correction,
		"statement-v1": statement.Content, "statement-signature-v1": statement.Signature,
		"notice-v1": notice.Content, "notice-signature-v1": notice.Signature,
		"time-correction-v1": corrected.Content, "time-correction-signature-v1": corrected.Signature,
	} {
		file := filepath.Join("testdata", name+".hex")
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(hex.EncodeToString(got)+"\n"), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, strings.TrimSpace(string(want)), hex.EncodeToString(got), name)
	}
}

func TestRecordRoundTrip(t *testing.T) {
	want := sample(1, record.Hash{7})
	raw, err := want.Encode()
	require.NoError(t, err)
	got, err := record.Decode(raw)
	require.NoError(t, err)
	want.Version = record.Version
	assert.Equal(t, want, got)
}

func TestEncodeRefusesWhatIsIncomplete(t *testing.T) {
	for name, spoil := range map[string]func(*record.Record){
		"no kind":                 func(r *record.Record) { r.Kind = 0 },
		"unknown kind":            func(r *record.Record) { r.Kind = 9 },
		"no id":                   func(r *record.Record) { r.ID = record.ID{} },
		"no number":               func(r *record.Record) { r.Number = 0 },
		"no offer":                func(r *record.Record) { r.Offer = offer.ID{} },
		"no sale key":             func(r *record.Record) { r.Sale.Key = "" },
		"less than nothing given": func(r *record.Record) { r.Given.Amount = -1 },
		"more than can be given":  func(r *record.Record) { r.Given.Amount = terms.MaxAmount + 1 },
		"amount of no currency":   func(r *record.Record) { r.Given.Currency = "" },
		"no such currency":        func(r *record.Record) { r.Given.Currency = "Eur" },
		"override by nobody":      func(r *record.Record) { r.Override = &record.Override{Why: "because"} },
		"override without end": func(r *record.Record) {
			r.Override = &record.Override{Manager: "m", Why: strings.Repeat("x", 513)}
		},
		"operator not in UTF-8":  func(r *record.Record) { r.Sale.Operator = "\xff" },
		"no day of the calendar": func(r *record.Record) { r.Sale.BusinessDate = "2026-02-30" },
		"a date with a time":     func(r *record.Record) { r.Sale.BusinessDate = "2026-02-03T10:00" },
		"correction of nothing":  func(r *record.Record) { r.Kind = record.Correction },
		"release of nothing":     func(r *record.Record) { r.Kind = record.Release },
		"before in no currency":  func(r *record.Record) { r.Before.Amount = 3 },
		"too many notes":         func(r *record.Record) { r.Notes = make([]record.Note, 9) },
		"a long note":            func(r *record.Record) { r.Notes = []record.Note{record.Note(strings.Repeat("x", 65))} },
		"a claim without epoch":  func(r *record.Record) { r.Claim = &record.Claim{Attempt: 1} },
		"long lane":              func(r *record.Record) { r.Place.Lane = strings.Repeat("x", 65) },
	} {
		t.Run(name, func(t *testing.T) {
			r := sample(1, record.Hash{})
			spoil(&r)
			_, err := r.Encode()
			assert.ErrorIs(t, err, fault.InvalidRequest)
		})
	}
	r := sample(1, record.Hash{})
	r.Turned = make([]record.Turned, record.MaxSize/4)
	_, err := r.Encode()
	assert.ErrorIs(t, err, fault.TooLarge)
}

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	raw := chain(t, 1)[0]
	_, err := record.Decode(raw[:len(raw)-1])
	assert.ErrorIs(t, err, fault.Malformed)
	_, err = record.Decode(append(raw[:len(raw):len(raw)], 0))
	assert.ErrorIs(t, err, fault.Malformed, "trailing bytes")
	_, err = record.Decode(make([]byte, record.MaxSize+1))
	assert.ErrorIs(t, err, fault.TooLarge)
	_, err = record.Decode([]byte{0xa1, 0x01, 0x02})
	assert.ErrorIs(t, err, fault.UnsupportedVersion)
}

func TestReportCarriesItsRecordsUnchanged(t *testing.T) {
	raws := chain(t, 3)
	report, err := record.Seal(heading(), raws, key(1))
	require.NoError(t, err)
	h, items, err := report.Open(key(1).Public().(ed25519.PublicKey))
	require.NoError(t, err)
	assert.Equal(t, []uint64{1, 3, 4}, []uint64{h.First, h.Last, h.After})
	require.Len(t, items, 3)
	for i, item := range items {
		assert.NoError(t, item.Err)
		assert.Equal(t, raws[i], item.Raw)
		assert.Equal(t, record.HashOf(raws[i]), item.Hash)
	}
}

func TestReportWithEveryByteChangedIsRefused(t *testing.T) {
	report, err := record.Seal(heading(), chain(t, 2), key(1))
	require.NoError(t, err)
	public := key(1).Public().(ed25519.PublicKey)
	for part, bytes := range map[string][]byte{"heading": report.Heading, "signature": report.Signature,
		"first": report.Records[0], "last": report.Records[1]} {
		for i := range bytes {
			bytes[i] ^= 0x10
			_, _, err := report.Open(public)
			assert.Error(t, err, "%s byte %d", part, i)
			bytes[i] ^= 0x10
		}
	}
	_, _, err = report.Open(key(2).Public().(ed25519.PublicKey))
	assert.ErrorIs(t, err, fault.Forged)
}

func TestOneUnreadableRecordSpoilsOnlyItself(t *testing.T) {
	raws := chain(t, 1)
	poison := []byte("not a record")
	last, err := sample(3, record.HashOf(poison)).Encode()
	require.NoError(t, err)
	report, err := record.Seal(heading(), append(raws, poison, last), key(1))
	require.NoError(t, err)
	_, items, err := report.Open(key(1).Public().(ed25519.PublicKey))
	require.NoError(t, err)
	assert.NoError(t, items[0].Err)
	assert.ErrorIs(t, items[1].Err, fault.Malformed)
	assert.NoError(t, items[2].Err)
}

func TestARecordOfAnotherPlaceInTheChainIsFound(t *testing.T) {
	raws := chain(t, 1)
	raw, err := sample(7, record.HashOf(raws[0])).Encode()
	require.NoError(t, err)
	report, err := record.Seal(heading(), [][]byte{raws[0], raw}, key(1))
	require.NoError(t, err)
	_, items, err := report.Open(key(1).Public().(ed25519.PublicKey))
	require.NoError(t, err)
	assert.NoError(t, items[0].Err)
	assert.ErrorIs(t, items[1].Err, fault.NotCanonical)
}

func TestEmptyReportSaysWhatWasLost(t *testing.T) {
	h := heading()
	h.Lost = []record.Range{{First: 4, Last: 6}}
	report, err := record.Seal(h, nil, key(1))
	require.NoError(t, err)
	got, items, err := report.Open(key(1).Public().(ed25519.PublicKey))
	require.NoError(t, err)
	assert.Empty(t, items)
	assert.Equal(t, h.Lost, got.Lost)
}

func TestVerdictIsCompleteOrMalformed(t *testing.T) {
	good := record.Verdict{Record: record.ID{1}, Status: record.Confirmed}
	assert.NoError(t, good.Check())
	for name, v := range map[string]record.Verdict{
		"no record":            {Status: record.Confirmed},
		"unknown status":       {Record: record.ID{1}, Status: "maybe"},
		"rejected, no reason":  {Record: record.ID{1}, Status: record.Rejected},
		"duplicate of nothing": {Record: record.ID{1}, Status: record.Duplicate, Reason: fault.RedeemedElsewhere},
	} {
		assert.ErrorIs(t, v.Check(), fault.Malformed, name)
	}
}

func TestServerTimeIsSigned(t *testing.T) {
	at, err := record.SignTime(time.UnixMilli(1234), 7, "k1", key(1))
	require.NoError(t, err)
	public := key(1).Public().(ed25519.PublicKey)
	assert.NoError(t, at.Verify(public))
	at.Millis++
	assert.ErrorIs(t, at.Verify(public), fault.Forged, "another moment")
	at.Millis--
	at.Correction++
	assert.ErrorIs(t, at.Verify(public), fault.Forged, "another correction")
	at.Correction, at.Millis = 7, -at.Millis
	assert.ErrorIs(t, at.Verify(public), fault.Forged, "before 1970")
}

func TestEnrolmentProvesTheKey(t *testing.T) {
	good, err := record.Enrolment{Code: "ABCD", Terminal: record.TerminalID{2}, Lane: "7", Challenge: "C",
		Last: 5}.Prove(key(1))
	require.NoError(t, err)
	assert.NoError(t, good.Verify())
	for name, edit := range map[string]func(*record.Enrolment){
		"another code":      func(e *record.Enrolment) { e.Code = "ABCE" },
		"another challenge": func(e *record.Enrolment) { e.Challenge = "D" },
		"more records":      func(e *record.Enrolment) { e.Last++ },
	} {
		e := good
		edit(&e)
		assert.ErrorIs(t, e.Verify(), fault.Forged, name)
	}
}

func TestRotationIsVouchedForByTheOldKey(t *testing.T) {
	terminal, to := record.TerminalID{2}, key(2).Public().(ed25519.PublicKey)
	good, err := record.Rotate(terminal, key(1), to, 41)
	require.NoError(t, err)
	assert.NoError(t, good.Verify(terminal))
	assert.ErrorIs(t, good.Verify(record.TerminalID{3}), fault.Forged)
	for name, edit := range map[string]func(*record.Rotation){
		"other old key": func(r *record.Rotation) { r.From = to },
		"other new key": func(r *record.Rotation) { r.To = r.From },
		"more records":  func(r *record.Rotation) { r.Last++ },
		"no signature":  func(r *record.Rotation) { r.Signature = nil },
		"half a key":    func(r *record.Rotation) { r.From = r.From[:16] },
	} {
		r := good
		edit(&r)
		assert.ErrorIs(t, r.Verify(terminal), fault.Forged, name)
	}
}

func TestOnlyEd25519KeysSign(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	_, err = record.Rotate(record.TerminalID{2}, other, nil, 0)
	assert.ErrorIs(t, err, fault.InvalidRequest)
	_, err = record.Enrolment{Terminal: record.TerminalID{2}}.Prove(other)
	assert.ErrorIs(t, err, fault.InvalidRequest)
	_, err = record.Seal(heading(), nil, other)
	assert.ErrorIs(t, err, fault.InvalidRequest)
}

func TestIDsInJSON(t *testing.T) {
	id := record.NewID()
	text, err := json.Marshal(id)
	require.NoError(t, err)
	var back record.ID
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, id, back)
	for _, bad := range []string{"", "12", strings.Repeat("g", 32)} {
		assert.ErrorIs(t, new(record.ID).UnmarshalText([]byte(bad)), fault.Malformed, bad)
	}
}

func FuzzDecode(f *testing.F) {
	raw, err := sample(1, record.Hash{}).Encode()
	require.NoError(f, err)
	f.Add(raw)
	f.Add([]byte{0xa1, 0x01, 0x01})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := record.Decode(raw)
		if err != nil {
			return
		}
		again, err := r.Encode()
		require.NoError(t, err)
		back, err := record.Decode(again)
		require.NoError(t, err)
		last, err := back.Encode()
		require.NoError(t, err)
		assert.Equal(t, again, last)
	})
}

func FuzzOpenReport(f *testing.F) {
	var raws [][]byte
	raw, err := sample(1, record.Hash{}).Encode()
	require.NoError(f, err)
	report, err := record.Seal(heading(), append(raws, raw), key(1))
	require.NoError(f, err)
	f.Add(report.Heading, raw, raw)
	f.Fuzz(func(t *testing.T, heading, first, second []byte) {
		// Signed by the terminal, so that the fuzzer reaches what lies behind the signature.
		signed := record.Report{Heading: heading, Records: [][]byte{first, second}}
		signed.Signature = ed25519.Sign(key(1), append([]byte("offlane report 1\x00"), heading...))
		_, items, err := signed.Open(key(1).Public().(ed25519.PublicKey))
		if err == nil {
			assert.Len(t, items, 2)
		}
		sealed, err := record.Seal(record.Heading{Terminal: record.TerminalID{2}, Chain: record.ChainID{3}},
			[][]byte{raw, first, second}, key(1))
		require.NoError(t, err)
		_, items, err = sealed.Open(key(1).Public().(ed25519.PublicKey))
		require.NoError(t, err, "records that cannot be read spoil themselves alone")
		assert.NoError(t, items[0].Err)
	})
}

func FuzzOpenStatement(f *testing.F) {
	signed, err := statement().Sign("k1", key(1))
	require.NoError(f, err)
	f.Add(signed.Content)
	f.Fuzz(func(t *testing.T, content []byte) {
		signed := record.Signed{KeyID: "k1", Content: content, Signature: ed25519.Sign(key(1),
			append([]byte("offlane statement 1\x00"), content...))}
		got, err := signed.Open(key(1).Public().(ed25519.PublicKey))
		if err != nil {
			require.NotEmpty(t, fault.CodeOf(err))
			return
		}
		for _, v := range got.Verdicts {
			require.NoError(t, v.Check())
		}
	})
}

func FuzzDecodeVerdict(f *testing.F) {
	raw, err := record.Verdict{Record: record.ID{1}, Status: record.Confirmed}.Encode()
	require.NoError(f, err)
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if v, err := record.DecodeVerdict(raw); err == nil {
			assert.NoError(t, v.Check())
		}
	})
}

func TestGivenByAsText(t *testing.T) {
	for by, name := range map[record.GivenBy]string{0: "", record.GivenByTerms: "terms", record.GivenByPOS: "pos"} {
		text, err := by.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, name, string(text))
		var got record.GivenBy
		require.NoError(t, got.UnmarshalText(text))
		assert.Equal(t, by, got)
	}
	var got record.GivenBy
	assert.ErrorIs(t, got.UnmarshalText([]byte("till")), fault.Malformed)
	assert.Equal(t, "unknown", record.GivenBy(9).String())
}

func TestARecordNamesProductsByTheirGTINs(t *testing.T) {
	for name, c := range map[string]struct {
		products []string
		ok       bool
	}{
		"one":        {[]string{"9501101530003"}, true},
		"most":       {slices.Repeat([]string{"96385074"}, record.MaxProducts), true},
		"too many":   {slices.Repeat([]string{"96385074"}, record.MaxProducts+1), false},
		"a name":     {[]string{"coffee beans"}, false},
		"too short":  {[]string{"9638507"}, false},
		"too long":   {[]string{"123456789012345"}, false},
		"no product": {nil, true},
	} {
		r := sample(1, record.Hash{})
		r.Products = c.products
		raw, err := r.Encode()
		if !c.ok {
			assert.ErrorIs(t, err, fault.InvalidRequest, name)
			continue
		}
		require.NoError(t, err, name)
		back, err := record.Decode(raw)
		require.NoError(t, err, name)
		assert.Equal(t, c.products, back.Products, name)
	}
}
