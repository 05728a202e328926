package hub_test

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// post sends a message of a lane as it stands, and returns the answer.
func (s *shop) post(l *lane, path, body string) string {
	s.t.Helper()
	_, answer := s.speak(l, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body))
	return answer
}

// stranger is the hello of a lane that knows no epoch.
var stranger = `{"epoch":{"number":0,"key":null},"chain":"` + strings.Repeat("0c", 16) + `"}`

// newRawShop opens a hub that has heard all its lanes.
func newRawShop(t *testing.T, lanes int, change func(*hub.Config)) *shop {
	t.Helper()
	s := newShop(t, lanes, change)
	for _, l := range s.lanes {
		s.post(l, "/v1/hello", stranger)
	}
	return s
}

// hello begins a session of a lane that has told everything, and returns its number.
func (s *shop) hello(l *lane) (session uint64) {
	s.t.Helper()
	var welcome struct{ Session uint64 }
	answer := s.post(l, "/v1/hello", stranger)
	require.NoError(s.t, json.Unmarshal([]byte(answer), &welcome), "%s", answer)
	require.NotZero(s.t, welcome.Session, "%s", answer)
	assert.NotContains(s.t, s.tell(l, welcome.Session, `"all":true`), "problems")
	return welcome.Session
}

// tell sends facts or give-ups.
func (s *shop) tell(l *lane, session uint64, what string) string {
	s.t.Helper()
	return s.post(l, "/v1/facts", fmt.Sprintf(`{"session":%d,"chain":"%s",%s}`, session, strings.Repeat("0c", 16),
		what))
}

var name = strings.Repeat("0a", 16)

// claim sends a claim of the same offer in a sale of the lane's own, and returns its result, or the problem.
func (s *shop) claim(l *lane, session, attempt uint64) string {
	s.t.Helper()
	answer := s.post(l, "/v1/claims", fmt.Sprintf(
		`{"session":%d,"claims":[{"attempt":%d,"sale":"%s","names":["%s"],"uses":1,"allowed":1}]}`, session, attempt,
		l.sale(), name))
	var claims struct{ Answers []struct{ Result string } }
	if err := json.Unmarshal([]byte(answer), &claims); err != nil || len(claims.Answers) != 1 {
		return answer
	}
	return claims.Answers[0].Result
}

// sale is the name of the lane's sale.
func (l *lane) sale() string { return strings.Repeat(fmt.Sprintf("%02x", l.id[0]), 16) }

// giveUp is what a lane tells that gives an attempt up.
func (l *lane) giveUp(attempt uint64) string {
	return fmt.Sprintf(`"giveUps":[{"sale":"%s","offer":"%s","attempt":%d}]`, l.sale(), name, attempt)
}

// fact is what a lane tells of a record.
func (l *lane) fact(kind record.Kind, id, of record.ID) string {
	return fmt.Sprintf(`"facts":[{"kind":%d,"record":"%s","sale":"%s","names":["%s"],"of":"%s","at":1}]`, kind, id,
		l.sale(), name, of)
}

func TestMessagesThatComeLateOrAgain(t *testing.T) {
	s := newRawShop(t, 2, nil)
	one, two := s.lanes[0], s.lanes[1]
	old, other, session := s.hello(one), s.hello(two), s.hello(one)
	assert.Contains(t, s.claim(one, old, 9), fault.StaleClaim, "a claim of a session that ended")
	assert.Contains(t, s.tell(one, old, one.giveUp(9)), fault.StaleClaim, "a give-up of a session that ended")
	assert.Contains(t, s.claim(one, session+1, 9), fault.StaleClaim, "a claim of a session that did not begin")

	require.Equal(t, "granted", s.claim(one, session, 3))
	assert.Equal(t, "stale", s.claim(one, session, 3), "the same claim again")
	assert.Equal(t, "stale", s.claim(one, session, 2), "an older claim that comes late")
	s.tell(one, session, one.giveUp(2))
	assert.Equal(t, "reserved", s.claim(two, other, 1), "an older give-up frees nothing")
	s.tell(two, other, two.giveUp(9))
	assert.Equal(t, "stale", s.claim(two, other, 2), "a claim that its give-up overtook")
	assert.Equal(t, "stale", s.claim(one, session, 1), "another lane's give-up changes nothing")
	s.tell(one, session, one.giveUp(3))
	assert.Equal(t, "stale", s.claim(one, session, 3), "a claim that was given up, again")
	require.Equal(t, "granted", s.claim(two, other, 10), "what was given up is free")

	id, void := record.NewID(), record.NewID()
	for range 2 {
		s.tell(two, other, two.fact(record.Redemption, id, record.ID{}))
		s.tell(two, other, two.giveUp(11))
		assert.Equal(t, "taken", s.claim(one, session, 4), "what was redeemed is not given up")
	}
	s.tell(one, session, one.fact(record.Void, void, id))
	require.Equal(t, "granted", s.claim(one, session, 5), "the void frees the offer")
	s.tell(one, session, one.fact(record.Redemption, record.NewID(), record.ID{}))
	s.tell(two, other, two.fact(record.Redemption, id, record.ID{}))
	s.tell(one, session, one.fact(record.Void, void, id))
	assert.Equal(t, "taken", s.claim(two, other, 12), "the void that comes again frees nothing, nor does the redemption")
	assert.Equal(t, 2, s.server.Status().Claims, "one claim of each lane")
}

