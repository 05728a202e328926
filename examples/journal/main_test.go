package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// till makes a folder of a terminal that redeemed some offers and was never connected.
func till(t *testing.T, redemptions int, cfg redeem.JournalConfig) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	issuer := offer.Issuer{Name: "issuer", KeyID: "k1", Private: private}
	dir := t.TempDir()
	terminal, err := redeem.Open(t.Context(), dir, redeem.Config{
		Place: record.Place{Merchant: "m-1", Store: "s-1", Lane: "7"}, Keys: []offer.Key{issuer.Key()}, Journal: cfg,
		Policy: redeem.Policy{MaxAlone: -1},
	})
	require.NoError(t, err)
	for n := range redemptions {
		now := time.Now()
		pass, err := issuer.Issue(offer.Pass{ID: offer.NewID(), IssuedAt: now, NotAfter: now.Add(time.Hour)})
		require.NoError(t, err)
		decision, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: pass, SaleKey: "sale-with-a-long-name-" +
			string(rune('a'+n))})
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, decision.Outcome)
	}
	require.NoError(t, terminal.Close())
	return dir
}

// contents are the files of a folder, to see that nothing changed.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		files[e.Name()] = string(b)
	}
	return files
}

func command(t *testing.T, status int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	require.Equal(t, status, run(args, &out, &errs), "%v: %s%s", args, &out, &errs)
	return out.String() + errs.String()
}

func TestInspectShortensWhatCouldBeUsedAndWritesNothing(t *testing.T) {
	dir := till(t, 3, redeem.JournalConfig{})
	before := contents(t, dir)
	out := command(t, 0, "inspect", dir)
	assert.Contains(t, out, "3 pending")
	assert.Equal(t, 3, strings.Count(out, "redemption"))
	assert.NotContains(t, out, "sale-with-a-long-name")
	assert.Contains(t, command(t, 0, "inspect", "-full", dir), "sale-with-a-long-name-c")
	assert.Contains(t, command(t, 0, "verify", dir), "every link")
	assert.Equal(t, before, contents(t, dir))
}

func TestVerifyTellsOfDamage(t *testing.T) {
	dir := till(t, 5, redeem.JournalConfig{})
	names, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	require.NoError(t, err)
	b, err := os.ReadFile(names[0])
	require.NoError(t, err)
	b[1700] ^= 4
	require.NoError(t, os.WriteFile(names[0], b, 0o600))
	assert.Contains(t, command(t, 1, "verify", dir), "lost: ")
}

func TestEncryptedJournalNeedsItsKey(t *testing.T) {
	key := make([]byte, 32)
	key[3] = 9
	dir := till(t, 1, redeem.JournalConfig{Key: key})
	assert.Contains(t, command(t, 1, "verify", dir), "wrong-key")
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte(hex.EncodeToString(key)+"\n"), 0o600))
	command(t, 0, "verify", "-key", file, dir)
}

func TestExportedReportsAreThoseThatTheTerminalWouldHaveSent(t *testing.T) {
	dir := till(t, 4, redeem.JournalConfig{})
	before := contents(t, dir)
	file := filepath.Join(t.TempDir(), "upload.json")
	assert.Contains(t, command(t, 0, "export", "-o", file, dir), "4 records in 1 reports")
	assert.Equal(t, before, contents(t, dir))
	assert.Contains(t, command(t, 1, "export", "-o", file, dir), "exists")

	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	var upload wire.Upload
	require.NoError(t, json.Unmarshal(raw, &upload))
	require.Len(t, upload.Reports, 1)
	report, err := upload.Reports[0].Record()
	require.NoError(t, err)
	who, err := readIdentity(dir)
	require.NoError(t, err)
	heading, items, err := report.Open(who.key.Public().(ed25519.PublicKey))
	require.NoError(t, err)
	assert.Equal(t, who.Terminal, heading.Terminal)
	require.Len(t, items, 4)
	for i, item := range items {
		require.NoError(t, item.Err)
		assert.Equal(t, uint64(i+1), item.Record.Number)
	}
}

// keeps adds records to a till's journal, each with a pass beside it and with a signed answer of its own.
func keeps(t *testing.T, dir string, records int) {
	t.Helper()
	who, err := readIdentity(dir)
	require.NoError(t, err)
	log, err := journal.Open(t.Context(), dir, journal.Config{})
	require.NoError(t, err)
	defer log.Close()
	for range records {
		var rec record.Record
		require.NoError(t, log.Append(t.Context(), func(v *journal.View) ([]journal.Entry, error) {
			chain, _ := v.Note("chain")
			number, prev := v.Next()
			rec = record.Record{
				Kind: record.Redemption, ID: record.NewID(), Terminal: who.Terminal, Chain: record.ChainID(chain), Number: number,
				Prev: record.Hash(prev), Offer: offer.NewID(), Sale: record.Sale{Key: "s"},
			}
			raw, err := rec.Encode()
			require.NoError(t, err)
			pass, err := cbor.Marshal(map[int]any{1: 1, 2: fmt.Sprint("pass ", number)})
			require.NoError(t, err)
			return []journal.Entry{{ID: journal.ID(rec.ID), Payload: raw, Attachment: pass}}, nil
		}))
		verdicts := []record.Verdict{{Record: rec.ID, Status: record.Confirmed}}
		signed, err := record.Statement{Terminal: who.Terminal, Verdicts: verdicts}.Sign("r", who.key)
		require.NoError(t, err)
		evidence, err := signed.Encode()
		require.NoError(t, err)
		require.NoError(t, log.Settle(t.Context(), []journal.Settlement{{Ref: journal.ID(rec.ID)}}, evidence))
	}
}

