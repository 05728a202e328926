package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/examples/internal/backups"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/wire"
)

func parse(t *testing.T, args ...string) (options, error) {
	t.Helper()
	flags := flag.NewFlagSet("backend", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return readOptions(flags, args)
}

func TestFlagsGoBeforeTheEnvironment(t *testing.T) {
	t.Setenv("OFFLANE_LISTEN", "127.0.0.1:1")
	t.Setenv("OFFLANE_DB", "from-the-environment.db")
	o, err := parse(t, "-listen", "127.0.0.1:2")
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1:2", o.listen)
	assert.Equal(t, "from-the-environment.db", o.db)
	assert.Equal(t, "127.0.0.1:8081", o.manage)
	for name, args := range map[string][]string{
		"a word": {"serve"}, "unknown": {"-x"}, "half a key pair": {"-cert", "c.pem"}, "never": {"-backups", "b", "-every",
			"0s"},
		"a prefix of nobody": {"-prefixes", "a.example=9501234"}, "a prefix alone": {"-prefixes", "9501234"},
		"a merchant without a name": {"-merchant", "a.example,"}, "half a period": {"-restored", "2026-11-26T03:00:00Z"},
		"an empty one among periods": {"-withdrawn", "2026-11-26T03:00:00Z/2026-11-26T04:00:00Z,"},
		"a period that ends first":   {"-restored", "2026-11-26T03:00:00Z/2026-11-26T02:00:00Z"},
		"less than nothing":          {"-accepts", "-1"},
	} {
		_, err := parse(t, args...)
		assert.Error(t, err, name)
	}
	o, err = parse(t, "-restored", "2026-11-26T03:00:00Z/2026-11-26T09:30:00Z")
	require.NoError(t, err)
	assert.Equal(t, 6*time.Hour+30*time.Minute, o.restored.Until.Sub(o.restored.From))
	o, err = parse(t, "-withdrawn", "2026-11-26T03:00:00Z/2026-11-26T04:00:00Z,2036-11-26T03:00:00Z/2036-11-26T05:00:00Z")
	require.NoError(t, err)
	require.Len(t, o.withdrawn, 2)
	assert.Equal(t, 2*time.Hour, o.withdrawn[1].Until.Sub(o.withdrawn[1].From))
	o, err = parse(t, "-retention", "720h", "-accepts", "5000")
	require.NoError(t, err)
	assert.Equal(t, 30*24*time.Hour, o.retention)
	assert.Equal(t, [2]int{5000, 5000}, [2]int{int(o.limits().AcceptsPerHour), o.limits().AcceptBurst})
}

// A program is the backend as it runs in a test, in process.
type program struct {
	t                 *testing.T
	stop              context.CancelFunc
	ended             chan error
	customer, manager string // addresses
	out               strings.Builder
}

// start runs the program with a database in dir until it listens.
func start(t *testing.T, dir string, args ...string) *program {
	t.Helper()
	o, err := parse(t, append([]string{"-listen", "127.0.0.1:0", "-manage", "127.0.0.1:0", "-db",
		filepath.Join(dir, "db")}, args...)...)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	p := &program{t: t, stop: stop, ended: make(chan error, 1)}
	logs, w := io.Pipe()
	go func() {
		err := run(ctx, o, &p.out, w)
		w.CloseWithError(io.EOF)
		p.ended <- err
	}()
	t.Cleanup(stop)
	lines := bufio.NewScanner(logs)
	for (p.customer == "" || p.manager == "") && lines.Scan() {
		if found := regexp.MustCompile(`for="?(\w+)[^=]* address=(\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			if found[1] == "merchants" {
				p.manager = found[2]
			} else {
				p.customer = found[2]
			}
		}
	}
	if p.customer == "" {
		t.Fatal(<-p.ended)
	}
	go io.Copy(io.Discard, logs)
	return p
}

// end stops the program and waits for it.
func (p *program) end() error {
	p.stop()
	return <-p.ended
}

func status(t *testing.T, client *http.Client, url, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}

// managementKeyOf is the key that the first start printed.
func (p *program) managementKeyOf() string {
	found := regexp.MustCompile(`management key (\S+)`).FindStringSubmatch(p.out.String())
	require.NotNil(p.t, found, p.out.String())
	return found[1]
}

func TestItStartsServesAndStops(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	key := p.managementKeyOf()
	assert.Regexp(t, `enrolment code \S+ \(store 1, 10 terminals\)`, p.out.String())
	customer, manager := "http://"+p.customer, "http://"+p.manager
	for path, want := range map[string]int{"/": 200, wire.PathHealth: 200, wire.PathReady: 200, wire.PathCampaigns: 404,
		"/metrics": 404} {
		got, body := status(t, http.DefaultClient, customer+path, key)
		assert.Equal(t, want, got, "%s for customers: %s", path, body)
	}
	for path, want := range map[string]int{"/": 200, wire.PathCampaigns: 200, "/metrics": 200, wire.PathHealth: 404,
		wire.PathDeviceVisit: 404} {
		got, body := status(t, http.DefaultClient, manager+path, key)
		assert.Equal(t, want, got, "%s for merchants: %s", path, body)
	}
	got, _ := status(t, http.DefaultClient, manager+wire.PathCampaigns, "a-wrong-management-key")
	assert.Equal(t, 401, got)
	_, text := status(t, http.DefaultClient, manager+"/metrics", "")
	assert.Contains(t, text, "# TYPE offlane_requests_total counter")
	require.NoError(t, p.end())
	_, err := http.Get(customer + wire.PathHealth)
	assert.Error(t, err, "nothing listens any more")

	again := start(t, dir)
	assert.NotContains(t, again.out.String(), key, "the key is printed once")
	assert.NotContains(t, again.out.String(), "enrolment code ", "and so is the code")
	assert.Contains(t, again.out.String(), "variables, OFFLANE_MANAGEMENT_KEY, OFFLANE_CODE:", "they have to be added")
	got, _ = status(t, http.DefaultClient, "http://"+again.manager+wire.PathCampaigns, key)
	assert.Equal(t, 200, got, "and is good after a new start")
	require.NoError(t, again.end())
}

func TestItSaysWhereItsPagesAreAndWhatIsNext(t *testing.T) {
	p := start(t, t.TempDir())
	customer, manager, printed := "http://"+p.customer, "http://"+p.manager, p.out.String()
	for _, line := range []string{
		"customers' page: " + customer + "/\n",
		"merchants' page: " + manager + "/\n",
		"the contract:    " + customer + "/openapi.yaml\n",
	} {
		assert.Contains(t, printed, line)
	}
	code := regexp.MustCompile(`enrolment code (\S+)`).FindStringSubmatch(printed)[1]
	assert.Contains(t, printed, "\n  export OFFLANE_URL="+customer+" OFFLANE_MANAGEMENT_URL="+manager+
		" OFFLANE_MANAGEMENT_KEY="+p.managementKeyOf()+" OFFLANE_CODE="+code+"\n")

	response, err := http.Get(customer + pathContract)
	require.NoError(t, err)
	defer response.Body.Close()
	contract, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "application/yaml", response.Header.Get("Content-Type"))
	assert.Equal(t, string(wire.OpenAPI()), string(contract))
	got, _ := status(t, http.DefaultClient, manager+pathContract, "")
	assert.Equal(t, 404, got, "one address is enough")
	require.NoError(t, p.end())
}

// An address of every interface is none that a browser can open.
func TestAddresses(t *testing.T) {
	for on, want := range map[string]string{
		"127.0.0.1:0": "http://127.0.0.1:", "0.0.0.0:0": "http://localhost:", ":0": "http://localhost:",
	} {
		listeners, err := listen(on)
		require.NoError(t, err)
		assert.Regexp(t, "^"+want+`\d+$`, addressOf(options{}, listeners[0]), on)
		assert.Regexp(t, "^https://", addressOf(options{cert: "c.pem"}, listeners[0]))
		leave(listeners)
	}
}

// A management key is stored when it is made and printed once: one that could not be printed would be lost.
func TestNoKeyIsMadeWhereAnAddressIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	dir := t.TempDir()
	o, err := parse(t, "-listen", taken.Addr().String(), "-manage", "127.0.0.1:0", "-db", filepath.Join(dir, "db"))
	require.NoError(t, err)
	var out strings.Builder
	require.Error(t, run(t.Context(), o, &out, io.Discard))
	assert.Empty(t, out.String())
	taken.Close()
	p := start(t, dir)
	assert.NotEmpty(t, p.managementKeyOf(), "the next start prints it")
	require.NoError(t, p.end())
}

func TestTheManagementKeyMayComeFromTheEnvironment(t *testing.T) {
	t.Setenv("OFFLANE_MANAGEMENT_KEY", "a-key-from-the-environment")
	p := start(t, t.TempDir())
	got, _ := status(t, http.DefaultClient, "http://"+p.manager+wire.PathCampaigns, "a-key-from-the-environment")
	assert.Equal(t, 200, got)
	assert.NotContains(t, p.out.String(), "a-key-from-the-environment")
	assert.Contains(t, p.out.String(), "its management key comes from OFFLANE_MANAGEMENT_KEY")
	assert.Contains(t, p.out.String(), "enrolment code ", "of a code nobody else knows")
	require.NoError(t, p.end())
}

// A coupon number is taken from the merchant to whom its prefix was assigned, and from nobody else.
func TestPrefixesBelongToMerchants(t *testing.T) {
	p := start(t, t.TempDir(), "-merchant", "a.example,b.example", "-prefixes",
		"b.example=9501234,b.example=401234,a.example=501234")
	found := regexp.MustCompile(`: management key (\S+)`).FindAllStringSubmatch(p.out.String(), -1)
	require.Len(t, found, 2)
	for i, want := range []int{http.StatusForbidden, http.StatusCreated} {
		r, err := http.NewRequest(http.MethodPost, "http://"+p.manager+wire.PathCampaigns,
			strings.NewReader(`{"id":"c","title":"C","coupon":"9501234567891"}`))
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+found[i][1])
		response, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		response.Body.Close()
		assert.Equal(t, want, response.StatusCode)
	}
	require.NoError(t, p.end())
}

func TestWithoutTheKeyOfTheEnvironmentAMerchantGetsOneOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("OFFLANE_MANAGEMENT_KEY", "a-key-from-the-environment")
	require.NoError(t, start(t, dir).end())
	t.Setenv("OFFLANE_MANAGEMENT_KEY", "")
	p := start(t, dir)
	for key, want := range map[string]int{"a-key-from-the-environment": 401, p.managementKeyOf(): 200} {
		got, _ := status(t, http.DefaultClient, "http://"+p.manager+wire.PathCampaigns, key)
		assert.Equal(t, want, got, key)
	}
	require.NoError(t, p.end())
}

func TestEachMerchantHasItsOwnKey(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, "-merchant", "a.example,b.example")
	found := regexp.MustCompile(`(\S+): management key (\S+)`).FindAllStringSubmatch(p.out.String(), -1)
	require.Len(t, found, 2, p.out.String())
	assert.Equal(t, []string{"a.example", "b.example"}, []string{found[0][1], found[1][1]})
	assert.NotEqual(t, found[0][2], found[1][2])
	for _, key := range []string{found[0][2], found[1][2]} {
		_, codes := status(t, http.DefaultClient, "http://"+p.manager+wire.PathCodes, key)
		var told wire.Codes
		require.NoError(t, json.Unmarshal([]byte(codes), &told))
		assert.Len(t, told.Codes, 1, "each sees its own code")
	}
	require.NoError(t, p.end())
	again := start(t, dir, "-merchant", "a.example,b.example,c.example")
	assert.Equal(t, 1, strings.Count(again.out.String(), ": management key "),
		"only the new one's: the others' were printed")
	require.NoError(t, again.end())

	t.Setenv("OFFLANE_MANAGEMENT_KEY", "a-key-from-the-environment")
	o, err := parse(t, "-merchant", "a.example,b.example", "-db", filepath.Join(dir, "db"))
	require.NoError(t, err)
	assert.ErrorContains(t, run(t.Context(), o, io.Discard, io.Discard), "one merchant")
}

func TestBehindAProxy(t *testing.T) {
	for _, c := range []struct {
		proxy     bool
		forwarded []string
		want      string
	}{
		{false, []string{"192.0.2.1"}, "127.0.0.1"}, {true, nil, "127.0.0.1"}, {true, []string{"192.0.2.1"}, "192.0.2.1"},
		{true, []string{"made up", "also made up, 2001:db8::1"}, "2001:db8::1"},
	} {
		r := &http.Request{RemoteAddr: "127.0.0.1:1234", Header: http.Header{"X-Forwarded-For": c.forwarded}}
		assert.Equal(t, c.want, options{proxy: c.proxy}.address(r), c)
	}
	p := start(t, t.TempDir(), "-proxy")
	campaign, err := http.NewRequest(http.MethodPost, "http://"+p.manager+wire.PathCampaigns,
		strings.NewReader(`{"id":"c","title":"C"}`))
	require.NoError(t, err)
	campaign.Header.Set("Authorization", "Bearer "+p.managementKeyOf())
	for _, ask := range []func() (*http.Response, error){
		func() (*http.Response, error) { return http.DefaultClient.Do(campaign) },
		func() (*http.Response, error) {
			return http.Post("http://"+p.customer+wire.PathDeviceOffers, wire.RequestType, strings.NewReader(`{"campaign":"c"}`))
		},
	} {
		response, err := ask()
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, http.StatusCreated, response.StatusCode)
		for _, cookie := range response.Cookies() {
			assert.True(t, cookie.Secure, "%s: the browser speaks TLS with the proxy", cookie.Name)
		}
	}
	require.NoError(t, p.end())
}

func TestARequestThatHasBegunIsAnsweredBeforeItStops(t *testing.T) {
	p := start(t, t.TempDir())
	conn, err := net.Dial("tcp", p.customer)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST "+wire.PathDeviceOffers+
		" HTTP/1.1\r\nHost: x\r\nContent-Length: 21\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	answers := bufio.NewReader(conn)
	line, err := answers.ReadString('\n') // the handler reads the body now
	require.NoError(t, err)
	require.Contains(t, line, "100 Continue")
	p.stop()
	for { // it takes no new connection
		other, err := net.Dial("tcp", p.customer)
		if err != nil {
			break
		}
		other.Close()
	}
	_, err = io.WriteString(conn, `{"campaign":"nothing"}`[:21])
	require.NoError(t, err)
	_, err = answers.ReadString('\n')
	require.NoError(t, err)
	response, err := http.ReadResponse(answers, nil)
	require.NoError(t, err)
	response.Body.Close()
	assert.Equal(t, 400, response.StatusCode, "the body is cut short")
	assert.NoError(t, <-p.ended)
}

func TestAnAddressThatIsTakenIsAnError(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	o, err := parse(t, "-listen", "127.0.0.1:0", "-manage", taken.Addr().String(), "-db", filepath.Join(t.TempDir(), "db"))
	require.NoError(t, err)
	assert.Error(t, run(t.Context(), o, io.Discard, io.Discard))
}

// certificate writes a key pair for 127.0.0.1 and returns its files and whom to trust.
func certificate(t *testing.T) (cert, key string, trusted *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), 0o600))
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	trusted = x509.NewCertPool()
	trusted.AddCert(parsed)
	return cert, key, trusted
}

func TestTLSByFile(t *testing.T) {
	cert, key, trusted := certificate(t)
	p := start(t, t.TempDir(), "-cert", cert, "-key", key)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted},
		DisableKeepAlives: true}}
	for _, url := range []string{"https://" + p.customer + wire.PathHealth, "https://" + p.customer + "/", "https://" +
		p.manager + "/"} {
		got, _ := status(t, client, url, "")
		assert.Equal(t, 200, got, url)
	}
	require.NoError(t, p.end())

	o, err := parse(t, "-listen", "127.0.0.1:0", "-manage", "127.0.0.1:0", "-db", filepath.Join(t.TempDir(), "db"),
		"-cert", cert, "-key", cert)
	require.NoError(t, err)
	assert.Error(t, run(t.Context(), o, io.Discard, io.Discard), "the key is no key")
}

func TestBackupsAreTakenWhileItRuns(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "backups")
	p := start(t, t.TempDir(), "-backups", folder, "-every", "1ms")
	deadline := time.Now().Add(time.Minute)
	var copies []string
	for len(copies) < backups.Kept { // they come by a clock: wait for the files
		require.True(t, time.Now().Before(deadline), "%d copies after a minute", len(copies))
		var err error
		copies, err = filepath.Glob(filepath.Join(folder, "offlane-*.db"))
		require.NoError(t, err)
	}
	got, _ := status(t, http.DefaultClient, "http://"+p.customer+wire.PathReady, "")
	assert.Equal(t, 200, got)
	require.NoError(t, p.end())
	copies, err := filepath.Glob(filepath.Join(folder, "offlane-*.db"))
	require.NoError(t, err)
	assert.Len(t, copies, backups.Kept, "the oldest give way")
	store, err := boltstore.Open(t.Context(), copies[len(copies)-1])
	require.NoError(t, err, "a copy is a database")
	require.NoError(t, store.Close())
}

func TestADatabaseInUseIsAnErrorThatSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	o, err := parse(t, "-listen", "127.0.0.1:0", "-manage", "127.0.0.1:0", "-db", filepath.Join(dir, "db"))
	require.NoError(t, err)
	soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = run(soon, o, io.Discard, io.Discard)
	assert.ErrorContains(t, err, "another process has")
	assert.NoError(t, errors.Join(p.end()))
}
