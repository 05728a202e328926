package sim

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A hub that ignores the attempt of a give-up takes one that arrives late for the end of the claim that came after it.
// In the trouble of some store's day it is found out, and one that does not is not.
func TestAHubThatIgnoresAttemptsIsFoundOut(t *testing.T) {
	inLongTests(t)
	day := func(seed uint64, ignores bool) (histories map[offerIn][]porcupine.Operation) {
		synctest.Test(t, func(t *testing.T) {
			s := newHubStore(t, seed, 4, 20)
			s.lease = time.Second
			for _, h := range s.hosts {
				h.front = (&attemptsIgnored{key: h.key, store: s, ignores: ignores}).serve
			}
			s.crashHub()
			s.startHub()
			s.run(60, s.weather)
			histories = s.claimHistories()
			s.close()
		})
		return histories
	}
	const first, most = 2, 20 // in the day of this first seed it is nearly always found out
	assert.False(t, isFoundOut(day(first, false)), "what stands before the hub changes nothing by itself")
	stores := 1
	for stores <= most && !isFoundOut(day(first+uint64(stores-1), true)) {
		stores++
	}
	assert.LessOrEqual(t, stores, most, "the store in which the hub is found out")
}

// isFoundOut reports whether a history fits no order. One that takes long to see through counts for nothing; it is
// looked at outside of a bubble, where time goes on meanwhile.
func isFoundOut(histories map[offerIn][]porcupine.Operation) bool {
	for _, history := range histories {
		if porcupine.CheckOperationsTimeout(claimModel, history, 5*time.Second) == porcupine.Illegal {
			return true
		}
	}
	return false
}

// attemptsIgnored stands before a hub, with its key, and gives every give-up the highest attempt that was made.
type attemptsIgnored struct {
	key     ed25519.PrivateKey
	store   *hubStore
	ignores bool // false: it changes nothing

	mu      sync.Mutex // guards highest
	highest map[string]uint64
}

// serve takes the connections of lanes and hands what they ask to a hub that listens behind it.
func (a *attemptsIgnored) serve(front, behind *switchboard) (end func()) {
	a.highest = map[string]uint64{}
	own := certificateOf(a.store.t, a.key)
	server := &http.Server{Handler: &relay{attemptsIgnored: a, behind: behind, ways: map[string]*http.Transport{}},
		ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS13,
			ClientAuth: tls.RequireAnyClientCert}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.ServeTLS(front, "", "")
	}()
	return func() {
		server.Close()
		<-ended
		server.Handler.(*relay).close()
	}
}

func certificateOf(t require.TestingT, key crypto.Signer) tls.Certificate {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// A relay asks a hub in the name of lanes.
type relay struct {
	*attemptsIgnored
	behind *switchboard

	ways map[string]*http.Transport // by the lane's key; guarded by mu
}

// way leads to the hub with the key of the lane that asked.
func (r *relay) way(lane string) *http.Transport {
	r.mu.Lock()
	defer r.mu.Unlock()
	if way := r.ways[lane]; way != nil {
		return way
	}
	config := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}
	for _, l := range r.store.seats {
		if key := l.key.Load(); key != nil && string((*key).Public().(ed25519.PublicKey)) == lane {
			config.Certificates = []tls.Certificate{certificateOf(r.store.t, *key)}
		}
	}
	r.ways[lane] = &http.Transport{TLSClientConfig: config,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			here, there := net.Pipe()
			select {
			case r.behind.conns <- there:
				return here, nil
			case <-r.behind.closed:
			case <-ctx.Done():
			}
			return nil, errLine
		}}
	return r.ways[lane]
}

func (r *relay) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, way := range r.ways {
		way.CloseIdleConnections()
	}
}

func (r *relay) ServeHTTP(w http.ResponseWriter, in *http.Request) {
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return
	}
	lane := string(in.TLS.PeerCertificates[0].PublicKey.(ed25519.PublicKey))
	out, err := http.NewRequestWithContext(in.Context(), in.Method, "https://hub"+in.URL.Path,
		bytes.NewReader(r.change(lane, body)))
	if err != nil {
		return
	}
	out.Header = in.Header.Clone()
	answer, err := r.way(lane).RoundTrip(out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer answer.Body.Close()
	w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body)
}

// change notes the attempts of claims, and changes those of give-ups.
func (a *attemptsIgnored) change(lane string, body []byte) []byte {
	if !a.ignores {
		return body
	}
	var m map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&m) != nil {
		return body
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range listOf(m["claims"]) {
		names := c["names"].([]any)
		of := lane + c["sale"].(string) + names[0].(string)
		a.highest[of] = max(a.highest[of], numberOf(c["attempt"]))
	}
	for _, g := range listOf(m["giveUps"]) {
		g["attempt"] = max(a.highest[lane+g["sale"].(string)+g["offer"].(string)], numberOf(g["attempt"]))
	}
	changed, err := json.Marshal(m)
	require.NoError(a.store.t, err)
	return changed
}

func listOf(field any) (all []map[string]any) {
	list, _ := field.([]any)
	for _, one := range list {
		all = append(all, one.(map[string]any))
	}
	return all
}

func numberOf(field any) uint64 {
	n, _ := field.(json.Number).Int64()
	return uint64(n)
}
