package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/local"
	"github.com/offlane/offlane/transport/local/localtest"
	"github.com/offlane/offlane/transport/transporttest"
)

// A language is one that a client is written in.
type language struct {
	name   string
	needs  []string // programs
	build  []string // the command that builds the scenario, in the client's folder; OUT stands for a folder; nil: none
	run    []string // the command that runs it
	socket bool     // it calls by the Unix socket, else by the address
}

var languages = []language{
	{"python", []string{"python3"}, nil, []string{"python3", "-B", "scenario.py"}, true},
	{"node", []string{"node"}, nil, []string{"node", "scenario.mjs"}, true},
	{"java", []string{"javac", "java"}, []string{"javac", "-J-XX:TieredStopAtLevel=1",
		"-J-XX:+UseSerialGC", "-Xlint:all,-serial", "-Werror", "-d", "OUT", "Tilld.java", "Scenario.java"},
		[]string{"java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", "OUT", "Scenario"}, false},
	{"csharp", []string{"mcs", "mono"}, []string{"mcs", "-warnaserror", "-out:OUT/scenario.exe", "Tilld.cs",
		"Scenario.cs"},
		[]string{"mono", "OUT/scenario.exe"}, false},
	{"c", []string{"gcc"}, []string{"gcc", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-O1",
		"-fsanitize=address,undefined", "-o", "OUT/scenario", "scenario.c"}, []string{"OUT/scenario"}, true},
	{"curl", []string{"sh", "curl", "sed"}, nil, []string{"sh", "scenario.sh"}, false},
}

// command is a command of the language, in the client's folder.
func (l language) command(ctx context.Context, out string, words []string, args ...string) *exec.Cmd {
	var all []string
	for _, word := range words {
		all = append(all, string(bytes.ReplaceAll([]byte(word), []byte("OUT"), []byte(out))))
	}
	cmd := exec.CommandContext(ctx, programOf(all[0]), append(all[1:], args...)...)
	cmd.Dir = filepath.Join("clients", l.name)
	return cmd
}

// programOf returns the program of that name. A python3 may be a script that looks for an interpreter first, which
// costs more than what the clients do: the interpreter is looked for once.
func programOf(name string) string {
	if name == "python3" {
		return python3()
	}
	return name
}

var python3 = sync.OnceValue(func() string {
	out, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	if found := string(bytes.TrimSpace(out)); err == nil && found != "" {
		return found
	}
	return "python3" // whoever starts it says what is wrong
})

// find skips the test where a runtime is missing, by its name. Where CI is true it fails.
func (l language) find(t *testing.T) {
	t.Helper()
	for _, program := range l.needs {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") == "true" {
				require.Fail(t, "a runtime is missing", "%s: %v", program, err)
			}
			t.Skipf("%s is not installed: the client in %s is not tried", program, l.name)
		}
	}
}

// scenarios are the folders with what was built for the tests so far, by the name of the language. TestMain removes
// them. The lock is held while one is built.
var (
	scenariosLock sync.Mutex
	scenarios     = map[string]string{}
)

func removeScenarios() {
	for _, out := range scenarios {
		os.RemoveAll(out)
	}
}

var long = flag.Bool("long", false, "try the clients in all languages, not in Python alone, and kill them")

// inLongTests skips a test without the flag -long.
func inLongTests(t *testing.T) {
	t.Helper()
	if !*long {
		t.Skip("it is played with the flag -long")
	}
}

// built builds the scenario of a language, once for all tests, and returns its folder. Without the flag -long it skips
// a test of another one than Python.
func (l language) built(t *testing.T) (out string) {
	t.Helper()
	if l.name != "python" {
		inLongTests(t)
	}
	l.find(t)
	scenariosLock.Lock()
	defer scenariosLock.Unlock()
	if out := scenarios[l.name]; out != "" || l.build == nil {
		return out
	}
	out, err := os.MkdirTemp("", "offlane-"+l.name+"-")
	require.NoError(t, err)
	scenarios[l.name] = out
	text, err := l.command(t.Context(), out, l.build).CombinedOutput()
	require.NoError(t, err, "%s", text)
	return out
}

// A lot is a daemon, its backend, and another till of the store.
type lot struct {
	backend *transporttest.Server
	offline atomic.Bool // cuts the daemon off
	network *httptest.Server
	other   *redeem.Terminal
}

func newLot(t *testing.T) *lot {
	t.Helper()
	l := &lot{backend: newBackend(t)}
	l.network = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.offline.Load() {
			panic(http.ErrAbortHandler)
		}
		l.backend.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(l.network.Close)
	client, err := transport.New(transport.Config{URL: l.backend.URL})
	require.NoError(t, err)
	l.other, err = redeem.Open(t.Context(), t.TempDir(), redeem.Config{Place: record.Place{Lane: "other"},
		Reporter:      client,
		EnrolmentCode: l.backend.Code(t, "s-1", 1), Reporting: redeem.Reporting{Manual: true}})
	require.NoError(t, err)
	t.Cleanup(func() { l.other.Close() })
	require.NoError(t, l.other.ReportNow(t.Context()))
	return l
}

// elsewhere redeems an offer at the other till and reports it.
func (l *lot) elsewhere(t *testing.T, pass, sale string) redeem.Decision {
	t.Helper()
	d, err := l.other.Redeem(t.Context(), redeem.Request{Scanned: pass, SaleKey: sale,
		Sale: redeem.Sale{Currency: "EUR", Lines: []redeem.Line{{Amount: 350}}}})
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	require.NoError(t, l.other.ReportNow(t.Context()))
	return d
}