func TestAnExportCarriesPassesAndSignedAnswers(t *testing.T) {
	dir := till(t, 1, redeem.JournalConfig{})
	keeps(t, dir, record.MaxStatements+6)
	file := filepath.Join(t.TempDir(), "upload.json")
	assert.Contains(t, command(t, 0, "export", "-all", "-o", file, dir), "71 records in 2 reports")
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	var upload wire.Upload
	require.NoError(t, json.Unmarshal(raw, &upload))
	who, err := readIdentity(dir)
	require.NoError(t, err)
	proven, passes := 0, 0
	for _, body := range upload.Reports {
		report, err := body.Record()
		require.NoError(t, err)
		require.Len(t, report.Passes, len(report.Records))
		for i, raw := range report.Records {
			rec, err := record.Decode(raw)
			require.NoError(t, err)
			if rec.Number == 1 {
				continue // the terminal's own
			}
			passes++
			assert.Equal(t, fmt.Sprint("pass ", rec.Number), report.Passes[i])
		}
		for _, signed := range report.Statements {
			statement, err := signed.Open(who.key.Public().(ed25519.PublicKey))
			require.NoError(t, err)
			proven += len(statement.Verdicts)
		}
	}
	assert.Equal(t, record.MaxStatements+6, passes)
	assert.Equal(t, record.MaxStatements+6, proven)
}

func TestCommandLineIsChecked(t *testing.T) {
	command(t, 2)
	command(t, 2, "write", "x")
	command(t, 2, "export", t.TempDir())
	assert.Contains(t, command(t, 1, "inspect", filepath.Join(t.TempDir(), "missing")), "missing")
	assert.NotNil(t, commands["inspect"](context.Background(), options{dir: "nowhere"}, &bytes.Buffer{}))
}

func TestBackendTakesAnExportAsIfItHadBeenSent(t *testing.T) {
	t.Run("of a till without a network", func(t *testing.T) { exportAndUpload(t, false) })
	t.Run("of a blocked till", func(t *testing.T) { exportAndUpload(t, true) })
}

func exportAndUpload(t *testing.T, blocked bool) {
	t.Helper()
	server := transporttest.NewServer(t, transporttest.Options{})
	server.Campaign(t, wire.Campaign{ID: "spring", Title: "Spring"})
	client, err := transport.New(transport.Config{URL: server.URL, RoundTripper: server.RoundTripper()})
	require.NoError(t, err)
	dir := t.TempDir()
	terminal, err := redeem.Open(t.Context(), dir, redeem.Config{
		Place: record.Place{Lane: "7"}, Keys: server.Keys(), Policy: redeem.Policy{MaxAlone: -1}, Reporter: client,
		EnrolmentCode: server.Code(t, "s-1", 1), Reporting: redeem.Reporting{Manual: true},
	})
	require.NoError(t, err)
	require.NoError(t, terminal.ReportNow(t.Context()), "it enrols")
	device := &http.Client{Transport: server.RoundTripper()}
	pass, err := transporttest.AcceptFrom(server.URL, device, "spring")(t.Context())
	require.NoError(t, err)
	decision, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: pass, SaleKey: "sale 1"})
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, decision.Outcome, "%+v", decision)
	if blocked {
		server.Block(t, terminal.Status().Terminal, true)
		require.ErrorIs(t, terminal.ReportNow(t.Context()), fault.Blocked)
	}
	require.NoError(t, terminal.Close())

	file := filepath.Join(t.TempDir(), "upload.json")
	command(t, 0, "export", "-o", file, dir)
	for range 2 {
		body, err := os.Open(file)
		require.NoError(t, err)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+wire.PathUploads, body)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+transporttest.ManagementKey)
		request.Header.Set("Content-Type", "application/json")
		response, err := device.Do(request)
		require.NoError(t, err)
		raw, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, "%s", raw)
		var uploaded wire.Uploaded
		require.NoError(t, json.Unmarshal(raw, &uploaded))
		require.Len(t, uploaded.Answers, 1)
		require.NotNil(t, uploaded.Answers[0].Answer, "%s", raw)
		assert.Contains(t, string(raw), "confirmed")
	}
}
