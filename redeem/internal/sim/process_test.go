package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// A process is the backend program, running on its own.
type process struct {
	url, manage string
}

const processKey = "a key for management"

// startBackend builds the backend program and runs it with its store in dir until the benchmark ends.
func startBackend(b *testing.B, dir string) *process {
	b.Helper()
	program := filepath.Join(dir, "backend")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", program, "../../../examples/backend")
	build.Stderr = os.Stderr
	require.NoError(b, build.Run())
	listen, manage := freeAddress(b), freeAddress(b)
	ctx, stop := context.WithCancel(context.WithoutCancel(b.Context()))
	run := exec.CommandContext(ctx, program, "-listen", listen, "-manage", manage, "-db", filepath.Join(dir, "store"))
	run.Env = append(os.Environ(), "OFFLANE_MANAGEMENT_KEY="+processKey)
	require.NoError(b, run.Start())
	b.Cleanup(func() {
		stop()
		run.Wait() // it was killed
	})
	p := &process{"http://" + listen, "http://" + manage}
	client, err := transport.New(transport.Config{URL: p.url, Attempts: 10, Wait: time.Second})
	require.NoError(b, err)
	_, err = client.Health(b.Context())
	require.NoError(b, err)
	return p
}

func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer l.Close()
	return l.Addr().String()
}

// post creates something on the management side.
func (p *process) post(b *testing.B, path string, body, answer any) {
	b.Helper()
	raw, err := json.Marshal(body)
	require.NoError(b, err)
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, p.manage+path, bytes.NewReader(raw))
	require.NoError(b, err)
	req.Header.Set("Authorization", "Bearer "+processKey)
	req.Header.Set("Content-Type", wire.RequestType)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(b, err)
	defer resp.Body.Close()
	require.Equal(b, http.StatusCreated, resp.StatusCode)
	require.NoError(b, json.NewDecoder(resp.Body).Decode(answer))
}

// freshName is the campaign of the offers for the sales that are timed.
const freshName = "fresh"

// prepare makes a code for one terminal and n passes with many uses.
func (p *process) prepare(b *testing.B, n int) (code string, passes []string) {
	b.Helper()
	var made wire.Code
	p.post(b, wire.PathCodes, wire.NewCode{Store: "s-1", Terminals: 1}, &made)
	return made.Code, p.offers(b, campaignName, usesOfOffer, n)
}

// offers makes a campaign and accepts n of its offers.
func (p *process) offers(b *testing.B, name string, uses, n int) (passes []string) {
	b.Helper()
	var campaign wire.Campaign
	p.post(b, wire.PathCampaigns, wire.Campaign{ID: name, Title: name, Uses: uses, OfflineUses: uses}, &campaign)
	accept := transporttest.AcceptFrom(p.url, nil, name)
	for range n {
		pass, err := accept(b.Context())
		require.NoError(b, err)
		passes = append(passes, pass)
	}
	return passes
}
