package hub_test

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

func TestTwoLanesAndOnePass(t *testing.T) {
	s := newShop(t, 2, nil)
	clients := s.connect()
	first := claimed(t, clients[0], request("a", "pass"))
	assert.Equal(t, record.ClaimGranted, first.Result)
	assert.Equal(t, record.Claim{Epoch: 1, Attempt: 1<<32 + 1}, first.Claim)
	second := claimed(t, clients[1], request("b", "pass"))
	assert.Equal(t, record.ClaimReserved, second.Result)
	assert.Equal(t, "1", second.Lane)
	assert.WithinDuration(t, time.Now(), second.At, time.Minute)

	clients[0].Tell(s.lanes[0].write(record.Redemption, "a", "pass", record.ID{}))
	assert.Eventually(t, func() bool {
		return claimed(t, clients[1], request("b", "pass")).Result == record.ClaimTaken
	}, 10*time.Second, 5*time.Millisecond, "the hub hears of the record in the background")
	assert.Equal(t, record.ClaimGranted, claimed(t, clients[1], request("b", "other")).Result)
	status := clients[1].Status()
	assert.WithinDuration(t, time.Now(), status.LastAnswer, time.Minute)
	status.LastAnswer = time.Time{}
	assert.Equal(t, record.HubStatus{Ready: true, Epoch: 1, Open: 1}, status, "the other pass is claimed")
	assert.Equal(t, uint64(1), s.server.Status().Epoch)
	assert.Empty(t, s.server.Status().Missing)
}

func TestEveryPassIsGrantedToOneLane(t *testing.T) {
	const lanes, passes = 8, 40
	s := newShop(t, lanes, nil)
	clients := s.connect()
	var mu sync.Mutex
	results := map[record.ClaimResult]int{}
	var all sync.WaitGroup
	for n := range passes {
		for _, i := range []int{n % lanes, (n + 1 + n/lanes) % lanes} {
			all.Go(func() {
				answer, err := clients[i].Claim(t.Context(), request(fmt.Sprint("sale", i, n), fmt.Sprint("pass", n)))
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				results[answer.Result]++
			})
		}
	}
	all.Wait()
	assert.Equal(t, map[record.ClaimResult]int{record.ClaimGranted: passes, record.ClaimReserved: passes}, results)
}

func TestAClaimThatCameToNothingIsGivenUp(t *testing.T) {
	s := newShop(t, 2, nil)
	clients := s.connect()
	req := request("a", "pass")
	clients[0].GiveUp(req, claimed(t, clients[0], req).Claim)
	assert.Eventually(t, func() bool {
		return claimed(t, clients[1], request("b", "pass")).Result == record.ClaimGranted
	}, 10*time.Second, 5*time.Millisecond)
}

func TestWhatTheHubAcknowledgedOutlivesIt(t *testing.T) {
	s := newShop(t, 2, nil)
	clients := s.connect()
	require.Equal(t, record.ClaimGranted, claimed(t, clients[0], request("a", "pass")).Result)
	clients[0].Tell(s.lanes[0].write(record.Redemption, "a", "pass", record.ID{}))
	require.Eventually(t, func() bool { return clients[0].Status().Untold == 0 }, 10*time.Second, time.Millisecond)
	require.Equal(t, record.ClaimGranted, claimed(t, clients[0], request("c", "open")).Result)
	s.restart(clients)
	assert.Equal(t, record.ClaimTaken, claimed(t, clients[1], request("b", "pass")).Result, "greeted again by itself")
	assert.Equal(t, record.ClaimReserved, claimed(t, clients[1], request("d", "open")).Result,
		"lane 1 is still about to record it")
	assert.Equal(t, uint64(1), s.server.Status().Epoch, "it is the same epoch")
}

func TestAProgramThatDiedGivesUpWhatItDidNotRecord(t *testing.T) {
	s := newShop(t, 2, nil)
	clients := s.connect()
	require.Equal(t, record.ClaimGranted, claimed(t, clients[0], request("a", "one")).Result)
	require.Equal(t, record.ClaimGranted, claimed(t, clients[0], request("b", "two")).Result)
	clients[0].Stop()
	s.lanes[0].write(record.Redemption, "a", "one", record.ID{}) // the hub was not told
	again := s.client(nil)
	require.NoError(t, again.Start(t.Context(), s.lanes[0]))
	t.Cleanup(again.Stop)
	require.Equal(t, record.ClaimGranted, claimed(t, again, request("x", "x")).Result, "it is ready")
	assert.Equal(t, record.ClaimTaken, claimed(t, clients[1], request("c", "one")).Result)
	assert.Equal(t, record.ClaimGranted, claimed(t, clients[1], request("d", "two")).Result)
}

