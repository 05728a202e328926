package hub_test

import (
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/hub"
)

// listenFor has a backend whose connections are handled so, and returns its address.
func listenFor(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	backend, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { backend.Close() })
	go func() {
		for {
			conn, err := backend.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return backend.Addr().String()
}

// running counts the goroutines that run a function.
func running(function string) int {
	room := make([]byte, 8<<20)
	return strings.Count(string(room[:runtime.Stack(room, true)]), function+"(")
}

// A hub that was closed has no tunnel left, whether nobody speaks in it, or a lane does not read what comes.
func TestNoTunnelOutlivesClose(t *testing.T) {
	const tunnels = 10
	for what, speak := range map[string]func(net.Conn){
		"nobody speaks":        func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) },
		"a lane reads nothing": func(conn net.Conn) { _, _ = io.Copy(conn, endless{}) },
	} {
		address := listenFor(t, speak)
		s := newShop(t, 1, func(c *hub.Config) { c.Backend = address })
		client := s.connect()[0]
		for range tunnels {
			conn, err := client.DialBackend(t.Context(), "tcp", address)
			require.NoError(t, err, what)
			defer conn.Close()
		}
		require.Equal(t, tunnels, s.server.Status().Tunnels, what)
		client.Stop()
		require.Eventually(t, func() bool { return running("hub.carry") == 2*tunnels }, 10*time.Second, time.Millisecond,
			"%s: both ways of each tunnel are carried", what)
		before := time.Now()
		require.NoError(t, s.server.Close(), what)
		assert.Zero(t, running("hub.carry"), "%s: a tunnel is carried on after Close", what)
		assert.Zero(t, running("hub.(*Server).connect"), "%s: a tunnel is there after Close", what)
		assert.Less(t, time.Since(before), 5*time.Second, "%s: no lane holds Close up", what)
	}
}

// endless is what a backend has to say that never ends.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }
