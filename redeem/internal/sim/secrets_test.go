package sim

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// secretsOf are what the terminal's file holds that must be nowhere else.
func secretsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "terminal.json"))
	require.NoError(t, err)
	var file struct {
		Token string
		Seed  []byte
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Token)
	require.NotEmpty(t, file.Seed)
	return map[string]string{
		"token": file.Token, "key in base64": base64.StdEncoding.EncodeToString(file.Seed), "key in hex": fmt.Sprintf("%x",
			file.Seed),
	}
}

func TestNoSecretIsLoggedWhateverGoesWrong(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	server := transporttest.NewServer(t, transporttest.Options{})
	server.Campaign(t, wire.Campaign{ID: campaignName, Title: "Spring"})
	faults := []transporttest.Fault{
		transporttest.Portal, transporttest.Refused, transporttest.ProxyAuth, transporttest.OtherItems,
		transporttest.ResetAfter, transporttest.AnswerLost,
		transporttest.Busy, transporttest.ServerError, transporttest.CutBody, transporttest.ExpiredToken,
		transporttest.ClockSkew,
	}
	passes := server.Accept(t, campaignName, len(faults))
	client, err := transport.New(transport.Config{URL: server.URL, RoundTripper: server.RoundTripper(), Attempts: 1,
		Logger: logger})
	require.NoError(t, err)
	defer client.Close()
	dir, code := vfstest.Folder(t), server.Code(t, "s-1", 1)
	terminal, err := redeem.Open(t.Context(), dir, redeem.Config{
		Place: record.Place{Lane: "7"}, Reporter: client, EnrolmentCode: code, Reporting: redeem.Reporting{Manual: true},
		Logger: logger,
	})
	require.NoError(t, err)
	defer terminal.Close()
	require.NoError(t, terminal.ReportNow(t.Context()))

	secrets := secretsOf(t, dir)
	secrets["enrolment code"] = code
	for i, f := range faults {
		d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: passes[i], SaleKey: fmt.Sprint("sale ", i)})
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
		p, err := offer.Parse(passes[i])
		require.NoError(t, err)
		secrets[fmt.Sprint("pass ", i)], secrets[fmt.Sprint("code ", i)] = passes[i], p.ID.Code()
		server.Inject(transporttest.Injection{Fault: f})
		_ = terminal.ReportNow(t.Context()) // what it fails with is the log's business
	}
	require.NoError(t, terminal.ReportNow(t.Context()))
	for name, secret := range secretsOf(t, dir) { // the token was renewed
		secrets["later "+name] = secret
	}
	assert.NotEqual(t, secrets["token"], secrets["later token"])
	require.NoError(t, terminal.Close(), "it waits for what is being logged")
	text := log.String()
	assert.Contains(t, text, "report failed")
	assert.Contains(t, text, "exchange")
	for name, secret := range secrets {
		assert.NotContains(t, text, secret, name)
	}
}