func TestWhatLanesDidAloneIsToldAndConflictsComeBack(t *testing.T) {
	s := newShop(t, 2, nil)
	one := s.lanes[0].write(record.Redemption, "a", "pass", record.ID{})
	two := s.lanes[1].write(record.Redemption, "b", "pass", record.ID{})
	s.connect()
	first, second := s.lanes[0].await(t, record.HubConflict), s.lanes[1].await(t, record.HubConflict)
	assert.Equal(t, "2", first.Lane)
	assert.Equal(t, []record.ID{one, two}, []record.ID{first.Record, first.Other})
	assert.Equal(t, "1", second.Lane)
	assert.Equal(t, []record.ID{two, one}, []record.ID{second.Record, second.Other})
}

func TestAVoidAtAnotherLane(t *testing.T) {
	s := newShop(t, 2, nil)
	id := s.lanes[0].write(record.Redemption, "a", "pass", record.ID{})
	clients := s.connect()
	require.Equal(t, record.ClaimTaken, claimed(t, clients[1], request("b", "pass")).Result)
	clients[1].Tell(s.lanes[1].write(record.Void, "back", "pass", id))
	notice := s.lanes[0].await(t, record.HubVoided)
	assert.Equal(t, id, notice.Record)
	assert.Equal(t, "2", notice.Lane)
	assert.Equal(t, record.ClaimGranted, claimed(t, clients[1], request("b", "pass")).Result)
}

func TestAHubThatLostItsDiskHearsItsLanesFirst(t *testing.T) {
	s := newShop(t, 2, nil)
	s.lanes[0].write(record.Redemption, "a", "pass", record.ID{})
	clients := s.connect()
	require.Equal(t, record.ClaimTaken, claimed(t, clients[1], request("b", "pass")).Result)
	require.NoError(t, s.server.Close())
	s.dir = t.TempDir()
	s.open(s.address)
	assert.Eventually(t, func() bool { return s.server.Status().Epoch == 2 && len(s.server.Status().Missing) == 0 },
		10*time.Second, 5*time.Millisecond)
	assert.Eventually(t, func() bool { return clients[1].Status().Ready }, 10*time.Second, 5*time.Millisecond)
	assert.Equal(t, record.ClaimTaken, claimed(t, clients[1], request("b", "pass")).Result, "lane 1 told it again")
	assert.Equal(t, uint64(2), s.lanes[1].Epoch().Number)
}

func TestWhatALaneThatIsAwayCouldHoldAsks(t *testing.T) {
	s := newShop(t, 2, func(c *hub.Config) { c.Wait = time.Nanosecond })
	c := s.client(nil)
	require.NoError(t, c.Start(t.Context(), s.lanes[0]))
	t.Cleanup(c.Stop)
	answer := claimed(t, c, request("a", "pass"))
	assert.Equal(t, record.ClaimMissing, answer.Result)
	assert.Equal(t, "2", answer.Lane)
	assert.Equal(t, []string{"2"}, s.server.Status().Missing)
	req := request("a", "pass")
	req.Override = true
	assert.Equal(t, record.ClaimMissing, claimed(t, c, req).Overrode, "a manager decided")
	s.mu.Lock()
	s.blocked[s.lanes[1].id] = true
	s.mu.Unlock()
	assert.Equal(t, record.ClaimGranted, claimed(t, c, request("b", "other")).Result, "lane 2 is blocked")
}

func TestALaneRefusesAnEpochThatEnded(t *testing.T) {
	s := newShop(t, 2, nil)
	s.connect()[1].Stop()
	for what, known := range map[string]record.HubEpoch{
		"a higher number":                  {Number: 7, Key: s.lanes[0].public()},
		"another key with the same number": {Number: 1, Key: s.lanes[1].public()},
	} {
		l := newLane(2)
		l.epoch = known
		c := s.client(nil)
		require.NoError(t, c.Start(t.Context(), l))
		_, err := c.Claim(t.Context(), request("a", what))
		assert.ErrorIs(t, err, fault.HubUnreachable, what)
		assert.Contains(t, c.Status().LastError, string(fault.WrongEpoch), what)
		assert.Equal(t, known, l.Epoch(), what)
		c.Stop()
	}
	assert.Equal(t, uint64(7), s.server.Status().PassedBy, "the hub says that it was passed")
	require.NoError(t, s.server.Close())
	s.cfg.TakeOver = true
	s.open(s.address)
	l := newLane(2)
	l.epoch = record.HubEpoch{Number: 7, Key: s.lanes[0].public()}
	c := s.client(nil)
	require.NoError(t, c.Start(t.Context(), l))
	t.Cleanup(c.Stop)
	l.await(t, record.HubBack)
	assert.Equal(t, uint64(8), l.Epoch().Number)
}

