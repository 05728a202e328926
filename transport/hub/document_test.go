package hub_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// elsewhere are codes of the document that this package's tests cannot bring about: package sim fills the hub's disk.
var elsewhere = []string{string(fault.DiskFull), string(fault.Internal)}

// A hub answers every call with every code that the document lists, and with no other: the witness of a shop sees to
// that.
func TestTheHubAnswersAllThatTheDocumentLists(t *testing.T) {
	s := newShop(t, 2, func(c *hub.Config) { c.Wait = time.Hour })
	one := s.lanes[0]
	assert.Contains(t, s.post(one, "/v1/hello", stranger), fault.Unavailable, "it hears which epochs lanes know")
	s.post(s.lanes[1], "/v1/hello", stranger)
	for path, limit := range map[string]int{"/v1/hello": 4 << 10, "/v1/claims": 64 << 10, "/v1/facts": 256 << 10} {
		for what, body := range map[string]string{
			"malformed": "{", "too large": strings.Repeat(" ", limit+1),
			"invalid": `{"session":0,"epoch":{"number":9007199254740992,"key":null}}`,
		} {
			assert.Contains(t, s.post(one, path, body), "/problems/", "%s: %s", path, what)
		}
	}
	assert.Contains(t, s.post(one, "/v1/hello", strings.Replace(stranger, `:0`, `:7`, 1)), fault.WrongEpoch)
	s.post(one, "/v1/hello", stranger)
	assert.Contains(t, s.claim(one, 9, 1), fault.StaleClaim)
	assert.Contains(t, s.tell(one, 9, `"all":true`), fault.StaleClaim)
	assert.Contains(t, s.claim(one, 1, 1), fault.Unavailable, "it waits for what lanes hold")
	two := s.hello(s.lanes[1])
	assert.Contains(t, s.post(one, "/v1/dance", "{}"), fault.NotFound, "there is no such call")
	s.tell(one, 1, `"all":true`)
	require.Equal(t, "granted", s.claim(one, 1, 1))
	assert.Equal(t, "reserved", s.claim(s.lanes[1], two, 1), "lane 1 is about to redeem it")
	s.refuseBlocked(one)
	s.answerWithoutEpoch()
	s.answerClosed()

	doc, err := readDocument()
	require.NoError(t, err)
	var listed []string
	for _, item := range doc.Paths.Map() {
		for _, code := range codesOf(item.Post) {
			if !slices.Contains(elsewhere, code) {
				listed = append(listed, item.Post.OperationID+" "+code)
			}
		}
		listed = append(listed, item.Post.OperationID+" 200")
	}
	slices.Sort(listed)
	assert.Equal(t, listed, s.seen())
}

// refuseBlocked blocks a lane on whose connection the hub answered, and lets it work again.
func (s *shop) refuseBlocked(l *lane) {
	for _, path := range []string{"/v1/hello", "/v1/claims", "/v1/facts"} {
		conn := s.dial(l)
		defer conn.Close()
		status, _ := s.exchange(conn, "/v1/none", "{}")
		require.Equal(s.t, http.StatusNotFound, status)
		s.block(l, true)
		_, answer := s.exchange(conn, path, "{}")
		assert.Contains(s.t, answer, fault.Forbidden, path)
		s.block(l, false)
	}
}

// exchange sends a request on a connection that stays, and returns the answer's status and body.
func (s *shop) exchange(conn *tls.Conn, path, body string) (int, string) {
	s.t.Helper()
	_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\n\r\n%s", path, len(body), body)
	require.NoError(s.t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(s.t, err)
	raw, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, string(raw)
}

func (s *shop) block(l *lane, blocked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocked[l.id] = blocked
}

// answerWithoutEpoch has a hub asked that has no epoch yet.
func (s *shop) answerWithoutEpoch() {
	require.NoError(s.t, s.server.Close())
	s.dir = s.t.TempDir()
	s.open(s.address)
	assert.Contains(s.t, s.claim(s.lanes[0], 1, 1), fault.Unavailable)
	assert.Contains(s.t, s.tell(s.lanes[0], 1, `"all":true`), fault.Unavailable)
	for _, l := range s.lanes {
		s.post(l, "/v1/hello", stranger)
	}
}

// answerClosed has a hub asked whose journal is closed.
func (s *shop) answerClosed() {
	session := s.hello(s.lanes[0])
	require.NoError(s.t, s.server.CloseJournal())
	assert.Contains(s.t, s.post(s.lanes[0], "/v1/hello", stranger), fault.Closed)
	assert.Contains(s.t, s.claim(s.lanes[0], session, 1), fault.Closed)
	assert.Contains(s.t, s.tell(s.lanes[0], session, s.lanes[0].fact(record.Redemption, record.NewID(), record.ID{})),
		fault.Closed)
}
