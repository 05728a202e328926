package hub_test

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

var connections = flag.Int("connections", 2000, "how many connections a stranger opens to a hub")

// A stranger who opens thousands of connections has a part of them, and lanes of other machines work meanwhile.
func TestAStrangerKeepsNoLaneOut(t *testing.T) {
	const most, each = 1000, 250
	s := newShop(t, 1, func(c *hub.Config) { c.Connections = most }) // and each a quarter of them
	before := heap()
	stranger := s.open127(*connections)
	defer stranger.close()
	await(t, "the hub has closed what comes beyond", func() bool { return s.server.Status().Connections == each })
	grown := heap() - before
	t.Logf("%d connections of a stranger: the hub has %d, and %d bytes of heap more for each", stranger.opened, each,
		grown/each)
	assert.Less(t, grown/each, int64(64<<10), "bytes of heap for each connection, the test's own end included")

	if runtime.GOOS == "darwin" {
		t.Skip("macOS has no second loopback address")
	}
	other, err := net.ResolveTCPAddr("tcp", "127.0.0.2:0")
	require.NoError(t, err)
	c := s.client(func(cfg *hub.ClientConfig) { cfg.Dial = (&net.Dialer{LocalAddr: other}).DialContext })
	require.NoError(t, c.Start(t.Context(), s.lanes[0]))
	defer c.Stop()
	s.lanes[0].await(t, record.HubBack)
	for n := range 10 {
		answer := claimed(t, c, request(fmt.Sprint("sale ", n), fmt.Sprint("pass ", n)))
		assert.Equal(t, record.ClaimGranted, answer.Result, "claim %d of another machine", n)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// A crowd is many connections of one machine.
type crowd struct {
	opened int
	mu     sync.Mutex // guards conns
	conns  []net.Conn
}

func (c *crowd) close() {
	for _, conn := range c.conns {
		conn.Close()
	}
}

// open127 opens connections that say nothing.
func (s *shop) open127(n int) *crowd {
	s.t.Helper()
	var c crowd
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range n / 8 {
				conn, err := net.Dial("tcp", s.address)
				if errors.Is(err, syscall.EMFILE) || os.IsTimeout(err) {
					return // the machine has no more
				}
				if err != nil {
					continue // the hub closed it at once
				}
				c.mu.Lock()
				c.conns = append(c.conns, conn)
				c.mu.Unlock()
			}
		})
	}
	all.Wait()
	c.opened = len(c.conns)
	require.Greater(s.t, c.opened, 1000, "connections were opened")
	return &c
}
