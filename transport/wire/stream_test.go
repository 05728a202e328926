package wire_test

import (
	"bytes"
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// fullReport is a report with every field.
func fullReport(t testing.TB) wire.Report {
	r := wire.FromReport(report(t))
	r.Passes = []string{"OL1:PASS"}
	r.Statements = []wire.Signed{{KeyID: "k", Content: wire.Bytes{1, 2}, Signature: wire.Bytes{3}}}
	return r
}

func TestAReportIsReadAsItWasWritten(t *testing.T) {
	for name, want := range map[string]wire.Report{"full": fullReport(t), "empty": {Records: []wire.Bytes{}}} {
		for form, indent := range map[string]string{"a line": "", "indented": "\t"} {
			raw, err := json.MarshalIndent(want, "", indent)
			require.NoError(t, err)
			got, err := wire.ReadReport(iotest.OneByteReader(bytes.NewReader(raw)), int64(len(raw)))
			require.NoError(t, err, "%s, %s", name, form)
			assert.JSONEq(t, string(raw), marshal(t, got), "%s, %s", name, form)
			_, err = wire.ReadReport(bytes.NewReader(raw), int64(len(raw))-1)
			assert.ErrorIs(t, err, fault.TooLarge, "%s, %s", name, form)

			upload := wire.Upload{Reports: []wire.Report{want, want}}
			read, err := wire.ReadUpload(strings.NewReader(marshal(t, upload)), 1<<20)
			require.NoError(t, err)
			assert.JSONEq(t, marshal(t, upload), marshal(t, read))
		}
	}
}

func marshal(t testing.TB, v any) string {
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return strings.ReplaceAll(string(raw), `"records":null`, `"records":[]`)
}

func TestALaterVersionsReportIsRead(t *testing.T) {
	later := strings.Replace(marshal(t, fullReport(t)), "{", `{"new":{"a":[1,{"b":null}],"c":"`+strings.Repeat("x", 1<<20)+
		`"},"other":true,`, 1)
	got, err := wire.ReadReport(strings.NewReader(later), wire.MaxBody)
	require.NoError(t, err)
	assert.Equal(t, fullReport(t), got, "what is not known is passed over")
	_, err = wire.ReadUpload(strings.NewReader(`{"reports":[`+later+`]}`), wire.MaxBody)
	assert.NoError(t, err, "within an upload as well")
}

func TestWhatIsNoReportIsRefused(t *testing.T) {
	for body, want := range map[string]fault.Code{
		"": fault.Malformed, "<html>": fault.Malformed, `{"heading":"AA`: fault.Malformed, `{"heading":"AA"`: fault.Malformed,
		`{"heading":"AA"}{}`: fault.Malformed, `[]`: fault.Malformed, `7`: fault.Malformed, `{"records":{}}`: fault.Malformed,
		`{"records":[7]}`: fault.Malformed, `{"records":["!"]}`: fault.Malformed, `{"records":["AA" "AA"]}`: fault.Malformed,
		`{"statements":["AA"]}`: fault.Malformed, `{"x":` + strings.Repeat("[", 100): fault.Malformed,
		`{"records":[""` + strings.Repeat(`,""`, record.MaxReport) + `]}`:      fault.TooLarge,
		`{"statements":[{}` + strings.Repeat(`,{}`, wire.MaxStatements) + `]}`: fault.TooLarge,
		`{"records":["` + strings.Repeat("A", (wire.MaxRecord+3)/3*4) + `"]}`:  fault.TooLarge,
		`{"heading":"` + strings.Repeat("A", 1<<20) + `"}`:                     fault.TooLarge,
		`{"x":"` + strings.Repeat("A", 4<<20) + `"}`:                           fault.TooLarge,
		strings.Repeat(" ", 1<<20) + "{}":                                      fault.TooLarge,
		`{` + strings.Repeat(" ", wire.MaxBody) + "}":                          fault.TooLarge,
	} {
		_, err := wire.ReadReport(strings.NewReader(body), wire.MaxBody)
		assert.Equal(t, want, fault.CodeOf(err), "%.60q: %v", body, err)
	}
	_, err := wire.ReadReport(iotest.ErrReader(io.ErrClosedPipe), 100)
	assert.Equal(t, io.ErrClosedPipe, err, "what the reader says is not the body's fault")
	longest := `{"records":["` + strings.Repeat("A", wire.MaxRecord/3*4) + `"]}`
	_, err = wire.ReadReport(strings.NewReader(longest), wire.MaxBody)
	assert.NoError(t, err)
}

func TestAnUploadIsReadStrictly(t *testing.T) {
	for body, want := range map[string]string{
		`{}`: "reports: ", `{"report":[]}`: "report: ", `{"Reports":[]}`: "Reports: ",
		`{"reports":[],"reports":[]}`:      "reports: ",
		`{"reports":[{},{"heading":"!"}]}`: "reports[1]: ", `{"reports":[{},7]}`: "reports[1]: ",
		`{"reports":[{"records":[7]}]}`: "reports[0]: ",
	} {
		_, err := wire.ReadUpload(strings.NewReader(body), 1000)
		require.ErrorIs(t, err, fault.InvalidRequest, body)
		assert.True(t, strings.HasPrefix(err.(*fault.Error).Detail, want), "%s: %v", body, err)
	}
	_, err := wire.ReadUpload(strings.NewReader(`{"reports":[{}`+strings.Repeat(",{}", wire.MaxReports)+`]}`),
		wire.MaxBody)
	assert.ErrorIs(t, err, fault.TooLarge)
}

// A bomb is a body of up to MaxBody bytes: a beginning, and then one text again and again. It is made as it is read.
type bomb struct{ before, text string }

func (b bomb) open() io.Reader {
	times := (wire.MaxBody - len(b.before)) / len(b.text)
	again := &repeater{text: strings.Repeat(b.text, min(times, 4096))}
	return io.MultiReader(strings.NewReader(b.before), io.LimitReader(again, int64(times*len(b.text))))
}

// A repeater is a text without end.
type repeater struct {
	text string
	at   int
}

func (r *repeater) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

// TestABombCostsLittle reads bodies of 16 MiB of which each byte would cost more than one, and counts what is allocated
// in all.
func TestABombCostsLittle(t *testing.T) {
	reads := map[string]func(io.Reader) error{
		"report": func(body io.Reader) error { _, err := wire.ReadReport(body, wire.MaxBody); return err },
		"upload": func(body io.Reader) error { _, err := wire.ReadUpload(body, wire.MaxBody); return err },
		"enrolment": func(body io.Reader) error {
			_, err := wire.Read[wire.Enrolment](body, 8<<10)
			return err
		},
	}
	for name, b := range map[string]bomb{
		"spaces": {"", " "}, "a text": {`{"heading":"`, "A"}, "records": {`{"records":[""`, `,""`},
		"nesting": {`{"x":`, "["},
		"passes":  {`{"passes":[""`, `,""`}, "statements": {`{"statements":[{}`, `,{}`},
		"deep statements": {`{"statements":[{"x":`, "["},
		"fields":          {`{"x":0`, `,"x":0`}, "reports": {`{"reports":[{}`, `,{}`},
		"texts": {`{"x":["`, `","`},
	} {
		for what, read := range reads {
			body := b.open()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := read(body)
			runtime.ReadMemStats(&after)
			assert.Error(t, err, "%s as %s", name, what)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20), "bytes allocated for %s as %s, in all", name,
				what)
		}
	}
	rotations := `{"rotations":[{}` + strings.Repeat(",{}", 2500) + `]}`
	_, err := wire.Read[wire.Enrolment](strings.NewReader(rotations), 8<<10)
	assert.ErrorIs(t, err, fault.TooLarge, "an enrolment has few rotations")
}

// FuzzReadReport reads whatever a stranger with a token sends: an error has a code, and what is taken is read the same
// again.
func FuzzReadReport(f *testing.F) {
	f.Add([]byte(marshal(f, fullReport(f))))
	f.Add([]byte(`{"x":[1,{"y":null}],"records":null,"heading":"AA"}`))
	f.Add([]byte(`{"records":["AA","!"]} `))
	f.Fuzz(func(t *testing.T, body []byte) {
		report, err := wire.ReadReport(bytes.NewReader(body), 1<<16)
		if err != nil {
			require.NotEmpty(t, fault.CodeOf(err), "%q: %v", body, err)
			return
		}
		again, err := wire.ReadReport(strings.NewReader(marshal(t, report)), 1<<20)
		require.NoError(t, err)
		require.Equal(t, marshal(t, report), marshal(t, again))
	})
}
