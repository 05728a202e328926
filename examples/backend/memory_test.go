package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// mostGrowth is how far an attack may push the peak of the process's memory, in bytes.
const mostGrowth = 64 << 20

// A process is the program in a process of its own, built without the race detector, whose memory is another.
type process struct {
	t                 *testing.T
	pid               int
	customer, manager string
	key               string // the management key
	client            *http.Client
	secure            *tls.Config
}

// launch builds the program and starts it with TLS on loopback.
func launch(t *testing.T) *process {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getenv("OFFLANE_EXEC") != "" {
		t.Skip("the peak of a process's memory is read from /proc, which is not there for the program alone")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "backend")
	out, err := exec.Command("go", "build", "-race=false", "-ldflags=-s", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	cert, key, trusted := certificate(t)
	cmd := exec.Command(program, "-listen", "127.0.0.1:0", "-manage", "127.0.0.1:0", "-db", filepath.Join(dir, "db"),
		"-cert", cert, "-key", key)
	logs, err := cmd.StderrPipe()
	require.NoError(t, err)
	printed, err := os.Create(filepath.Join(dir, "printed"))
	require.NoError(t, err)
	defer printed.Close()
	cmd.Stdout = printed
	require.NoError(t, cmd.Start())
	p := &process{t: t, pid: cmd.Process.Pid, secure: &tls.Config{RootCAs: trusted}}
	p.client = p.clientOf(false)
	lines := bufio.NewScanner(logs)
	for (p.customer == "" || p.manager == "") && lines.Scan() {
		if found := regexp.MustCompile(`for="?(\w+)[^=]* address=(\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			if found[1] == "merchants" {
				p.manager = "https://" + found[2]
			} else {
				p.customer = "https://" + found[2]
			}
		}
	}
	drained := make(chan struct{})
	go func() { io.Copy(io.Discard, logs); close(drained) }()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		<-drained
		assert.NoError(t, cmd.Wait(), "it ends in good order")
	})
	require.NotEmpty(t, p.manager, "it listens")
	text, err := os.ReadFile(printed.Name())
	require.NoError(t, err)
	p.key = regexp.MustCompile(`management key (\S+)`).FindStringSubmatch(string(text))[1]
	return p
}

// clientOf is a client with connections of its own.
func (p *process) clientOf(http2 bool) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!http2)
	protocols.SetHTTP2(http2)
	round := &http.Transport{TLSClientConfig: p.secure.Clone(), Protocols: protocols}
	return &http.Client{Transport: round, Timeout: 5 * time.Minute}
}

// peak is the greatest size that the process's memory ever had, in bytes (proc_pid_status(5)).
func (p *process) peak() int64 {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	require.NoError(p.t, err)
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	require.NotNil(p.t, found, "%s", status)
	kilobytes, err := strconv.ParseInt(string(found[1]), 10, 64)
	require.NoError(p.t, err)
	return kilobytes << 10
}

// post sends a body as JSON and reads the answer, which may be nil.
func (p *process) post(client *http.Client, url, token string, body, answer any) (int, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	return send(client, url, token, "", raw, answer)
}

func send(client *http.Client, url, token, encoding string, raw []byte, answer any) (int, error) {
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", wire.RequestType)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && answer != nil && response.StatusCode < 300 {
		err = json.Unmarshal(text, answer)
	}
	return response.StatusCode, err
}

// A lane is a till that reports.
type lane struct {
	*process
	id     record.TerminalID
	chain  record.ChainID
	key    ed25519.PrivateKey
	token  string
	number uint64
	prev   record.Hash
	offers []offer.ID
}

// enrol makes a till known.
func (p *process) enrol(offers []offer.ID) *lane {
	p.t.Helper()
	var code wire.Code
	status, err := p.post(p.client, p.manager+wire.PathCodes, p.key, wire.NewCode{Store: "1"}, &code)
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusCreated, status)
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(p.t, err)
	l := &lane{process: p, id: record.NewTerminalID(), chain: record.NewChainID(), key: key, offers: offers}
	var challenge wire.Challenge
	status, err = p.post(p.client, p.customer+wire.PathChallenges, "", nil, &challenge)
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusOK, status)
	e, err := record.Enrolment{Code: code.Code, Terminal: l.id, Lane: "7", Challenge: challenge.Challenge}.Prove(key)
	require.NoError(p.t, err)
	var enrolled wire.Enrolled
	status, err = p.post(p.client, p.customer+wire.PathTerminals, "", wire.FromEnrolment(e), &enrolled)
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusOK, status)
	l.token = enrolled.Token
	return l
}

// report makes a report of 100 redemptions.
func (l *lane) report() (wire.Report, error) {
	var raws [][]byte
	for _, id := range l.offers {
		now := time.Now().UnixMilli()
		l.number++
		raw, err := record.Record{
			Kind: record.Redemption, ID: record.NewID(), Terminal: l.id, Chain: l.chain, Number: l.number, Prev: l.prev,
			Offer: id, Sale: record.Sale{Key: fmt.Sprint("sale ", l.number)},
			Given: record.Money{Amount: 100, Currency: "EUR"}, GivenBy: record.GivenByPOS,
			Time: record.Evidence{Wall: now, Earliest: now - 1000, Latest: now + 1000, Trusted: true},
		}.Encode()
		if err != nil {
			return wire.Report{}, err
		}
		raws, l.prev = append(raws, raw), record.HashOf(raw)
	}
	report, err := record.Seal(record.Heading{Terminal: l.id, Chain: l.chain}, raws, l.key)
	return wire.FromReport(report), err
}

// deliver makes a report and sends it until it is answered, as a till does. It tells how often it was told to come
// again.
func (l *lane) deliver(ctx context.Context) (again int, err error) {
	report, err := l.report()
	if err != nil {
		return 0, err
	}
	for {
		var answer wire.Answer
		status, err := l.post(l.client, l.customer+wire.PathReports, l.token, report, &answer)
		switch {
		case err != nil:
			return again, err
		case status == http.StatusOK && len(answer.Items) == len(l.offers):
			return again, nil
		case status != http.StatusServiceUnavailable:
			return again, fmt.Errorf("status %d with %d items", status, len(answer.Items))
		}
		again++
		select {
		case <-time.After(100 * time.Millisecond): // a till waits longer
		case <-ctx.Done():
			return again, ctx.Err()
		}
	}
}

// packed is a text between two others many times over, compressed: a few kilobytes that become nearly wire.MaxBody
// bytes.
func packed(t *testing.T, before, text, after string) []byte {
	t.Helper()
	var body bytes.Buffer
	w, err := gzip.NewWriterLevel(&body, gzip.BestCompression)
	require.NoError(t, err)
	times := (wire.MaxBody - len(before) - len(after)) / len(text)
	for _, part := range []string{before, strings.Repeat(text, times), after} {
		_, err := io.WriteString(w, part)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return body.Bytes()
}

// bombs are bodies of which each byte costs more than one when it is read whole.
func bombs(t *testing.T) [][]byte {
	return [][]byte{
		packed(t, "", " ", "{}"), packed(t, `{"heading":"`, "A", `"}`), packed(t, `{"records":[""`, `,""`, "]}"),
		packed(t, `{"rotations":[{}`, ",{}", "]}"), packed(t, `{"records":`, "[", ""),
	}
}

var long = flag.Bool("long", false, "have strangers send bombs to the program")

// TestStrangersDoNotExhaustTheMemory has 150 senders and 80 streams of one connection send bombs, with no token and
// with a stolen one, while good tills go on reporting.
func TestStrangersDoNotExhaustTheMemory(t *testing.T) {
	t.Parallel()
	if !*long {
		t.Skip("it is played with the flag -long")
	}
	p := launch(t)
	campaign := wire.Campaign{ID: "coffee", Title: "A free coffee"}
	status, err := p.post(p.client, p.manager+wire.PathCampaigns, p.key, campaign, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, status)
	offers := p.accept(100)
	stolen := p.enrol(offers)
	tills := []*lane{p.enrol(offers), p.enrol(offers), p.enrol(offers)}
	for _, l := range tills {
		for range 10 {
			_, err := l.deliver(t.Context())
			require.NoError(t, err)
		}
	}
	warm := p.peak()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	delivered, again, slowest := 0, 0, time.Duration(0)
	var good sync.WaitGroup
	var mu sync.Mutex
	for _, l := range tills {
		good.Go(func() {
			for ctx.Err() == nil {
				start := time.Now()
				n, err := l.deliver(context.WithoutCancel(ctx))
				if !assert.NoError(t, err, "a good till's report is answered") {
					return
				}
				mu.Lock()
				again, delivered, slowest = again+n, delivered+1, max(slowest, time.Since(start))
				mu.Unlock()
			}
		})
	}
	statuses := p.storm(stolen.token, bombs(t))
	stop()
	good.Wait()
	t.Logf("bombs were answered %v; %d good reports of 100, %d told to come again, the slowest took %v",
		statuses, delivered, again, slowest.Round(time.Millisecond))
	t.Logf("the peak was %d MB after warming up and is %d MB", warm>>20, p.peak()>>20)
	assert.LessOrEqual(t, p.peak()-warm, int64(mostGrowth), "bytes above the peak before the attack")
	assert.Positive(t, delivered, "good tills go on")
	assert.Zero(t, statuses[wire.PathReports+" 200"], "no bomb is taken")
}

// accept accepts offers as new devices do.
func (p *process) accept(n int) []offer.ID {
	p.t.Helper()
	accept := transporttest.AcceptFrom(p.customer, p.client, "coffee")
	offers := make([]offer.ID, n)
	for i := range offers {
		pass, err := accept(p.t.Context())
		require.NoError(p.t, err)
		presented, err := offer.Parse(pass)
		require.NoError(p.t, err)
		offers[i] = presented.ID
	}
	return offers
}

// storm sends bombs from all sides at once, by one sender in two to one half of the places, and counts the answers by
// place and status.
func (p *process) storm(stolen string, bodies [][]byte) map[string]int {
	const senders, streams, rounds = 150, 80, 2
	statuses := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	one := p.clientOf(true) // all streams share its connection
	for i := range senders + streams {
		client := one
		if i < senders {
			client = p.clientOf(false)
		}
		all.Go(func() {
			defer client.CloseIdleConnections()
			for round := range rounds {
				body := bodies[(i+round)%len(bodies)]
				place := []struct{ path, token string }{
					{wire.PathReports, stolen}, {wire.PathTerminals, ""}, {wire.PathDeviceOffers, ""}, {wire.PathReports, ""},
				}[i%2*rounds+round]
				status, err := send(client, p.customer+place.path, place.token, "gzip", body, nil)
				if err != nil {
					status = 0 // it hung up
				}
				mu.Lock()
				statuses[fmt.Sprint(place.path, " ", status)]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return statuses
}
