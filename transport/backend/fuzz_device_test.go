package backend_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/export"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// FuzzAnswerToken has a device say what became of answers, and accept because of them, with tokens that were made for
// it or for another device and then changed. Those that count were made for this device.
func FuzzAnswerToken(f *testing.F) {
	d := newDesk(f)
	d.answering(0)
	d.campaign(coffee)
	p, other := d.phone(), d.phone()
	lane := d.till("s-1", "7")
	var tokens, mine []string
	p.redeems(lane, "first") // the other is shown other answers
	other.accept("coffee", false)
	for _, each := range []*phone{p, other} {
		each.consents(measured)
		for _, shown := range each.visit().Answers {
			if tokens = append(tokens, shown.Token); each == p {
				mine = append(mine, signedPart(shown.Token))
			}
		}
	}
	require.Len(f, tokens, 4, "each device is shown two answers")
	for which := range tokens {
		f.Add(uint8(which), uint8(0), uint8(0), "", wire.EventSeen)
		f.Add(uint8(which), uint8(10), uint8(1), "x", wire.EventDismiss)
	}
	f.Add(uint8(0), uint8(0), uint8(255), "..", wire.EventClick)
	f.Fuzz(func(t *testing.T, which, at, drop uint8, insert, event string) {
		p := &phone{d.in(t), p.cookies}
		token := tokens[int(which)%len(tokens)]
		start := int(at) % (len(token) + 1)
		token = token[:start] + insert + token[min(start+int(drop), len(token)):]
		w := p.happens(token, event)
		require.Less(t, w.Code, http.StatusInternalServerError, w.Body.String())
		if w.Code < 300 {
			require.Contains(t, mine, signedPart(token), "a token that was not made for the device counts")
		}
		w = p.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "second", Answer: token})
		require.Less(t, w.Code, http.StatusInternalServerError, w.Body.String())
		if w.Code < 300 && token != "" {
			require.Contains(t, mine, signedPart(token), "a token that was not made for the device counts")
		}
	})
}

// signedPart is what of a token is signed, and the signature. The name before it may be written in several ways.
func signedPart(token string) string {
	name, rest, _ := strings.Cut(token, ".")
	raw, _ := base64.RawURLEncoding.DecodeString(name)
	return string(raw) + "." + rest
}

// FuzzConsent sends whatever a browser may send as a consent. What is kept is what the body says, and nothing else.
func FuzzConsent(f *testing.F) {
	d := newDesk(f)
	d.campaign(coffee)
	p := d.phone()
	p.accept("coffee", true)
	f.Add(`{"personal":true,"measurement":true,"export":true,"text":"v1"}`, false)
	f.Add(`{"personal":true,"measurement":true,"export":true,"text":"v2"}`, true)
	f.Add(`{"measurement":true}`, false)
	f.Add(`{"text":" v1","export":1}`, true)
	f.Add(`{}{"personal":true}`, false)
	f.Add(`null`, false)
	f.Fuzz(func(t *testing.T, body string, signal bool) {
		r := httptest.NewRequest("PUT", wire.PathConsent, strings.NewReader(body))
		for _, c := range p.cookies {
			r.AddCookie(c)
		}
		if signal {
			r.Header.Set("Sec-GPC", "1")
		}
		w := httptest.NewRecorder()
		d.server.ServeHTTP(w, r)
		require.Less(t, w.Code, http.StatusInternalServerError, w.Body.String())
		if w.Code != http.StatusOK {
			return
		}
		var said wire.Consent
		require.NoError(t, json.Unmarshal([]byte(body), &said), "what is no consent is kept")
		require.NoError(t, said.Check(), "what cannot be meant is kept")
		kept := (&phone{d.in(t), p.cookies}).listed().Consent
		require.Equal(t, said.Personal, kept.Personal != nil, "personal: %+v", kept)
		require.Equal(t, said.Measurement, kept.Measurement != nil, "measurement: %+v", kept)
		require.Equal(t, said.Export && !signal, kept.Export != nil, "export: %+v", kept)
		require.Equal(t, signal, kept.GPC != 0, "the signal: %+v", kept)
		if said.Measurement {
			require.Equal(t, said.Text, kept.Measurement.Text, "the text")
		}
	})
}

// FuzzClick exports clicks of which the backend takes what an acceptance says. Each is one line of JSON in each
// platform's shape, and one row of a table.
func FuzzClick(f *testing.F) {
	f.Add(wire.PlatformGoogle, "Cj0-first_1", "v1", "customers/1/conversionActions/2", "12.50", "EUR")
	f.Add(wire.PlatformMeta, "=cmd", "v1", "", "1", "EUR")
	f.Add(wire.PlatformECAPI, "a\"\n{}", "v1", "=1+1", "", "")
	f.Add(wire.PlatformECAPI, "a", "v\x00", "x,\"y", "1e5", "EUR")
	f.Fuzz(func(t *testing.T, platform, id, text, destination, value, currency string) {
		accept := wire.Accept{Campaign: "coffee", Click: &wire.Click{Platform: platform, ID: id, Text: text}}
		body := wire.NewExport{Platform: platform, Destination: destination, Value: value, Currency: currency}
		if accept.Check() != nil || body.Check() != nil {
			return
		}
		click := &store.Click{Platform: platform, ID: id, Text: text}
		batch := export.Batch{Platform: platform, Destination: destination, Value: value, Currency: currency}
		lines := []export.Line{{Click: click, Sent: store.Sent{Record: record.NewID()}},
			{Click: click, Sent: store.Sent{Record: record.NewID(), Retracts: true}}}
		told, err := batch.JSONLines(lines)
		require.NoError(t, err)
		require.Equal(t, len(lines), bytes.Count(told, []byte("\n")), "%s", told)
		for line := range bytes.Lines(told) {
			require.True(t, json.Valid(line), "%s is JSON", line)
		}
		require.Contains(t, string(told), id, "the platform knows the click by its id")
		for i := range lines {
			batch.Kind = []export.Kind{export.Current, export.Retractions}[i]
			rows := batch.Rows(lines[i : i+1])
			require.Len(t, rows, 2)
			require.Len(t, rows[1], len(rows[0]), "each column has a name")
		}
	})
}
