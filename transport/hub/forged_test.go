package hub_test

import (
	"crypto/ed25519"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// A forger answers as a hub does, or not. Its answers are those of a good hub unless a test changes them.
type forger struct {
	key                    ed25519.PrivateKey
	welcome, claims, facts string
}

// newForger has the key of a lane.
func newForger(l *lane) *forger {
	return &forger{
		key: l.key, facts: `{"epoch":3}`, claims: `{"epoch":3,"answers":[{"result":"granted"}]}`,
		welcome: fmt.Sprintf(`{"epoch":{"number":3,"key":"%s"},"session":1,"told":0,"leaseMillis":10000}`, encoded(l)),
	}
}

// encoded is the lane's public key in JSON.
func encoded(l *lane) string { return base64.StdEncoding.EncodeToString(l.public()) }

func (f *forger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	answer := map[string]string{"/v1/hello": f.welcome, "/v1/claims": f.claims, "/v1/facts": f.facts}[r.URL.Path]
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, answer)
}

// listen serves until the test ends, and returns the address.
func (f *forger) listen(t *testing.T) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{MinVersion: tls.VersionTLS13,
		Certificates: []tls.Certificate{*hub.Certificate(t, f.key)}, ClientAuth: tls.RequireAnyClientCert})
	require.NoError(t, err)
	server := &http.Server{Handler: f, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

// ask has lane 2 claim an offer of the forger; only lane 1's key may host.
func (f *forger) ask(t *testing.T, l *lane) (record.ClaimAnswer, *hub.Client, error) {
	t.Helper()
	c, err := hub.NewClient(hub.ClientConfig{Address: f.listen(t), Timeout: waitLong,
		Hosts: func() []ed25519.PublicKey { return []ed25519.PublicKey{newLane(1).public()} }})
	require.NoError(t, err)
	require.NoError(t, c.Start(t.Context(), l))
	t.Cleanup(c.Stop)
	answer, err := c.Claim(t.Context(), request("a", "pass"))
	return answer, c, err
}

func TestAForgedAnswerGrantsNothing(t *testing.T) {
	answer, _, err := newForger(newLane(1)).ask(t, newLane(2))
	require.NoError(t, err)
	require.Equal(t, record.ClaimGranted, answer.Result, "what is not forged is taken")
	other := encoded(newLane(3))
	replace := func(of func(*forger) *string, old, new string) func(*forger) {
		return func(f *forger) { *of(f) = strings.Replace(*of(f), old, new, 1) }
	}
	welcome := func(f *forger) *string { return &f.welcome }
	claims := func(f *forger) *string { return &f.claims }
	facts := func(f *forger) *string { return &f.facts }
	for what, c := range map[string]struct {
		change func(*forger)
		says   fault.Code
		late   bool // the lane took the welcome
	}{
		"another certificate":      {func(f *forger) { f.key = newLane(3).key }, fault.TLS, false},
		"another's key":            {replace(welcome, encoded(newLane(1)), other), fault.WrongEpoch, false},
		"a lower epoch":            {replace(welcome, `:3`, `:1`), fault.WrongEpoch, false},
		"the last number there is": {replace(welcome, `:3`, `:18446744073709551615`), fault.NotTheContract, false},
		"no session":               {replace(welcome, `n":1`, `n":0`), fault.NotTheContract, false},
		"no lease":                 {replace(welcome, `10000`, `0`), fault.NotTheContract, false},
		"a long lease":             {replace(welcome, `10000`, `9000000000`), fault.NotTheContract, false},
		"a welcome without end":    {replace(welcome, `{`, strings.Repeat(" ", 2<<20)), fault.NotTheContract, false},
		"facts of another epoch":   {replace(facts, `:3`, `:4`), fault.WrongEpoch, true},
		"claims of another epoch":  {replace(claims, `:3`, `:4`), fault.StaleClaim, true},
		"no answer":                {replace(claims, `{"result":"granted"}`, ``), fault.NotTheContract, true},
		"two answers":              {replace(claims, `[`, `[{"result":"granted"},`), fault.NotTheContract, true},
		"another result":           {replace(claims, "granted", "allow"), fault.NotTheContract, true},
		"an empty result":          {replace(claims, "granted", ""), fault.NotTheContract, true},
		"no JSON":                  {replace(claims, `{`, "granted"), fault.NotTheContract, true},
	} {
		t.Run(what, func(t *testing.T) {
			f, l := newForger(newLane(1)), newLane(2)
			known := record.HubEpoch{Number: 2, Key: newLane(3).public()}
			l.epoch = known
			c.change(f)
			answer, client, err := f.ask(t, l)
			assert.ErrorIs(t, err, fault.HubUnreachable, "the lane decides alone")
			assert.Zero(t, answer, "nothing is granted")
			assert.Contains(t, fmt.Sprint(err, client.Status().LastError), string(c.says), "the lane says why")
			if !c.late {
				assert.Equal(t, known, l.Epoch(), "the lane keeps the epoch that it knows")
			}
		})
	}
}

// A host that takes no TLS, or breaks off, is a hub that does not answer.
func TestAHostThatDoesNotSpeakTheProtocol(t *testing.T) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: newForger(newLane(1))}
	go server.Serve(plain)
	t.Cleanup(func() { server.Close() })
	c, err := hub.NewClient(hub.ClientConfig{Address: plain.Addr().String(), Timeout: waitLong,
		Hosts: func() []ed25519.PublicKey { return []ed25519.PublicKey{newLane(1).public()} }})
	require.NoError(t, err)
	require.NoError(t, c.Start(t.Context(), newLane(2)))
	t.Cleanup(c.Stop)
	_, err = c.Claim(t.Context(), request("a", "pass"))
	assert.ErrorIs(t, err, fault.HubUnreachable, "a host without TLS")
}
