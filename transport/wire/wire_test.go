package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

var signer = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

func enrolment(t testing.TB) record.Enrolment {
	old := ed25519.NewKeyFromSeed([]byte("the key that the terminal had 1st"[:ed25519.SeedSize]))
	rotation, err := record.Rotate(record.TerminalID{2}, old, signer.Public().(ed25519.PublicKey), 41)
	require.NoError(t, err)
	e, err := record.Enrolment{Code: "ABCD", Terminal: record.TerminalID{2}, Lane: "7",
		Rotations: []record.Rotation{rotation},
		Challenge: "C", Last: 41}.Prove(signer)
	require.NoError(t, err)
	return e
}

func enrolled() record.Enrolled {
	return record.Enrolled{Token: "secret", Expires: 9, Place: record.Place{Merchant: "m", Store: "s", Lane: "7"},
		Roots: []offer.Key{{ID: "k", Issuer: "m", Public: signer.Public().(ed25519.PublicKey),
			NotBefore: time.UnixMilli(0).UTC()}}}
}

func report(t testing.TB) record.Report {
	raw, err := record.Record{
		Kind: record.Redemption, ID: record.ID{1}, Terminal: record.TerminalID{2}, Chain: record.ChainID{3}, Number: 41,
		Offer: offer.ID{9}, Sale: record.Sale{Key: "sale-1"}, Given: record.Money{Amount: 250, Currency: "EUR"},
	}.Encode()
	require.NoError(t, err)
	r, err := record.Seal(record.Heading{Terminal: record.TerminalID{2}, Chain: record.ChainID{3}}, [][]byte{raw}, signer)
	require.NoError(t, err)
	return r
}

func answer(t testing.TB) record.Answer {
	at, err := record.SignTime(time.UnixMilli(1_800_000_000_000), 2, "k", signer)
	require.NoError(t, err)
	taken := record.Verdict{Version: record.Version, Number: 5, Record: record.ID{1}, Hash: record.Hash{2},
		Status: record.Confirmed, Judged: 7}
	twice := record.Verdict{Version: record.Version, Number: 6, Record: record.ID{3}, Hash: record.Hash{4},
		Status: record.Duplicate,
		Reason: fault.RedeemedElsewhere, First: &record.First{Place: record.Place{Store: "s-2"}, Record: record.ID{8},
			Committed: 6}, Judged: 7}
	notice, err := record.Notice{Terminal: record.TerminalID{2}, Number: 3, Made: 7}.Sign("k", signer)
	require.NoError(t, err)
	correction, err := record.TimeCorrection{Number: 2,
		Withdrawals: []record.Withdrawal{{Number: 2, From: 7, Until: 8}}}.Sign("k", signer)
	require.NoError(t, err)
	return record.Answer{Notice: notice, Correction: correction, Items: []record.Verdict{taken},
		Later: []record.Verdict{twice}, Cursor: 6,
		More:    true,
		Missing: []record.Range{{First: 41, Last: 43}}, Last: new(uint64(44)), Forked: true, Time: at}
}

// bodies are the contract's bodies by the name of their schema.
func bodies(t testing.TB) map[string]any {
	return map[string]any{
		"Enrolment": wire.FromEnrolment(enrolment(t)), "Enrolled": wire.FromEnrolled(enrolled()),
		"Report": wire.FromReport(report(t)), "Answer": wire.FromAnswer(answer(t)),
		"Challenge": wire.Challenge{Challenge: "C", Expires: 1_800_000_300_000},
		"Problem":   wire.NewProblem(fault.New(fault.Forged, "", "not signed by its terminal")),
	}
}

