package main

import (
	"bytes"
	"crypto/ed25519"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/barcode/wedge"
	"github.com/offlane/offlane/redeem/offer"
)

var sample = offer.ID{0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}

const gcn = "255" + "4012345000009" + "123456"

// samplePass has a "+" before a vowel, a space and another "+" somewhere in its text, which layouts with dead keys
// swallow.
func samplePass(t testing.TB) string {
	t.Helper()
	issuer := offer.Issuer{Name: "offers.example", KeyID: "2026-11",
		Private: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))}
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	text, err := issuer.Issue(offer.Pass{ID: sample, Audience: []string{"bakery"}, Campaign: "autumn", IssuedAt: at,
		NotAfter: at.AddDate(0, 1, 0)})
	require.NoError(t, err)
	return text
}

func runWith(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	status = run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

func TestAScanIsShown(t *testing.T) {
	arrived, err := wedge.Type("]C1"+gcn+"<GS>17261231", wedge.US, wedge.German, false)
	require.NoError(t, err)
	status, stdout, stderr := runWith(t, arrived+"\r"+sample.Code()+"\nhello\n")
	assert.Zero(t, status, stderr)
	for _, line := range []string{
		`arrived    "+C12554012345000009123456;GS:17261231\r"`,
		"bytes      2b 43 31",
		"symbology  GS1-128 (]C1)",
		"repaired   keyboard layout de, scanner layout us",
		`repaired   group separator from "<GS>"`,
		`text       "2554012345000009123456\x1d17261231"`,
		"offer      GS1, coupon 255:4012345000009",
		"offer      short code, identifier 7XUJ…",
		"offer      none: offer.Parse: not-an-offer: it is no offer, it looks like something else",
	} {
		assert.Contains(t, stdout, line)
	}
	assert.NotContains(t, stdout, "identifier "+sample.Code())
}

func TestTheSelfTestIsDrawnScannedAndKept(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		args []string
		file string
		text string
	}{
		{nil, "test.png", wedge.SelfTest},
		{[]string{"-linear"}, "linear.png", wedge.SelfTestLinear},
	} {
		picture, profile := filepath.Join(dir, test.file), filepath.Join(dir, test.file+".json")
		status, _, stderr := runWith(t, "", append(test.args, "-draw", picture)...)
		require.Zero(t, status, stderr)
		text := readPicture(t, picture)
		assert.Equal(t, test.text, text, "the barcode holds the self-test")

		arrived, err := wedge.Type(text, wedge.US, wedge.French, false)
		require.NoError(t, err)
		status, stdout, stderr := runWith(t, arrived+"\r", "-learn", "-profile", profile)
		require.Zero(t, status, stderr)
		assert.Contains(t, stdout, `The scanner believes in the layout "us", the computer is set to "fr": that is undone.`)

		arrived, err = wedge.Type(sample.Code(), wedge.US, wedge.French, false)
		require.NoError(t, err)
		status, stdout, stderr = runWith(t, arrived+"\r", "-profile", profile)
		require.Zero(t, status, stderr)
		assert.Contains(t, stdout, "offer      short code, identifier 7XUJ…")
	}
	status, _, _ := runWith(t, "", "-draw", filepath.Join(dir, "test.svg"))
	assert.Zero(t, status)
}

func readPicture(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	img, err := png.Decode(f)
	require.NoError(t, err)
	symbols, err := new(barcode.Scanner).Scan(t.Context(), img)
	require.NoError(t, err)
	require.Len(t, symbols, 1)
	return symbols[0].Text
}

func TestWhatGoesWrongIsSaid(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.json")
	require.NoError(t, os.WriteFile(bad, []byte("{}"), 0o600))
	for name, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"an unknown flag":          {[]string{"-colour"}, 2, "usage:"},
		"an argument":              {[]string{"x"}, 2, "usage:"},
		"learning for nothing":     {[]string{"-learn"}, 2, "usage:"},
		"two sources":              {[]string{"-device", "a", "-serial", "b"}, 2, "usage:"},
		"no such device":           {[]string{"-device", filepath.Join(dir, "none")}, 1, "wedge:"},
		"no such port":             {[]string{"-serial", filepath.Join(dir, "none")}, 1, "wedge:"},
		"no such profile":          {[]string{"-profile", filepath.Join(dir, "none")}, 1, "wedge:"},
		"a profile that is none":   {[]string{"-profile", bad}, 1, "run the self-test again"},
		"a picture of no form":     {[]string{"-draw", filepath.Join(dir, "x.gif")}, 1, "name a .png"},
		"a folder that is not":     {[]string{"-draw", filepath.Join(dir, "no", "x.png")}, 1, "wedge:"},
		"no self-test was scanned": {[]string{"-learn", "-profile", filepath.Join(dir, "p.json")}, 1, "no self-test came"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, stderr := runWith(t, "hello\r", test.args...)
			assert.Equal(t, test.status, status)
			assert.Contains(t, stderr, test.says)
		})
	}
}
