package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// terminal runs the program with these arguments and lines, and returns its status and what it wrote.
func terminal(t *testing.T, lines []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(strings.Join(lines, "\n")), &out, &errs)
	return status, out.String(), errs.String()
}

func newBackend(t *testing.T) (server *transporttest.Server, passes []string) {
	t.Helper()
	server = transporttest.NewServer(t, transporttest.Options{})
	server.Campaign(t, wire.Campaign{ID: "spring", Title: "Spring"})
	return server, server.Accept(t, "spring", 2)
}

func TestATillIsDrivenByTyping(t *testing.T) {
	server, passes := newBackend(t)
	status, out, errs := terminal(t, []string{"redeem " + passes[0] + " sale-1", "redeem " + passes[0] + " sale-2",
		"report", "status", "verdicts", "dance"}, "-dir", t.TempDir(), "-backend", server.URL, "-code",
		server.Code(t, "s-1", 1),
		"-lane", "7")
	require.Zero(t, status, errs)
	for _, want := range []string{"allow: receipt", "refuse\n", "already-redeemed", "pending 0", "enrolled: true",
		"0 to acknowledge", "redeem TEXT|FILE"} {
		assert.Contains(t, out, want)
	}
}

func TestAPersonIsTalkedTo(t *testing.T) {
	status, out, errs := terminal(t, []string{"help", "status", "quit"}, "-dir", t.TempDir())
	require.Zero(t, status, errs)
	assert.Contains(t, out, "redeem")
}

func TestWhatTheProgramCannotDoIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no folder":       {nil, 2, "-dir"},
		"unknown flag":    {[]string{"-dir", "x", "-volume", "11"}, 2, "volume"},
		"more words":      {[]string{"-dir", "x", "now"}, 2, "-dir"},
		"not https":       {[]string{"-dir", t.TempDir(), "-backend", "http://offers.example.com"}, 1, "https"},
		"support, none":   {[]string{"support"}, 2, "-dir"},
		"support, folder": {[]string{"support", "-dir", t.TempDir()}, 1, "holds no terminal"},
	} {
		status, _, errs := terminal(t, nil, c.args...)
		assert.Equal(t, c.status, status, name)
		assert.Contains(t, errs, c.says, name)
	}
}

func TestSupportGetsNoSecrets(t *testing.T) {
	server, passes := newBackend(t)
	dir, code := t.TempDir(), server.Code(t, "s-1", 1)
	unproven := offer.NewID().Code() // a manager is asked
	status, out, errs := terminal(t, []string{
		"report", "redeem " + passes[0] + " sale-1", "report",
		"redeem " + unproven + " sale-2", "allow mary@example.com regular", "void sale-1",
	}, "-dir", dir, "-backend", server.URL, "-code", code)
	require.Zero(t, status, errs)
	sold := regexp.MustCompile(`redemption ([0-9a-f]{32})`).FindAllStringSubmatch(out, -1)
	require.Len(t, sold, 2, out)

	file := filepath.Join(t.TempDir(), "support.json")
	status, out, errs = terminal(t, nil, "support", "-dir", dir, "-o", file)
	require.Zero(t, status, errs)
	assert.Contains(t, out, file)
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	text := string(raw)

	var report supportReport
	require.NoError(t, json.Unmarshal(raw, &report))
	require.Len(t, report.Records, 3)
	assert.Equal(t, "sale-1", report.Records[0].Sale)
	assert.True(t, report.Records[0].Reported && report.Records[0].Voided, "the record is reported and voided")
	assert.Equal(t, "void", report.Records[2].Kind)
	assert.NotEmpty(t, report.Files)
	assert.NotEmpty(t, report.Status.Place.Store)

	identity, err := os.ReadFile(filepath.Join(dir, "terminal.json"))
	require.NoError(t, err)
	var secrets struct{ Seed, Token, Terminal string }
	require.NoError(t, json.Unmarshal(identity, &secrets))
	require.NotEmpty(t, secrets.Token)
	seed, err := base64.StdEncoding.DecodeString(secrets.Seed)
	require.NoError(t, err)
	hidden := []string{secrets.Seed, secrets.Token, secrets.Terminal, code, base64.RawURLEncoding.EncodeToString(seed),
		"mary@example.com"}
	for i, scanned := range []string{passes[0], unproven} {
		p, err := offer.Parse(scanned)
		require.NoError(t, err)
		hidden = append(hidden, scanned, p.ID.Code(), p.ID.Grouped(), sold[i][1])
	}
	for _, secret := range hidden {
		require.NotEmpty(t, secret)
		assert.NotContains(t, text, secret)
	}
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	status, out, _ = terminal(t, nil, "support", "-dir", dir, "-o", "-")
	assert.Zero(t, status)
	assert.Contains(t, out, `"records"`)
}

func TestSupportSaysWhoHasTheTerminal(t *testing.T) {
	server, _ := newBackend(t)
	dir := t.TempDir()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	done := make(chan int)
	var out bytes.Buffer
	ready, once := make(chan struct{}), sync.Once{}
	go func() {
		done <- run(t.Context(), []string{"-dir", dir, "-backend", server.URL, "-code", "x"}, reader,
			writerFunc(func(b []byte) (int, error) {
				once.Do(func() { close(ready) })
				return out.Write(b)
			}), &bytes.Buffer{})
	}()
	<-ready
	status, _, errs := terminal(t, nil, "support", "-dir", dir, "-o", "-")
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "open")
	require.NoError(t, writer.Close())
	assert.Zero(t, <-done)
}

// A writerFunc is a function to write to.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// Whoever types a redemption first is not told that the till is not enrolled; and a backend that is away is said once.
func TestTheFirstRedemptionFindsTheTillEnrolled(t *testing.T) {
	server, passes := newBackend(t)
	dir, lines := t.TempDir(), []string{"redeem " + passes[0] + " sale-1"}
	args := []string{"-dir", dir, "-backend", server.URL, "-code"}
	status, out, errs := terminal(t, lines, append(args, "WRONG")...)
	require.Zero(t, status, errs)
	assert.Contains(t, out, "ask", "it is a till all the same")
	assert.Contains(t, errs, "not enrolled yet", "and says why")

	status, out, errs = terminal(t, lines, append(args, server.Code(t, "s-1", 1))...)
	require.Zero(t, status, errs)
	assert.Empty(t, errs)
	assert.Contains(t, out, "allow: receipt")
}
