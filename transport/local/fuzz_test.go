package local_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/local"
)

// Whatever is sent, the answer is the contract's, and it is no failure of the service.
func FuzzCalls(f *testing.F) {
	code := offer.NewID().Code()
	for name, body := range map[string]string{
		"redeem": `{"scanned":"` + code + `","saleKey":"1","override":{"manager":"m","why":"w"},` +
			`"sale":{"currency":"EUR","lines":[{"amount":1,"quantity":0.5,"unit":"kg"}]}}`,
		"void":           `{"saleKey":"1","key":"r","returned":{"amount":1,"currency":"EUR"}}`,
		"records":        `{"since":"2026-11-26T00:00:00Z"}`,
		"correct":        `{"saleKey":"1","given":{"amount":1,"currency":"EUR"}}`,
		"scanner-read":   `{"arrived":"x\r","profile":{"version":1}}`,
		"reserve":        `{"scanned":"` + code + `","saleKey":"2","holdSeconds":1}`,
		"install-bundle": `{"bundle":"AAAA"}`,
		"acknowledge":    `{"records":["00000000000000000000000000000001"]}`,
		"scanner-learn":  `{"arrived":"OFFLANE1 "}`,
		"status":         `{}`,
	} {
		f.Add(name, body, "de;q=0.5")
	}
	terminal, err := redeem.Open(f.Context(), f.TempDir(), redeem.Config{Policy: redeem.Policy{MaxAlone: -1}})
	require.NoError(f, err)
	service, err := local.New(local.Config{Terminal: terminal})
	require.NoError(f, err)
	f.Cleanup(func() { terminal.Close() })
	f.Fuzz(func(t *testing.T, name, body, language string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/v1/x", strings.NewReader(body))
		r.URL.Path = "/v1/" + name
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept-Language", language)
		w := httptest.NewRecorder()
		service.ServeHTTP(w, r)
		if w.Code == http.StatusTemporaryRedirect || w.Code == http.StatusMovedPermanently {
			return // the path was not clean
		}
		assert.NotEqual(t, http.StatusInternalServerError, w.Code, w.Body.String())
		assert.True(t, json.Valid(w.Body.Bytes()), "the answer is JSON: %s", w.Body)
	})
}
