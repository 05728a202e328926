package transport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/wire"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string]fault.Code{
		"https://offers.example.com":             "",
		"https://offers.example.com/shop/":       "",
		"http://127.0.0.1:8080":                  "",
		"http://[::1]:8080":                      "",
		"http://localhost":                       "",
		"http://offers.example.com":              fault.TLS,
		"http://127.0.0.1.example.com":           fault.TLS,
		"ftp://127.0.0.1":                        fault.TLS,
		"":                                       fault.InvalidRequest,
		"offers.example.com":                     fault.InvalidRequest,
		"https://till:secret@offers.example.com": fault.InvalidRequest,
		"https://offers.example.com?a=b":         fault.InvalidRequest,
	} {
		_, err := transport.New(transport.Config{URL: address})
		assert.Equal(t, want, fault.CodeOf(err), address)
	}
}

func TestUnverifiedCertificatesCannotBeAskedFor(t *testing.T) {
	_, err := transport.New(transport.Config{URL: "https://offers.example.com",
		TLS: &tls.Config{InsecureSkipVerify: true}})
	assert.ErrorIs(t, err, fault.InvalidRequest)
}

func TestACertificateOfAStrangerIsRefusedAndOneOfOursTaken(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, wire.ContentType, wire.Health{Can: wire.Needed()})
	}))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	stranger, err := transport.New(transport.Config{URL: server.URL})
	require.NoError(t, err)
	_, err = stranger.Health(t.Context())
	assert.ErrorIs(t, err, fault.TLS)

	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	friend, err := transport.New(transport.Config{URL: server.URL, TLS: &tls.Config{RootCAs: pool}})
	require.NoError(t, err)
	t.Cleanup(func() { friend.Close() })
	_, err = friend.Health(t.Context())
	assert.NoError(t, err)
}

func TestNobodyListeningIsUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := "http://" + listener.Addr().String()
	require.NoError(t, listener.Close())
	client, err := transport.New(transport.Config{URL: address, Wait: time.Nanosecond})
	require.NoError(t, err)
	_, err = client.Health(t.Context())
	assert.ErrorIs(t, err, fault.Unreachable)
}

// roundTrip is a network of one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestABackendThatNeverAnswersIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		client, err := transport.New(transport.Config{URL: "http://127.0.0.1",
			RoundTripper: roundTrip(func(r *http.Request) (*http.Response, error) {
				tries++
				<-r.Context().Done()
				return nil, r.Context().Err()
			})})
		require.NoError(t, err)
		begin := time.Now()
		_, err = client.Health(t.Context())
		assert.ErrorIs(t, err, fault.Unreachable)
		assert.Equal(t, 3, tries)
		assert.InDelta(t, 90, time.Since(begin).Seconds(), 2, "three attempts of 30 seconds and two short waits")
	})
}

func TestACallerWhoGivesUpIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := transport.New(transport.Config{URL: "http://127.0.0.1",
			RoundTripper: roundTrip(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			})})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		_, err = client.Health(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorIs(t, err, fault.Unreachable)
		assert.Equal(t, time.Second, time.Since(begin))
	})
}

// behindProxy is set in a process of its own that has a proxy in its environment: Go reads that once a process.
const behindProxy = "OFFLANE_TEST_BEHIND_PROXY"

func TestProxiesComeFromTheEnvironment(t *testing.T) {
	if os.Getenv(behindProxy) != "" {
		client, err := transport.New(transport.Config{URL: "https://offers.example.com", Attempts: 1})
		require.NoError(t, err)
		_, err = client.Health(t.Context())
		assert.ErrorIs(t, err, fault.Unreachable, "the proxy refused")
		return
	}
	asked := make(chan string, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host + " " + r.Header.Get("Proxy-Authorization")
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer proxy.Close()
	args := append(strings.Fields(os.Getenv("OFFLANE_EXEC")), os.Args[0], "-test.run=^TestProxiesComeFromTheEnvironment$")
	child := exec.CommandContext(t.Context(), args[0], args[1:]...)
	address := strings.Replace(proxy.URL, "http://", "http://till:secret@", 1)
	child.Env = append(os.Environ(), behindProxy+"=1", "HTTPS_PROXY="+address, "https_proxy="+address, "NO_PROXY=",
		"no_proxy=")
	output, err := child.CombinedOutput()
	require.NoError(t, err, string(output))
	require.Len(t, asked, 1)
	assert.Equal(t, "CONNECT offers.example.com:443 Basic dGlsbDpzZWNyZXQ=", <-asked)
}

func TestTraceContextIsPassedOn(t *testing.T) {
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	type key struct{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, parent, r.Header.Get("Traceparent"))
		assert.Equal(t, "till/2", r.Header.Get("User-Agent"))
		reply(w, wire.ContentType, wire.Health{Can: wire.Needed()})
	}))
	t.Cleanup(server.Close)
	client, err := transport.New(transport.Config{URL: server.URL, UserAgent: "till/2",
		Traceparent: func(ctx context.Context) string {
			return ctx.Value(key{}).(string)
		}})
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	_, err = client.Health(context.WithValue(t.Context(), key{}, parent))
	assert.NoError(t, err)
}