func TestGoldenBodiesStayReadable(t *testing.T) {
	for name, body := range bodies(t) {
		got, err := json.MarshalIndent(body, "", "  ")
		require.NoError(t, err)
		file := filepath.Join("testdata", strings.ToLower(name)+"-v1.json")
		if *update {
			require.NoError(t, os.WriteFile(file, append(got, '\n'), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, strings.TrimSpace(string(want)), string(got), name)
	}
}

func TestBodiesFitTheDocument(t *testing.T) {
	schemas := document(t).Components.Schemas
	for name, body := range bodies(t) {
		assert.NoError(t, fits(schemas[name].Value, body), name)
	}
	assert.Error(t, fits(schemas["Problem"].Value, wire.Problem{Type: "about:blank"}), "the check can fail")
}

func fits(schema *openapi3.Schema, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	return schema.VisitJSON(v)
}

func TestConversionsLoseNothing(t *testing.T) {
	e, err := through(t, wire.FromEnrolment(enrolment(t))).Record()
	require.NoError(t, err)
	assert.Equal(t, enrolment(t), e)
	assert.NoError(t, e.Verify())

	d, err := through(t, wire.FromEnrolled(enrolled())).Record()
	require.NoError(t, err)
	assert.Equal(t, enrolled(), d)

	r, err := through(t, wire.FromReport(report(t))).Record()
	require.NoError(t, err)
	assert.Equal(t, report(t), r)

	a, err := through(t, wire.FromAnswer(answer(t))).Record()
	require.NoError(t, err)
	assert.Equal(t, answer(t), a)
}

// through sends v over the wire.
func through[T any](t *testing.T, v T) T {
	t.Helper()
	var body bytes.Buffer
	require.NoError(t, wire.Write(&body, v))
	got, err := wire.Read[T](&body, wire.MaxBody)
	require.NoError(t, err)
	return got
}

func TestReadRefusesWhatIsNotTheContract(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want fault.Code
	}{
		"nothing":         {"", fault.Malformed},
		"a page":          {"<html>", fault.Malformed},
		"two values":      {`{}{}`, fault.Malformed},
		"half a value":    {`{"heading":"AA`, fault.Malformed},
		"padded base64":   {`{"heading":"AA=="}`, fault.Malformed},
		"trailing bits":   {`{"heading":"AB"}`, fault.Malformed},
		"longer":          {`{"heading":"` + strings.Repeat("A", 100) + `"}`, fault.TooLarge},
		"unknown fields":  {`{"heading":"AA","colour":"red"}`, ""},
		"a deep creature": {strings.Repeat("[", 90), fault.Malformed},
	} {
		_, err := wire.Read[wire.Report](strings.NewReader(c.body), 100)
		assert.Equal(t, c.want, fault.CodeOf(err), name)
	}
	broken := errors.New("cut")
	_, err := wire.Read[wire.Report](brokenReader{broken}, 100)
	assert.Equal(t, broken, err, "an error of the network stays what it is")
}

type brokenReader struct{ err error }

func (b brokenReader) Read([]byte) (int, error) { return 0, b.err }

func TestConversionsRefuseWhatIsIncomplete(t *testing.T) {
	full := wire.FromEnrolment(enrolment(t))
	for name, edit := range map[string]func(*wire.Enrolment){
		"version": func(e *wire.Enrolment) { e.Version = 9 }, "terminal": func(e *wire.Enrolment) {
			e.Terminal = record.TerminalID{}
		},
		"key": func(e *wire.Enrolment) { e.Key = e.Key[1:] }, "proof": func(e *wire.Enrolment) { e.Proof = nil },
		"code": func(e *wire.Enrolment) { e.Code = strings.Repeat("x", 129) }, "lane": func(e *wire.Enrolment) {
			e.Lane = strings.Repeat("x", 65)
		},
	} {
		e := full
		edit(&e)
		_, err := e.Record()
		assert.Error(t, err, name)
	}
	for name, edit := range map[string]func(*wire.Enrolled){
		"token": func(e *wire.Enrolled) { e.Token = "" }, "merchant": func(e *wire.Enrolled) { e.Place.Merchant = "" },
		"roots": func(e *wire.Enrolled) { e.Roots = nil }, "root": func(e *wire.Enrolled) { e.Roots[0].Public = nil },
	} {
		e := wire.FromEnrolled(enrolled())
		edit(&e)
		_, err := e.Record()
		assert.ErrorIs(t, err, fault.Malformed, name)
	}
	for name, edit := range map[string]func(*wire.Answer){
		"status": func(a *wire.Answer) { a.Items[0].Status = "" }, "first": func(a *wire.Answer) { a.Later[0].First = nil },
		"time": func(a *wire.Answer) { a.Time.Millis = 0 }, "signature": func(a *wire.Answer) { a.Time.Signature = nil },
		"range": func(a *wire.Answer) { a.Missing[0].Last = 1 },
	} {
		a := wire.FromAnswer(answer(t))
		edit(&a)
		_, err := a.Record()
		assert.ErrorIs(t, err, fault.Malformed, name)
	}
	_, err := wire.Report{Records: make([]wire.Bytes, record.MaxReport+1)}.Record()
	assert.ErrorIs(t, err, fault.TooLarge)
	_, err = wire.Answer{Items: make([]record.Verdict, wire.MaxAnswers+1)}.Record()
	assert.ErrorIs(t, err, fault.TooLarge)
}

func TestEmptyListsAreListsInJSON(t *testing.T) {
	raw, err := json.Marshal(wire.FromAnswer(record.Answer{}))
	require.NoError(t, err)
	assert.Contains(t, string(raw), `"items":[],"later":[]`)
}

func TestProblemsTellOnlyWhatIsTheClientsBusiness(t *testing.T) {
	p := wire.NewProblem(errors.New("open /var/lib/offlane/store: permission denied"))
	assert.Equal(t, fault.Internal, p.Code())
	assert.Empty(t, p.Detail)
	assert.Equal(t, 500, p.Status)
	p = wire.NewProblem(fault.New(fault.Internal, "", "goroutine 7"))
	assert.Empty(t, p.Detail)
	assert.Equal(t, fault.Code(""), wire.Problem{Type: "about:blank"}.Code())
	assert.Equal(t, fault.Code(""), wire.Problem{Type: wire.ProblemBase + "a/b"}.Code())
}

func TestEveryCodeHasAStatusOfAnError(t *testing.T) {
	for _, code := range declaredCodes(t) {
		status := wire.StatusOf(fault.Code(code))
		assert.True(t, status >= 400 && status < 600, "%s: %d", code, status)
	}
}

// FuzzRead reads whatever a stranger sends as each of the contract's bodies. What is taken must survive another
// journey.
func FuzzRead(f *testing.F) {
	for _, body := range bodies(f) {
		raw, err := json.Marshal(body)
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Add([]byte(`{"items":[null],"later":null,"time":{}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		tryBody(t, raw, wire.Enrolment.Record, wire.FromEnrolment)
		tryBody(t, raw, wire.Enrolled.Record, wire.FromEnrolled)
		tryBody(t, raw, wire.Answer.Record, wire.FromAnswer)
		if again, ok := tryBody(t, raw, wire.Report.Record, wire.FromReport); ok {
			again.Open(signer.Public().(ed25519.PublicKey)) // must not panic
		}
		p, _ := wire.Read[wire.Problem](bytes.NewReader(raw), wire.MaxProblem)
		p.Code()
	})
}

func tryBody[W, R any](t *testing.T, raw []byte, to func(W) (R, error), from func(R) W) (R, bool) {
	var none R
	body, err := wire.Read[W](bytes.NewReader(raw), wire.MaxBody)
	if err != nil {
		return none, false
	}
	r, err := to(body)
	if err != nil {
		return none, false
	}
	again, err := to(through(t, from(r)))
	require.NoError(t, err)
	assert.Equal(t, mustJSON(t, from(r)), mustJSON(t, from(again)))
	return r, true
}

func mustJSON(t *testing.T, v any) string {
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}
