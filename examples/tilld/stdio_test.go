package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
)

// talk sends lines to a daemon and returns its answers by their ids.
func talk(t *testing.T, lines ...string) map[string]answer {
	t.Helper()
	var out, logs bytes.Buffer
	in := strings.NewReader(strings.Join(lines, "\n"))
	require.Zero(t, run(t.Context(), []string{"-dir", t.TempDir(), "-stdio"}, in, &out, &logs), logs.String())
	answers := map[string]answer{}
	for text := range strings.Lines(out.String()) {
		var a answer
		require.NoError(t, json.Unmarshal([]byte(text), &a), text)
		answers[string(a.ID)] = a
	}
	require.Len(t, answers, len(lines))
	return answers
}

func TestLinesAreServedAsRequestsAre(t *testing.T) {
	code := offer.NewID().Code()
	got := talk(t,
		`{"id":1,"call":"redeem","language":"fr","body":{"scanned":"`+code+`","saleKey":"1"}}`,
		`{"id":"two","call":"status"}`,
		`{"id":3,"call":"redeem","body":{"scanned":"x"}}`,
		`{"id":4,"call":"../health"}`,
		`{"id":5,"call":"draw","body":{"text":"x","format":"qr_code"}}`,
		`{"call":"status","id":6,"volume":11}`,
	)
	var d struct{ Outcome, Message string }
	require.NoError(t, json.Unmarshal(got["1"].Body, &d))
	assert.Equal(t, 200, got["1"].Status)
	assert.Equal(t, "ask", d.Outcome)
	assert.Equal(t, "Caisse non configurée. Appelez un responsable.", d.Message)
	assert.Equal(t, 200, got[`"two"`].Status)
	assert.Equal(t, 400, got["3"].Status)
	assert.Contains(t, string(got["3"].Body), "saleKey: the field is missing")
	assert.Equal(t, 404, got["4"].Status)
	assert.Equal(t, "image/png", got["5"].Type)
	assert.NotEmpty(t, got["5"].Data)
	assert.Equal(t, 400, got[""].Status, "a line that cannot be read has no id")
	assert.Contains(t, string(got[""].Body), "volume")
}

func TestALineHoldsAPicture(t *testing.T) {
	drawn := talk(t, `{"id":1,"call":"draw","body":{"text":"OL1:LINE","format":"qr_code"}}`)["1"].Data
	read := talk(t,
		`{"id":1,"call":"read-picture","type":"image/png","data":"`+base64.StdEncoding.EncodeToString(drawn)+`"}`)
	assert.Contains(t, string(read["1"].Body), `"OL1:LINE"`)
	dark := base64.StdEncoding.EncodeToString(make([]byte, 40*30))
	frame := talk(t,
		`{"id":1,"call":"read-picture","type":"application/octet-stream","query":"width=40&height=30","data":"`+
			dark+`"}`)
	assert.JSONEq(t, `{"symbols":[]}`, string(frame["1"].Body))
}