func TestStrangersAreRefused(t *testing.T) {
	s := newShop(t, 2, nil)
	clients := s.connect()
	stranger := newLane(99)
	c := s.client(nil)
	require.NoError(t, c.Start(t.Context(), stranger))
	t.Cleanup(c.Stop)
	_, err := c.Claim(t.Context(), request("a", "pass"))
	assert.ErrorIs(t, err, fault.HubUnreachable, "a lane of another store")

	imposter := s.client(func(cfg *hub.ClientConfig) {
		cfg.Hosts = func() []ed25519.PublicKey { return []ed25519.PublicKey{s.lanes[1].public()} }
	})
	require.NoError(t, imposter.Start(t.Context(), s.lanes[1]))
	t.Cleanup(imposter.Stop)
	_, err = imposter.Claim(t.Context(), request("a", "pass"))
	assert.ErrorIs(t, err, fault.HubUnreachable, "a hub with a key that may not host")

	s.mu.Lock()
	s.blocked[s.lanes[1].id] = true
	s.mu.Unlock()
	_, err = clients[1].Claim(t.Context(), request("a", "pass"))
	assert.ErrorIs(t, err, fault.HubUnreachable, "a lane that was blocked while it was connected")
}

// speak sends one request on a connection of a lane, and returns the answer's status and body.
func (s *shop) speak(l *lane, request string) (status int, body string) {
	s.t.Helper()
	conn := s.dial(l)
	defer conn.Close()
	_, err := io.WriteString(conn, request)
	require.NoError(s.t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, string(raw)
}

func (s *shop) dial(l *lane) *tls.Conn {
	s.t.Helper()
	conn, err := tls.Dial("tcp", s.address, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13,
		Certificates: []tls.Certificate{*hub.Certificate(s.t, l.key)}})
	require.NoError(s.t, err)
	require.NoError(s.t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	return conn
}

func TestWhatTheHubRefuses(t *testing.T) {
	s := newShop(t, 1, nil)
	s.connect()
	name := strings.Repeat("0a", 16)
	claim := func(change ...string) string {
		body := `{"session":9,"claims":[{"attempt":1,"sale":"` + name + `","names":["` + name +
			`"],"uses":1,"allowed":1}]}`
		return strings.NewReplacer(change...).Replace(body)
	}
	for what, c := range map[string]struct {
		path, body string
		code       fault.Code
	}{
		"no JSON":               {"/v1/claims", "{", fault.Malformed},
		"another session":       {"/v1/claims", claim(), fault.StaleClaim},
		"no session":            {"/v1/claims", claim(`"session":9`, `"session":0`), fault.InvalidRequest},
		"no uses":               {"/v1/claims", claim(`"uses":1`, `"uses":0`), fault.InvalidRequest},
		"more uses than can be": {"/v1/claims", claim(`"uses":1`, `"uses":1000000000`), fault.InvalidRequest},
		"a name that is none":   {"/v1/claims", claim(name, "zz"), fault.Malformed},
		"no name":               {"/v1/claims", claim(`["`+name+`"]`, `[]`), fault.InvalidRequest},
		"too many names":        {"/v1/claims", claim(`["`+name, `["`+name+`","`+name+`","`+name), fault.InvalidRequest},
		"no claim":              {"/v1/claims", `{"session":9,"claims":[]}`, fault.InvalidRequest},
		"too many claims": {"/v1/claims", `{"session":9,"claims":[` + strings.Repeat("{},", 256) + `{}]}`,
			fault.TooLarge},
		"a large claim":           {"/v1/claims", `{"lane":"` + strings.Repeat("x", 70000) + `"}`, fault.TooLarge},
		"facts of no session":     {"/v1/facts", `{"session":1000}`, fault.StaleClaim},
		"a fact without a record": {"/v1/facts", `{"session":1,"facts":[{"kind":1}]}`, fault.InvalidRequest},
		"a fact of another kind":  {"/v1/facts", `{"session":1,"facts":[{"kind":9}]}`, fault.InvalidRequest},
	} {
		_, answer := s.speak(s.lanes[0], fmt.Sprintf("POST %s HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n"+
			"Content-Length: %d\r\n\r\n%s", c.path, len(c.body), c.body))
		assert.Contains(t, answer, "/problems/"+string(c.code)+`"`, what)
	}
}

func TestABodyWithoutEndIsRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1, nil)
	s.connect()
	conn := s.dial(s.lanes[0])
	defer conn.Close()
	_, err := fmt.Fprintf(conn, "POST /v1/facts HTTP/1.1\r\nHost: hub\r\nContent-Length: %d\r\n\r\n", 1<<30)
	require.NoError(t, err)
	sent, chunk := 0, bytes.Repeat([]byte(" "), 64<<10)
	for sent < 1<<30 {
		n, err := conn.Write(chunk)
		sent += n
		if err != nil {
			break
		}
	}
	assert.Less(t, sent, 16<<20, "the hub reads no gigabyte")
}

