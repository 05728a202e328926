package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var rounds = flag.Int("rounds", 0,
	"how often a client in C, its daemon or both are killed, and a fiftieth as often in each "+
		"other language; 0: some times")

// spawn runs a daemon in a process of its own, that can be killed.
func spawn(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	return child(t, "1", append([]string{"-dir", dir}, args...)...)
}

func kill(cmd *exec.Cmd) {
	if cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // its error is the kill itself
	}
}

// A point is where between question and answer something is killed.
type point int

const (
	noPoint      point = iota
	beforeCall         // the question has not reached the daemon
	duringCall         // the daemon works on it
	beforeAnswer       // the answer was given and has not reached the client
	points
)

// A cutter stands between a client and the daemon, and kills at a point of the next call.
type cutter struct {
	proxy http.Handler

	mu   sync.Mutex
	at   point
	kill func()
	done chan struct{} // closed when it killed
}

// arm has the next call be cut.
func (c *cutter) arm(at point, kill func()) (done <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.kill, c.done = at, kill, make(chan struct{})
	return c.done
}

// ServeHTTP hands a call on, cuts it where it was told to, and lets the next ones through.
func (c *cutter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r = r.WithContext(context.WithoutCancel(r.Context())) // a client that is killed takes no question back
	c.mu.Lock()
	at, kill, done := c.at, c.kill, c.done
	c.at = noPoint
	c.mu.Unlock()
	answer, ended := httptest.NewRecorder(), make(chan struct{})
	cut := func() {
		kill()
		close(done)
	}
	if at == beforeCall {
		cut()
		panic(http.ErrAbortHandler)
	}
	go func() {
		defer close(ended)
		c.proxy.ServeHTTP(answer, r)
	}()
	if at == duringCall {
		for range rand.N(2000) {
			runtime.Gosched()
		}
		cut()
	}
	<-ended
	if at == beforeAnswer {
		cut()
	}
	if at != noPoint || answer.Code == http.StatusBadGateway && answer.Header().Get("Content-Type") == "" {
		panic(http.ErrAbortHandler) // nobody answered
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// A siege kills a till's daemon and its clients.
type siege struct {
	lot    *lot
	dir    string
	args   []string
	daemon *exec.Cmd
	cutter *cutter
	url    string
	asked  map[string]string // redemptions by their keys
}

func newSiege(t *testing.T) *siege {
	t.Helper()
	l := newLot(t)
	s := &siege{lot: l, dir: t.TempDir(), asked: map[string]string{}}
	s.args = []string{"-backend", l.network.URL, "-code", l.backend.Code(t, "s-1", 1), "-manual"}
	s.daemon = spawn(t, s.dir, s.args...)
	t.Cleanup(func() { kill(s.daemon) })
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "token"), []byte(newToken()), 0o600))
	socket, err := url.Parse("http://localhost")
	require.NoError(t, err)
	s.cutter = &cutter{proxy: &httputil.ReverseProxy{
		Transport: &http.Transport{DialContext: overSocket(s.dir).Transport.(*http.Transport).DialContext,
			DisableKeepAlives: true},
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(socket) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}}
	server := httptest.NewServer(s.cutter)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.call(t, "report", object{})
	return s
}

func (s *siege) call(t *testing.T, name string, body any) object {
	t.Helper()
	return (&daemon{dir: s.dir}).call(t, name, body)
}

// An asker is a client's process that redeems.
type asker struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Scanner
	stderr bytes.Buffer
}

func (s *siege) ask(t *testing.T, lang language, out string) *asker {
	t.Helper()
	a := &asker{cmd: lang.command(context.Background(), out, lang.run, s.url, filepath.Join(s.dir, "token"), "rounds")}
	a.cmd.Stderr = &a.stderr
	var err error
	a.stdin, err = a.cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := a.cmd.StdoutPipe()
	require.NoError(t, err)
	a.stdout = bufio.NewScanner(stdout)
	require.NoError(t, a.cmd.Start())
	t.Cleanup(func() { kill(a.cmd) })
	return a
}

// answer reads the redemption that a question was answered with.
func (a *asker) answer(t *testing.T, key string) string {
	t.Helper()
	require.True(t, a.stdout.Scan(), "the client ended: %s", &a.stderr)
	words := strings.Fields(a.stdout.Text())
	require.Len(t, words, 3, a.stdout.Text())
	require.Equal(t, []string{key, "allow"}, words[:2], "the one answer that there is")
	return words[2]
}

// round kills between one question and its answer; then the question is asked again, and once more.
func (s *siege) round(t *testing.T, lang language, out, key, pass string, n int) {
	client := s.ask(t, lang, out)
	killsClient, killsDaemon := n%3 != 1, n%3 != 0
	done := s.cutter.arm(beforeCall+point(n/3)%(points-beforeCall), func() {
		if killsClient {
			kill(client.cmd)
		}
		if killsDaemon {
			kill(s.daemon)
		}
	})
	question := key + " " + pass
	fmt.Fprintln(client.stdin, question)
	<-done
	if killsDaemon {
		s.daemon = spawn(t, s.dir, s.args...)
	}
	if killsClient {
		client = s.ask(t, lang, out)
		fmt.Fprintln(client.stdin, question)
	}
	first := client.answer(t, key)
	fmt.Fprintln(client.stdin, question)
	require.Equal(t, first, client.answer(t, key), "asked again")
	s.asked[key] = first
	kill(client.cmd)
}

// Whatever is killed between question and answer, there is one record a key, and the retry gets the one answer. Without
// -long the client in Python alone is killed.
func TestKilledClientsAndDaemonsRedeemOnce(t *testing.T) {
	t.Parallel()
	inLongTests(t)
	s := newSiege(t)
	for _, lang := range languages {
		if lang.name == "curl" {
			continue // it asks once
		}
		n := 9
		switch {
		case lang.name != "c" && *rounds > 0:
			n = (*rounds + 49) / 50
		case lang.name != "c":
			n = 3
		case *rounds > 0:
			n = *rounds
		}
		t.Run(lang.name, func(t *testing.T) {
			out := lang.built(t)
			for i, pass := range s.lot.backend.Accept(t, "coffee", n) {
				s.round(t, lang, out, fmt.Sprintf("%s-%d", lang.name, i), pass, i)
			}
		})
	}
	s.onceEach(t)
}

// onceEach holds the journal to what the clients heard.
func (s *siege) onceEach(t *testing.T) {
	t.Helper()
	found := map[string]string{}
	for after := 0.0; ; {
		page := s.call(t, "records", object{"after": after})
		for _, each := range page["records"].([]any) {
			r := each.(object)
			key := r["saleKey"].(string)
			assert.NotContains(t, found, key, "a second record of one key")
			found[key], after = r["id"].(string), r["number"].(float64)
		}
		if page["more"] != true {
			break
		}
	}
	assert.Equal(t, s.asked, found, "one record a key, and it is the one that the client heard of")
}
