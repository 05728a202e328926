package main

import (
	"crypto/ed25519"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// issuerNamed signs with a key that its name makes.
func issuerNamed(name string) offer.Issuer {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, name)
	return offer.Issuer{Name: name, KeyID: "k1", Private: ed25519.NewKeyFromSeed(seed)}
}

// passOf is the text of a pass that is valid for two hours around a moment.
func passOf(t *testing.T, by offer.Issuer, at time.Time) string {
	t.Helper()
	text, err := by.Issue(offer.Pass{ID: offer.NewID(), Campaign: "tea",
		IssuedAt: at.Add(-time.Hour).Truncate(time.Second),
		NotAfter: at.Add(time.Hour).Truncate(time.Second)})
	require.NoError(t, err, "a pass of %s", by.Name)
	return text
}

func TestWhatWasReadIsSaidInWords(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.Local)
	acme := issuerNamed("acme")
	keys, err := offer.NewKeys(acme.Key())
	require.NoError(t, err)
	other := issuerNamed("other")
	forger := issuerNamed("forger")
	forger.Name = "acme"
	for name, c := range map[string]struct {
		symbol barcode.Symbol
		says   []string
	}{
		"a genuine pass": {barcode.Symbol{Text: passOf(t, acme, now)}, []string{
			"It is an offer: a signed pass of acme, campaign tea.", "It is genuine: acme signed it.",
			"It is valid until 4 May 2026, 13:00."}},
		"a pass of somebody unknown": {barcode.Symbol{Text: passOf(t, other, now)}, []string{
			"It is an offer: a signed pass of other, campaign tea.",
			"Whether it is genuine cannot be told: the key of other is not known here.",
			"It is valid until 4 May 2026, 13:00."}},
		"a forged pass": {barcode.Symbol{Text: passOf(t, forger, now)}, []string{
			"It is an offer: a signed pass of acme, campaign tea.", "It is not genuine: Not a valid offer.",
			"It is valid until 4 May 2026, 13:00."}},
		"a pass of yesterday": {barcode.Symbol{Text: passOf(t, acme, now.Add(-24*time.Hour))}, []string{
			"It is an offer: a signed pass of acme, campaign tea.", "It is genuine: acme signed it.",
			"The offer has ended on 3 May 2026 13:00."}},
		"a pass of tomorrow": {barcode.Symbol{Text: passOf(t, acme, now.Add(24*time.Hour))}, []string{
			"It is an offer: a signed pass of acme, campaign tea.", "It is genuine: acme signed it.",
			"The offer has not begun: it begins on 5 May 2026 11:00."}},
		"a short code": {barcode.Symbol{Text: offer.NewID().Code()}, []string{"It is an offer: a short code.",
			"Whether it is genuine cannot be told: it carries no signature."}},
		"a coupon of GS1": {barcode.Symbol{Text: "(255)9501101530003(17)260731", AIM: "]C1"}, []string{
			"It is a GS1 coupon without a serial number: it names no single offer.",
			"Whether it is genuine cannot be told: it carries no signature.", "It is valid to the end of 31 July 2026."}},
		"a product": {barcode.Symbol{Format: barcode.EAN13, Text: "4006381333931", AIM: "]E0"},
			[]string{"It is a product's code and no offer."}},
		"a link":  {barcode.Symbol{Text: "https://example.com/"}, []string{"It is a web link and no offer."}},
		"letters": {barcode.Symbol{Text: "FIRST OFFER"}, []string{"This is no offer."}},
	} {
		assert.Equal(t, c.says, teller{keys: keys}.tell(c.symbol, now), name)
	}
}

func TestKeysAreReadFromAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "keys.json")
	data, err := json.Marshal([]offer.Key{issuerNamed("acme").Key()})
	require.NoError(t, err)
	for content, says := range map[string]string{
		string(data): "", "[]": "", "{}": "no list of keys", string(data) + "[]": "behind its list",
		`[{"name":"x"}]`: `"name"`,
		`[{"id":"k","issuer":"acme","public":""}]`: "32 bytes", strings.Repeat(" ", maxKeys+1): "more than",
	} {
		require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
		keys, err := readKeys(name)
		if says != "" {
			require.ErrorContains(t, err, says)
			var errs strings.Builder
			assert.Equal(t, 2, run(t.Context(), []string{"-keys", name}, io.Discard, &errs), "a wrong file is wrong usage")
			assert.Contains(t, errs.String(), says)
			continue
		}
		require.NoError(t, err, "%.20s", content)
		if content != "[]" {
			text := passOf(t, issuerNamed("acme"), time.Now())
			assert.Contains(t, teller{keys: keys}.tell(barcode.Symbol{Text: text}, time.Now()), "It is genuine: acme signed it.")
		}
	}
	_, err = readKeys(name + ".not")
	require.Error(t, err, "a file that is not there")
}

func FuzzKeys(f *testing.F) {
	data, err := json.Marshal([]offer.Key{issuerNamed("acme").Key()})
	require.NoError(f, err)
	f.Add(data)
	f.Add([]byte("[]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := parseKeys("keys", data)
		if err != nil {
			return
		}
		for k := range keys.All() {
			assert.Len(t, k.Public, ed25519.PublicKeySize, "a key that was taken")
		}
	})
}