func TestTunnelsLeadToTheBackendAlone(t *testing.T) {
	backend, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer backend.Close()
	go func() {
		conn, err := backend.Accept()
		if err == nil {
			io.Copy(conn, conn)
			conn.Close()
		}
	}()
	s := newShop(t, 1, func(c *hub.Config) { c.Backend = backend.Addr().String() })
	clients := s.connect()
	conn, err := clients[0].DialBackend(t.Context(), "tcp", backend.Addr().String())
	require.NoError(t, err)
	_, err = io.WriteString(conn, "echo")
	require.NoError(t, err)
	echo := make([]byte, 4)
	_, err = io.ReadFull(conn, echo)
	require.NoError(t, err)
	assert.Equal(t, "echo", string(echo))
	assert.Equal(t, 1, s.server.Status().Tunnels)
	require.NoError(t, conn.Close())
	assert.Eventually(t, func() bool { return s.server.Status().Tunnels == 0 }, 10*time.Second, time.Millisecond)

	_, err = clients[0].DialBackend(t.Context(), "tcp", "127.0.0.1:1")
	assert.ErrorIs(t, err, fault.Forbidden, "another address")
}

// lines are those of a log.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// A hub warns of a backend that it cannot reach, and not of lanes for which others wait.
func TestAHubWarnsOfABackendThatIsAway(t *testing.T) {
	away, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, away.Close())
	warnings := make(lines, 1000)
	s := newShop(t, 1, func(c *hub.Config) {
		c.Backend = away.Addr().String()
		c.Logger = slog.New(slog.NewTextHandler(warnings, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})
	_, err = s.connect()[0].DialBackend(t.Context(), "tcp", away.Addr().String())
	require.ErrorIs(t, err, fault.Unavailable, "there is no backend")
	require.NoError(t, s.server.Close())
	require.Len(t, warnings, 1, "one warning")
	assert.Contains(t, <-warnings, "the backend cannot be reached")
}

func TestTheFirstQuestionToAHubThatIsAwayIsShort(t *testing.T) {
	s := newShop(t, 1, nil)
	require.NoError(t, s.server.Close())
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	for what, address := range map[string]string{"refuses": s.address, "does not speak": silent.Addr().String()} {
		c := s.client(func(cfg *hub.ClientConfig) { cfg.Address, cfg.Timeout = address, 0 })
		require.NoError(t, c.Start(t.Context(), s.lanes[0]))
		began := time.Now()
		_, err = c.Claim(t.Context(), request("a", "pass"))
		assert.ErrorIs(t, err, fault.HubUnreachable, what)
		assert.Less(t, time.Since(began), 5*time.Second, what)
		c.Stop()
	}
}

func TestConfigsThatCannotBe(t *testing.T) {
	l := newLane(1)
	for what, cfg := range map[string]hub.Config{
		"nothing":       {},
		"no lanes":      {Key: l.key},
		"a short lease": {Key: l.key, Lanes: func() []record.HubPeer { return nil }, Lease: time.Millisecond},
		"a long lease":  {Key: l.key, Lanes: func() []record.HubPeer { return nil }, Lease: 2 * time.Hour},
		"negative":      {Key: l.key, Lanes: func() []record.HubPeer { return nil }, Connections: -1},
	} {
		_, err := hub.Open(t.Context(), t.TempDir(), cfg)
		assert.ErrorIs(t, err, fault.InvalidRequest, what)
	}
	for what, cfg := range map[string]hub.ClientConfig{
		"no address": {Hosts: func() []ed25519.PublicKey { return nil }},
		"negative":   {Address: "127.0.0.1:1", Timeout: -1},
	} {
		_, err := hub.NewClient(cfg)
		assert.ErrorIs(t, err, fault.InvalidRequest, what)
	}
}