// A front stands before a daemon, at a socket and an address of its own, and holds what goes through to the contract.
type front struct {
	url, socket string
}

func newFront(t *testing.T, d *daemon) front {
	t.Helper()
	serve := func(to string, by http.RoundTripper, listener net.Listener) string {
		target, err := url.Parse(to)
		require.NoError(t, err)
		proxy := &httputil.ReverseProxy{Transport: by, Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		}}
		server := httptest.NewUnstartedServer(localtest.NewWitness(t, proxy))
		if listener != nil {
			server.Listener.Close()
			server.Listener = listener
		}
		server.Start()
		t.Cleanup(server.Close)
		return server.URL
	}
	f := front{socket: filepath.Join(t.TempDir(), "s")}
	listener, err := net.Listen("unix", f.socket)
	require.NoError(t, err)
	serve("http://localhost", overSocket(d.dir).Transport, listener)
	f.url = serve(d.url, http.DefaultTransport, nil)
	return f
}

// where are the arguments with which a language's client reaches a daemon.
func (l language) where(d *daemon, f front) []string {
	if l.socket {
		return []string{"unix:" + f.socket, "-"}
	}
	return []string{f.url, filepath.Join(d.dir, "token")}
}

// Every client runs the same scenario against one daemon and one backend, and keeps the contract.
func TestClientsRunTheSameScenario(t *testing.T) {
	t.Parallel()
	l := newLot(t)
	d := start(t, t.TempDir(), "-backend", l.network.URL, "-code", l.backend.Code(t, "s-1", 1), "-manual", "-zone", "UTC",
		"-listen", "127.0.0.1:0")
	for _, lang := range languages {
		t.Run(lang.name, func(t *testing.T) { l.scenario(t, d, lang) })
	}
}

func (l *lot) scenario(t *testing.T, d *daemon, lang language) {
	out := lang.built(t)
	passes := l.backend.Accept(t, "coffee", 3)
	returned := l.elsewhere(t, passes[2], lang.name+"-other")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := append(lang.where(d, newFront(t, d)), lang.name, passes[0], passes[1], string(returned.Receipt))
	cmd := lang.command(ctx, out, lang.run, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	last := l.obey(t, stdin, stdout, func() { l.elsewhere(t, passes[1], lang.name+"-first") })
	l.offline.Store(false)
	require.NoError(t, cmd.Wait(), "%s\n%s", last, stderr.String())
	assert.Equal(t, "ok", last, stderr.String())
	v := l.booked(t, d, lang.name+"-r")
	assert.Equal(t, true, v["reported"], "the backend took the return")
}

// obey does what a scenario asks for and returns the last line of it.
func (l *lot) obey(t *testing.T, stdin io.Writer, stdout io.Reader, sellElsewhere func()) (last string) {
	t.Helper()
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		last = lines.Text()
		switch last {
		case "offline":
			l.offline.Store(true)
			sellElsewhere()
		case "online":
			l.offline.Store(false)
		default:
			continue
		}
		fmt.Fprintln(stdin, "done")
	}
	return last
}

// booked is the record of a return.
func (l *lot) booked(t *testing.T, d *daemon, key string) object {
	t.Helper()
	records := d.call(t, "records", object{"saleKey": key})["records"].([]any)
	require.Len(t, records, 1, key)
	return records[0].(object)
}

// What the C client's reader of JSON does with what is none.
func TestTheCClientReadsJSON(t *testing.T) {
	for _, lang := range languages {
		if lang.name == "c" {
			out := lang.built(t)
			text, err := lang.command(t.Context(), out, lang.run, "x", "-", "json").CombinedOutput()
			assert.NoError(t, err, "%s", text)
		}
	}
}

// typeOf are the names of the types of TypeScript that are not those of the document.
var typeOf = map[string]string{"Record": "JournalRecord", "Symbol": "PictureSymbol"}

// The types of the client for Node have the fields of the contract.
func TestTheTypesOfNodeAreTheContracts(t *testing.T) {
	text, err := os.ReadFile("clients/node/tilld.d.mts")
	require.NoError(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(local.OpenAPI())
	require.NoError(t, err)
	details := []string{"transaction", "operator", "businessDate", "shift"}
	inherited := map[string][]string{"Request": details, "Correction": details, "Void": details, "Record": details,
		"Reservation": fieldsOf(doc, "Request"), "Page": fieldsOf(doc, "Query")}
	seen := 0
	for name := range doc.Components.Schemas {
		find := regexp.MustCompile(`(?s)export interface ` + cmp.Or(typeOf[name], name) + `(?: extends \w+)? \{(.*?)\n?\}\n`)
		block := find.FindSubmatch(text)
		if block == nil {
			continue
		}
		seen++
		for _, field := range fieldsOf(doc, name) {
			if !slices.Contains(inherited[name], field) {
				assert.Regexp(t, `\b`+field+`\??:`, string(block[1]), "interface %s lacks %s", name, field)
			}
		}
	}
	assert.Greater(t, seen, 25, "interfaces are found")
}

func fieldsOf(doc *openapi3.T, name string) []string {
	return slices.Collect(maps.Keys(doc.Components.Schemas[name].Value.Properties))
}
