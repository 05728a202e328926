package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/local"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// childVariable has a test's program be the daemon.
const childVariable = "OFFLANE_TILLD_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "":
	case plain:
		runPlain(os.Args[2])
		return
	default:
		main()
		return
	}
	code := m.Run()
	removeScenarios()
	os.Exit(code)
}

func newBackend(t testing.TB) *transporttest.Server {
	t.Helper()
	server := transporttest.NewServer(t, transporttest.Options{})
	server.Campaign(t, wire.Campaign{ID: "coffee", Title: "A euro off",
		Terms: terms.Terms{Kind: terms.AmountOff, Amount: 100, Currency: "EUR"}})
	return server
}

// A daemon is one that runs in this process.
type daemon struct {
	dir    string
	url    string // of its address; empty: it has none
	status int    // with which it ended
	stop   func() // ends it and waits for it
	logs   *syncBuffer
}

// A syncBuffer is a buffer that may be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// start runs a daemon in a folder until the test ends.
func start(t testing.TB, dir string, args ...string) *daemon {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	d := &daemon{dir: dir, logs: new(syncBuffer)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.status = run(ctx, append([]string{"-dir", dir}, args...), nil, writer, d.logs)
		writer.Close()
	}()
	d.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	t.Cleanup(d.stop)
	sites := 1
	for _, arg := range args {
		if arg == "-listen" {
			sites++
		}
	}
	d.url = readReady(t, reader, sites, d.logs)
	return d
}

// readReady reads where a daemon listens.
func readReady(t testing.TB, stdout io.Reader, sites int, logs *syncBuffer) (url string) {
	t.Helper()
	lines := bufio.NewScanner(stdout)
	for range sites {
		require.True(t, lines.Scan(), "it does not listen: %s", logs)
		at, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "tilld: listening on "), ",")
		if strings.HasPrefix(at, "http://") {
			url = at
		}
	}
	return url
}

// overSocket calls by the socket of a daemon's folder.
func overSocket(dir string) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(dir, "tilld.sock"))
	}}}
}

type object = map[string]any

// post calls and returns the status and the answer.
func post(t testing.TB, client *http.Client, url, name string, body any, header ...string) (int, object) {
	t.Helper()
	raw, isText := body.(string)
	if !isText {
		text, err := json.Marshal(body)
		require.NoError(t, err)
		raw = string(text)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/"+name, strings.NewReader(raw))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(local.Header, local.Version)
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(r)
	require.NoError(t, err, name)
	defer resp.Body.Close()
	var answer object
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer), name)
	return resp.StatusCode, answer
}

// call is a call by the socket that succeeds.
func (d *daemon) call(t testing.TB, name string, body any) object {
	t.Helper()
	client := overSocket(d.dir)
	defer client.CloseIdleConnections()
	status, answer := post(t, client, "http://localhost", name, body)
	require.Equal(t, http.StatusOK, status, "%s: %v", name, answer)
	return answer
}

func (d *daemon) token(t testing.TB) string {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(d.dir, "token"))
	require.NoError(t, err)
	return strings.TrimSpace(string(token))
}

func basket(amount int) object {
	return object{"currency": "EUR", "lines": []object{{"id": "1", "amount": amount}}}
}

func TestATillIsServedBySocketAndAddress(t *testing.T) {
	backend := newBackend(t)
	pass := backend.Accept(t, "coffee", 1)[0]
	d := start(t, t.TempDir(), "-backend", backend.URL, "-code", backend.Code(t, "s-1", 1), "-manual",
		"-listen", "127.0.0.1:0")
	d.call(t, "report", object{})
	assert.Equal(t, true, d.call(t, "status", object{})["enrolled"])
	sale := object{"scanned": pass, "saleKey": "1", "sale": basket(350)}
	first := d.call(t, "redeem", sale)
	assert.Equal(t, "allow", first["outcome"])
	status, again := post(t, http.DefaultClient, d.url, "redeem", sale, "Authorization", "Bearer "+d.token(t))
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, true, again["again"], "both ways lead to one till")
	assert.Equal(t, first["redemption"], again["redemption"])
	info, err := os.Stat(filepath.Join(d.dir, "tilld.sock"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "the socket is this user's")
	d.stop()
	assert.Zero(t, d.status, d.logs.String())
	assert.NoFileExists(t, filepath.Join(d.dir, "tilld.sock"), "it is gone after a stop")
}