func TestAnEpochAfterWhichNoneCanBeginIsRefused(t *testing.T) {
	s := newShop(t, 1, nil)
	for _, number := range []string{"18446744073709551615", "9007199254740992"} {
		answer := s.post(s.lanes[0], "/v1/hello", `{"epoch":{"number":`+number+`,"key":""}}`)
		assert.Contains(t, answer, fault.InvalidRequest, number)
	}
	s.hello(s.lanes[0])
	assert.Equal(t, uint64(1), s.server.Status().Epoch, "the hub begins with its own")
}

// Leases go by the count since boot: the offer stays reserved until that says so, and asks from then on.
func TestLeasesGoByTheCountSinceBoot(t *testing.T) {
	var count atomic.Int64
	s := newRawShop(t, 2, func(c *hub.Config) {
		c.Lease = time.Hour
		c.SinceBoot = func() time.Duration { return time.Duration(count.Load()) }
	})
	one, two := s.hello(s.lanes[0]), s.hello(s.lanes[1])
	require.Equal(t, "granted", s.claim(s.lanes[0], one, 1))
	for n, c := range []struct {
		count  time.Duration
		result record.ClaimResult
	}{
		{0, record.ClaimReserved}, {time.Hour - 1, record.ClaimReserved}, {time.Hour, record.ClaimSilent},
		{365 * 24 * time.Hour, record.ClaimSilent},
	} {
		count.Store(int64(c.count))
		assert.Equal(t, string(c.result), s.claim(s.lanes[1], two, uint64(n)+1), "after %s", c.count)
	}
}

// A body that does not say how long it is, is read up to the limit of its path.
func TestABodyOfUnknownLengthIsRefused(t *testing.T) {
	s := newShop(t, 1, nil)
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 16<<10, strings.Repeat(" ", 16<<10))
	for path, chunks := range map[string]int{"/v1/hello": 1, "/v1/claims": 5, "/v1/facts": 17} {
		status, answer := s.speak(s.lanes[0], "POST "+path+" HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n"+
			"Transfer-Encoding: chunked\r\n\r\n"+strings.Repeat(chunk, chunks))
		assert.Equal(t, 413, status, path)
		assert.Contains(t, answer, fault.TooLarge, path)
	}
}

// Connections beyond the bound wait outside. Lanes that are connected are served meanwhile.
func TestManyConnectionsHoldNoLaneUp(t *testing.T) {
	const most, many = 20, 400
	s := newShop(t, 2, func(c *hub.Config) { c.Connections, c.PerAddress = most, most })
	c := s.connect()
	var silent []net.Conn
	defer func() {
		for _, conn := range silent {
			conn.Close()
		}
	}()
	for range many {
		conn, err := (&net.Dialer{Timeout: waitLong}).DialContext(t.Context(), "tcp", s.address)
		if err != nil {
			break // the system's queue is full
		}
		silent = append(silent, conn)
	}
	require.Greater(t, len(silent), most, "connections are open")
	for n := range 10 {
		answer := claimed(t, c[n%2], request(fmt.Sprint("sale ", n), fmt.Sprint("pass ", n)))
		assert.Equal(t, record.ClaimGranted, answer.Result, "claim %d", n)
	}
	for _, conn := range silent {
		require.NoError(t, conn.Close())
	}
	assert.Contains(t, s.post(s.lanes[0], "/v1/claims", "{"), fault.Malformed, "there is room again")
}

// A hub whose places are all taken closes.
func TestAHubThatIsFullCloses(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1, func(c *hub.Config) { c.Connections = 1 })
	for range 3 {
		conn, err := net.Dial("tcp", s.address)
		require.NoError(t, err)
		defer conn.Close()
	}
	began := time.Now()
	require.NoError(t, s.server.Close())
	assert.Less(t, time.Since(began), 3*time.Second, "no handshake is waited for, which may take 5 seconds")
}
